package dev.jloop.transports;

import dev.jloop.core.EventLoop;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/// Finds the addresses of names, and the names of addresses.
///
/// Connections and servers on the sockets of this machine ask it for names; literal addresses
/// bypass it. Another one is put in place before the first name is resolved:
///
/// ```java
/// loop.provideService(Resolver.class, host -> myDirectory.addressesOf(host));
/// ```
///
/// An implementation is direct style: it may suspend, several coroutines may call it at once, and
/// the one that calls may be cancelled. Code that blocks a thread goes through `toThread`. One that
/// is `AutoCloseable` is closed with the loop.
///
/// **Threading:** coroutines of the loop only.
///
/// The semantics are those of `getaddrinfo` and `getnameinfo` of an event loop in Python's
/// `asyncio`.
///
/// @since 0.1
@FunctionalInterface
public interface Resolver {
    /// {@return the resolver of a loop: the one provided, else the one of the operating system with
    /// the default settings}
    ///
    /// @param loop the loop
    static Resolver of(EventLoop loop) {
        return loop.service(Resolver.class, owner -> system(owner, ResolverOptions.DEFAULTS));
    }

    /// {@return a resolver that asks the JDK's, and so usually the operating system, on threads of
    /// its own} It belongs to the loop it is provided to with `loop.provideService(Resolver.class,
    /// ...)`, and is closed with it.
    ///
    /// - A lookup has a deadline, by the clock of the loop, and fails with a
    ///   [ResolverTimeoutException] when that has passed. A coroutine that is cancelled returns at
    ///   once. The thread goes on until the operating system answers.
    /// - Lookups of one name at the same time share one query, so a name never takes more than one
    ///   thread.
    /// - Answers are remembered for a few seconds, see
    ///   [ResolverOptions#withCacheTime(java.time.Duration)].
    /// - A query that takes longer than a second no longer counts against
    ///   [ResolverOptions#withThreads(int)], so names that are stuck delay others by a second at
    ///   most, as long as not more than four times as many threads are busy. Beyond that, further
    ///   lookups wait up to their deadline for a thread.
    /// - In debug mode queries that take longer than 100 ms are logged.
    ///
    /// Names are compared without regard to case.
    ///
    /// @param loop the loop whose coroutines will use it
    /// @param options the settings
    static Resolver system(EventLoop loop, ResolverOptions options) {
        return new SystemResolver(loop, options);
    }

    /// Finds the addresses of a host. Suspends, or returns at once where the answer is known.
    ///
    /// @param host a name, or an address in literal form
    /// @return at least one address, in order of preference
    /// @throws UnknownHostException if there is none; the message names the host
    /// @throws IOException if the answer cannot be found
    List<InetAddress> resolve(String host) throws IOException;

    /// Finds the name of an address. Suspends, or returns at once where the answer is known.
    ///
    /// @param address the address
    /// @return the full name, never a literal address
    /// @throws UnknownHostException if there is none, or this resolver does not look for any; the
    ///   message names the address
    /// @throws IOException if the answer cannot be found
    default String nameOf(InetAddress address) throws IOException {
        throw new UnknownHostException(
                "cannot find the name of "
                        + address.getHostAddress()
                        + ": this resolver finds addresses only");
    }
}

package dev.jloop.transports;

import dev.jloop.core.Async;
import dev.jloop.core.CancelledError;
import dev.jloop.core.EventLoop;
import dev.jloop.core.TimedOutException;
import dev.jloop.core.Timeout;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;

/// Connects to one target, whose addresses race (RFC 8305), and says what went wrong when none can
/// be reached. Serves once.
///
/// Cancelled at any moment it leaves no connection behind.
final class Connector {
    private final EventLoop loop;
    private final Network network;
    private final String target;
    private final ConnectOptions options;
    private List<Attempt> attempts = List.of();

    /// @param target what the user asked for, for messages
    Connector(EventLoop loop, String target, ConnectOptions options) {
        this.loop = loop;
        network = Network.of(loop);
        this.target = target;
        this.options = options;
    }

    /// Suspends.
    Network.Link connect(String host, int port) throws IOException {
        return inTime(() -> {
            var found = Addresses.of(network, host);
            var ordered = FamilyOrder.interleave(found, options.interleave());
            return connectToAny(
                    ordered.stream().map(ip -> new InetSocketAddress(ip, port)).toList());
        });
    }

    /// Suspends.
    Network.Link connect(SocketAddress address) throws IOException {
        return inTime(() -> connectToAny(List.of(address)));
    }

    @FunctionalInterface
    private interface Connecting {
        Network.Link call() throws IOException;
    }

    private Network.Link inTime(Connecting connecting) throws IOException {
        var limit = options.timeout();
        if (limit == null) {
            return connecting.call();
        }
        var scope = Timeout.after(limit);
        try {
            return scope.<Network.Link, IOException>call(connecting::call);
        } catch (TimedOutException timedOut) {
            if (!scope.expired()) {
                throw timedOut;
            }
            throw new ConnectFailure(target, attempts).timedOut(limit, timedOut);
        }
    }

    /// @param addresses at least one
    private Network.Link connectToAny(List<? extends SocketAddress> addresses) throws IOException {
        var locals = LocalAddresses.resolved(network, options.localAddresses());
        attempts = attempts(addresses, locals);
        try {
            var decisive = mayRace(locals) ? race() : oneAfterTheOther();
            if (decisive != null) {
                return decisive.take();
            }
        } catch (CancelledError cancelled) {
            cancelled.addSuppressed(new ConnectFailure(target, attempts).cancelled());
            throw cancelled;
        } finally {
            attempts.forEach(Attempt::discard);
        }
        var failure = new ConnectFailure(target, attempts);
        throw options.allErrors() ? failure.group() : failure.combined();
    }

    private List<Attempt> attempts(List<? extends SocketAddress> addresses, LocalAddresses locals)
            throws SocketException {
        var suiting =
                addresses.stream()
                        .filter(remote -> !locals.leadingTo(remote).isEmpty())
                        .map(remote -> new Attempt(loop, network, remote, locals.leadingTo(remote)))
                        .toList();
        if (suiting.isEmpty()) {
            throw new SocketException(
                    "cannot connect to "
                            + target
                            + " from local address "
                            + locals.text()
                            + ": it is of another family than "
                            + addresses.stream()
                                    .map(Addresses::text)
                                    .collect(Collectors.joining(", ")));
        }
        return suiting;
    }

    private boolean mayRace(LocalAddresses locals) {
        // Two attempts from one port would fail with "Address already in use".
        return attempts.size() > 1
                && !options.happyEyeballsDelay().isZero()
                && !locals.haveFixedPort();
    }

    /// {@return the attempt that has decided the matter, or null if all have failed}
    private @Nullable Attempt oneAfterTheOther() {
        for (var attempt : attempts) {
            attempt.run();
            if (attempt.isDecisive()) {
                return attempt;
            }
        }
        return null;
    }

    private @Nullable Attempt race() {
        var starters =
                attempts.stream()
                        .<Callable<@Nullable Attempt>>map(attempt -> () -> decide(attempt))
                        .toList();
        var decisive = Async.staggeredRace(starters, options.happyEyeballsDelay()).value();
        attempts.stream().filter(attempt -> attempt != decisive).forEach(Attempt::reportBug);
        return decisive;
    }

    private static Attempt decide(Attempt attempt) throws IOException {
        attempt.run();
        if (!attempt.isDecisive()) {
            throw new IOException(attempt.failure());
        }
        return attempt;
    }
}

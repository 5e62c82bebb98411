package dev.jloop.transports;

import org.jspecify.annotations.Nullable;

import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/// Settings for making a connection. Immutable; start from [#DEFAULTS].
///
/// @since 0.1
public final class ConnectOptions {
    /// No TLS, any local address, happy eyeballs with 250 ms between two attempts, and one combined
    /// error when all addresses fail.
    public static final ConnectOptions DEFAULTS = new ConnectOptions();

    // Never written once an instance has left the method that made it.
    private @Nullable TlsOptions tls;
    private List<SocketAddress> localAddresses = List.of();
    private Duration happyEyeballsDelay = Duration.ofMillis(250);
    private int interleave = 1;
    private boolean allErrors;
    private @Nullable Duration timeout;

    private ConnectOptions() {}

    private ConnectOptions copy() {
        var copy = new ConnectOptions();
        copy.tls = tls;
        copy.localAddresses = localAddresses;
        copy.happyEyeballsDelay = happyEyeballsDelay;
        copy.interleave = interleave;
        copy.allErrors = allErrors;
        copy.timeout = timeout;
        return copy;
    }

    /// {@return these settings with a connection that is secured with TLS} Connecting ends when the
    /// handshake has; `connectionMade` comes after it, and not at all where it fails.
    ///
    /// @param tls the settings of a client; where no host name is given to connect to, with a
    ///   server name
    /// @throws IllegalArgumentException if they are those of a server
    public ConnectOptions withTls(TlsOptions tls) {
        if (tls.side() != TlsOptions.Side.CLIENT) {
            throw new IllegalArgumentException(
                    "connecting needs TlsOptions.client(context), not those of a server");
        }
        var copy = copy();
        copy.tls = tls;
        return copy;
    }

    /// {@return these settings with a local address to connect from} Only remote addresses of its
    /// family are tried; where there is none, connecting fails with an error that names both.
    ///
    /// @param local an address of this machine; port 0 means any. The wildcard address stands for
    ///   both families. An unresolved one is resolved when connecting starts, and is then like
    ///   [#withLocalAddresses(List)]. With a port other than 0 the remote addresses are tried one
    ///   after the other, since two attempts cannot share it
    public ConnectOptions withLocalAddress(SocketAddress local) {
        return withLocalAddresses(List.of(Objects.requireNonNull(local, "local")));
    }

    /// {@return these settings with several local addresses to connect from} Each remote address is
    /// tried from the first one of its family that can be used. So a machine with several
    /// interfaces can choose one of them for both versions of the internet protocol.
    ///
    /// @param locals addresses as for [#withLocalAddress(SocketAddress)]; none means any
    public ConnectOptions withLocalAddresses(List<? extends SocketAddress> locals) {
        var copy = copy();
        copy.localAddresses = List.copyOf(locals);
        return copy;
    }

    /// {@return these settings with a limit of time for resolving the name and connecting} When it
    /// has passed, connecting fails with a `java.net.SocketTimeoutException` that tells how far
    /// each address had got. That is what it has over `Async.withTimeout`. The handshake of TLS has
    /// a limit of its own: [TlsOptions#withHandshakeTimeout(Duration)].
    ///
    /// @param limit more than zero; without a limit, which is the default, the operating system
    ///   gives up after minutes
    /// @throws IllegalArgumentException if it is not
    public ConnectOptions withTimeout(Duration limit) {
        if (!limit.isPositive()) {
            throw new IllegalArgumentException(
                    "the time limit of connecting must be more than zero, was " + limit);
        }
        var copy = copy();
        copy.timeout = limit;
        return copy;
    }

    /// {@return these settings with another head start of one address over the next, where a name
    /// has several} An attempt that fails starts the next one at once. The first connection that is
    /// made wins, and the others are closed (RFC 8305). Each attempt runs as a task, in the context
    /// of the caller.
    ///
    /// @param delay 250 ms by default; zero tries one address after the other, each only when the
    ///   one before has failed
    /// @throws IllegalArgumentException if it is negative
    public ConnectOptions withHappyEyeballsDelay(Duration delay) {
        if (delay.isNegative()) {
            throw new IllegalArgumentException("the happy eyeballs delay is negative: " + delay);
        }
        var copy = copy();
        copy.happyEyeballsDelay = delay;
        return copy;
    }

    /// {@return these settings with another mixture of address families} The resolver's order is
    /// kept within a family, and the family of its first address comes first. Then the families
    /// take turns, also where addresses are tried one after the other.
    ///
    /// @param first how many addresses of the first family are tried before one of another; 1 by
    ///   default; 0 leaves the resolver's order as it is
    /// @throws IllegalArgumentException if it is negative
    public ConnectOptions withInterleave(int first) {
        if (first < 0) {
            throw new IllegalArgumentException("interleave is negative: " + first);
        }
        var copy = copy();
        copy.interleave = first;
        return copy;
    }

    /// {@return these settings with another form of the error when all addresses fail} The single
    /// errors come in the order in which the addresses were tried.
    ///
    /// @param all true to get an [dev.jloop.core.ExceptionGroup] of the single errors as the cause;
    ///   false, the default, to get the first one as the cause and the others as suppressed ones
    public ConnectOptions withAllErrors(boolean all) {
        var copy = copy();
        copy.allErrors = all;
        return copy;
    }

    @Nullable TlsOptions tls() {
        return tls;
    }

    List<SocketAddress> localAddresses() {
        return localAddresses;
    }

    @Nullable Duration timeout() {
        return timeout;
    }

    Duration happyEyeballsDelay() {
        return happyEyeballsDelay;
    }

    int interleave() {
        return interleave;
    }

    boolean allErrors() {
        return allErrors;
    }
}

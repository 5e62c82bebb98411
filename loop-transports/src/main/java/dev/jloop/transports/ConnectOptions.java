package dev.jloop.transports;

import org.jspecify.annotations.Nullable;

import java.net.SocketAddress;
import java.time.Duration;
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
    private @Nullable SocketAddress localAddress;
    private Duration happyEyeballsDelay = Duration.ofMillis(250);
    private int interleave = 1;
    private boolean allErrors;

    private ConnectOptions() {}

    private ConnectOptions copy() {
        var copy = new ConnectOptions();
        copy.tls = tls;
        copy.localAddress = localAddress;
        copy.happyEyeballsDelay = happyEyeballsDelay;
        copy.interleave = interleave;
        copy.allErrors = allErrors;
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

    /// {@return these settings with a local address to connect from}
    ///
    /// @param local an address of this machine, of the same family as the remote one; port 0 means
    ///   any
    public ConnectOptions withLocalAddress(SocketAddress local) {
        var copy = copy();
        copy.localAddress = Objects.requireNonNull(local, "local");
        return copy;
    }

    /// {@return these settings with another head start of one address over the next, where a name
    /// has several} An attempt that fails starts the next one at once. The first connection that is
    /// made wins, and the others are given up (RFC 8305).
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
    /// take turns.
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

    /// {@return these settings with another form of the error when all addresses fail}
    ///
    /// @param all true to get an [dev.jloop.core.ExceptionGroup] of the single errors as the cause;
    ///   false to get them as suppressed ones
    public ConnectOptions withAllErrors(boolean all) {
        var copy = copy();
        copy.allErrors = all;
        return copy;
    }

    @Nullable TlsOptions tls() {
        return tls;
    }

    @Nullable SocketAddress localAddress() {
        return localAddress;
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

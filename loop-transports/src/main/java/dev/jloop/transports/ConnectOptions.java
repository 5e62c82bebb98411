package dev.jloop.transports;

import org.jspecify.annotations.Nullable;

import java.net.SocketAddress;
import java.util.Objects;

/// Settings for making a connection. Immutable; start from [#DEFAULTS].
///
/// @since 0.1
public final class ConnectOptions {
    /// Any local address; one combined error when all addresses fail.
    public static final ConnectOptions DEFAULTS = new ConnectOptions(null, false);

    private final @Nullable SocketAddress localAddress;
    private final boolean allErrors;

    private ConnectOptions(@Nullable SocketAddress localAddress, boolean allErrors) {
        this.localAddress = localAddress;
        this.allErrors = allErrors;
    }

    /// {@return these settings with a local address to connect from}
    ///
    /// @param local an address of this machine, of the same family as the remote one; port 0 means
    ///   any
    public ConnectOptions withLocalAddress(SocketAddress local) {
        return new ConnectOptions(Objects.requireNonNull(local, "local"), allErrors);
    }

    /// {@return these settings with another form of the error when all addresses fail}
    ///
    /// @param all true to get an [dev.jloop.core.ExceptionGroup] of the single errors as the cause;
    ///   false to get them as suppressed ones
    public ConnectOptions withAllErrors(boolean all) {
        return new ConnectOptions(localAddress, all);
    }

    @Nullable SocketAddress localAddress() {
        return localAddress;
    }

    boolean allErrors() {
        return allErrors;
    }
}

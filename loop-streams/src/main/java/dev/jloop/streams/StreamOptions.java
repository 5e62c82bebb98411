package dev.jloop.streams;

import dev.jloop.transports.ConnectOptions;
import dev.jloop.transports.ListenOptions;

import java.util.Objects;

/// Settings for connections and servers with streams. Immutable; start from [#DEFAULTS].
///
/// @since 0.1
public final class StreamOptions {
    /// A limit of 64 KiB, and the defaults of connecting and listening.
    public static final StreamOptions DEFAULTS =
            new StreamOptions(64 * 1024, ConnectOptions.DEFAULTS, ListenOptions.DEFAULTS);

    private final int limit;
    private final ConnectOptions connect;
    private final ListenOptions listen;

    private StreamOptions(int limit, ConnectOptions connect, ListenOptions listen) {
        this.limit = limit;
        this.connect = connect;
        this.listen = listen;
    }

    /// {@return these settings with another limit for readers}
    ///
    /// @param limit the longest line or record, in bytes without the separator. A reader holds at
    ///   most twice as much and what one read of the network gives, that is up to 256 KiB, before
    ///   it lets the peer wait; more only where a single read asks for more
    /// @throws IllegalArgumentException if it is less than 1
    public StreamOptions withLimit(int limit) {
        return new StreamOptions(StreamReader.checkedLimit(limit), connect, listen);
    }

    /// {@return these settings with others for connecting}
    ///
    /// @param options used by `openConnection`
    public StreamOptions withConnect(ConnectOptions options) {
        return new StreamOptions(limit, Objects.requireNonNull(options, "options"), listen);
    }

    /// {@return these settings with others for listening}
    ///
    /// @param options used by `startServer`
    public StreamOptions withListen(ListenOptions options) {
        return new StreamOptions(limit, connect, Objects.requireNonNull(options, "options"));
    }

    int limit() {
        return limit;
    }

    ConnectOptions connect() {
        return connect;
    }

    ListenOptions listen() {
        return listen;
    }
}

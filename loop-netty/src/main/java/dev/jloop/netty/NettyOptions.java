package dev.jloop.netty;

import dev.jloop.transports.ConnectOptions;
import dev.jloop.transports.ListenOptions;

import java.util.Objects;

/// Settings for connections and servers with Netty pipelines. Immutable; start from [#DEFAULTS].
///
/// @since 0.1
public final class NettyOptions {
    /// Reading ahead up to 16 messages, and the defaults of connecting and listening.
    public static final NettyOptions DEFAULTS =
            new NettyOptions(16, ConnectOptions.DEFAULTS, ListenOptions.DEFAULTS);

    private final int readAhead;
    private final ConnectOptions connect;
    private final ListenOptions listen;

    private NettyOptions(int readAhead, ConnectOptions connect, ListenOptions listen) {
        this.readAhead = readAhead;
        this.connect = connect;
        this.listen = listen;
    }

    /// {@return these settings with another number of messages to read ahead}
    ///
    /// @param messages with so many or more that nobody has received yet, the network is not read,
    ///   and the peer has to wait; at least 1. What one read of up to 256 KiB brings is kept in any
    ///   case. While so many wait, the end of a connection is not seen either
    /// @throws IllegalArgumentException if it is less than 1
    public NettyOptions withReadAhead(int messages) {
        if (messages < 1) {
            throw new IllegalArgumentException("readAhead must be at least 1, was " + messages);
        }
        return new NettyOptions(messages, connect, listen);
    }

    /// {@return these settings with others for connecting}
    ///
    /// @param options used by `NettyConnection.open`
    public NettyOptions withConnect(ConnectOptions options) {
        return new NettyOptions(readAhead, Objects.requireNonNull(options, "options"), listen);
    }

    /// {@return these settings with others for listening}
    ///
    /// @param options used by `NettyServer.start`
    public NettyOptions withListen(ListenOptions options) {
        return new NettyOptions(readAhead, connect, Objects.requireNonNull(options, "options"));
    }

    int readAhead() {
        return readAhead;
    }

    ConnectOptions connect() {
        return connect;
    }

    ListenOptions listen() {
        return listen;
    }
}

package dev.jloop.netty;

import dev.jloop.core.EventLoop;
import dev.jloop.transports.Net;
import dev.jloop.transports.Protocol;
import dev.jloop.transports.Server;

import io.netty.channel.Channel;
import io.netty.channel.ChannelPipeline;

import java.io.IOException;
import java.net.SocketAddress;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// Makes servers whose connections run Netty pipelines, each served by a coroutine.
///
/// A handler that fails is reported to the loop's exception handler, and its connection closed. One
/// that is cancelled closes its connection without a report, and aborts it where the peer does not
/// read what was sent. One whose connection this side has cut may fail with an `IOException`
/// without a report; why it was cut is reported where what was sent could not be, such as a
/// `DefaultFileRegion` without its file. Closing the server leaves the handlers alone.
///
/// **Threading:** coroutines of a loop only.
///
/// @since 0.1
public final class NettyServer {
    private NettyServer() {}

    /// Serves the connections to an address, with the default options. Suspends.
    ///
    /// @param initializer adds the handlers to the pipeline of each connection; it must make new
    ///   ones each time, unless they can be shared
    /// @param handler runs for each connection, in a task named after the peer, such as
    ///   `127.0.0.1:5123`
    /// @param address where to listen
    /// @return the server, which serves already
    /// @throws IOException if it cannot listen there; a `java.net.BindException` that names the
    ///   address if that is in use
    public static Server start(
            Consumer<? super ChannelPipeline> initializer,
            NettyHandler handler,
            SocketAddress address)
            throws IOException {
        return start(initializer, handler, address, NettyOptions.DEFAULTS);
    }

    /// Serves the connections to an address. Suspends.
    ///
    /// @param initializer adds the handlers to the pipeline of each connection; it must make new
    ///   ones each time, unless they can be shared
    /// @param handler runs for each connection, in a task named after the peer, such as
    ///   `127.0.0.1:5123`
    /// @param address where to listen
    /// @param options the settings
    /// @return the server
    /// @throws IOException if it cannot listen there; a `java.net.BindException` that names the
    ///   address if that is in use
    public static Server start(
            Consumer<? super ChannelPipeline> initializer,
            NettyHandler handler,
            SocketAddress address,
            NettyOptions options)
            throws IOException {
        return Net.createServer(
                protocols(initializer, handler, options), address, options.listen());
    }

    /// Serves the connections to a host's addresses, with the default options. Suspends.
    ///
    /// @param initializer adds the handlers to the pipeline of each connection; it must make new
    ///   ones each time, unless they can be shared
    /// @param handler runs for each connection, in a task named after the peer, such as
    ///   `127.0.0.1:5123`
    /// @param host a name or an address in literal form; the empty string means all interfaces
    /// @param port the port; 0 takes any free port: see [Server#addresses()]
    /// @return the server, which serves already
    /// @throws IOException if it cannot listen there; a `java.net.BindException` that names the
    ///   address if that is in use
    public static Server start(
            Consumer<? super ChannelPipeline> initializer,
            NettyHandler handler,
            String host,
            int port)
            throws IOException {
        return start(initializer, handler, host, port, NettyOptions.DEFAULTS);
    }

    /// Serves the connections to a host's addresses. Suspends.
    ///
    /// @param initializer adds the handlers to the pipeline of each connection; it must make new
    ///   ones each time, unless they can be shared
    /// @param handler runs for each connection, in a task named after the peer, such as
    ///   `127.0.0.1:5123`
    /// @param host a name or an address in literal form; the empty string means all interfaces
    /// @param port the port; 0 takes any free port: see [Server#addresses()]
    /// @param options the settings
    /// @return the server
    /// @throws IOException if it cannot listen there; a `java.net.BindException` that names the
    ///   address if that is in use
    public static Server start(
            Consumer<? super ChannelPipeline> initializer,
            NettyHandler handler,
            String host,
            int port,
            NettyOptions options)
            throws IOException {
        Objects.requireNonNull(host, "host is null; for all interfaces use \"\"");
        return Net.createServer(
                protocols(initializer, handler, options), List.of(host), port, options.listen());
    }

    private static Supplier<Protocol> protocols(
            Consumer<? super ChannelPipeline> initializer,
            NettyHandler handler,
            NettyOptions options) {
        Objects.requireNonNull(initializer, "initializer");
        Objects.requireNonNull(handler, "handler");
        var loop = EventLoop.current();
        return () ->
                new NettyConnection.Maker(
                                initializer,
                                options.readAhead(),
                                connection -> HandlerTask.start(loop, handler, connection))
                        .protocol();
    }

    /// Serves another channel of this loop, such as a stream of HTTP/2, in a task of its own; for
    /// the place where its handlers are added.
    ///
    /// ```java
    /// new Http2MultiplexHandler(new ChannelInitializer<Channel>() {
    ///     @Override protected void initChannel(Channel stream) {
    ///         NettyServer.serve(stream, handler);
    ///     }
    /// });
    /// ```
    ///
    /// @param channel as for [NettyConnection#of(Channel)]
    /// @param handler runs for this channel
    public static void serve(Channel channel, NettyHandler handler) {
        Objects.requireNonNull(handler, "handler");
        HandlerTask.start(EventLoop.current(), handler, NettyConnection.of(channel));
    }
}

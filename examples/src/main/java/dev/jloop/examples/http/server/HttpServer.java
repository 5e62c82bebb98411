package dev.jloop.examples.http.server;

import dev.jloop.netty.NettyOptions;
import dev.jloop.netty.NettyServer;
import dev.jloop.transports.Server;

import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpServerCodec;

import java.io.IOException;
import java.net.InetSocketAddress;

/// Serves HTTP/1.1 with Netty's codec: keep-alive, pipelining, bodies of both framings, and
/// `100-continue`. One task per connection, one request at a time.
///
/// What is malformed or too large is answered with a status that says so, and ends the connection;
/// so does a client that is too slow. Neither is logged above DEBUG.
///
/// **Threading:** loop thread only.
public final class HttpServer implements AutoCloseable {
    /// Requests that have come and wait for their turn. There are no more of them than one read of
    /// 256 KiB and the messages read ahead can bring, so that this is no limit.
    private static final int PIPELINED = 64 * 1024;

    private final Server server;

    private HttpServer(Server server) {
        this.server = server;
    }

    /// Listens and serves until [#close()]. Suspends.
    ///
    /// @param handler answers the requests
    /// @param listener told of each answer sent
    /// @param host the name or address to listen on
    /// @param port the port, or 0 for any free one
    /// @param options limits and TLS
    /// @return the server, which listens already
    /// @throws IOException if the address cannot be listened on
    public static HttpServer start(
            HttpHandler handler,
            SentListener listener,
            String host,
            int port,
            ServerOptions options)
            throws IOException {
        return new HttpServer(
                NettyServer.start(
                        pipeline -> addHandlers(pipeline, options),
                        connection ->
                                new Conversation(connection, handler, options, listener).run(),
                        host,
                        port,
                        NettyOptions.DEFAULTS.withListen(options.listen())));
    }

    private static void addHandlers(ChannelPipeline pipeline, ServerOptions options) {
        var limits =
                new HttpDecoderConfig()
                        .setMaxInitialLineLength(options.headBytes())
                        .setMaxHeaderSize(options.headBytes());
        pipeline.addLast(new WireCounter(), new HttpServerCodec(limits, PIPELINED));
    }

    /// {@return the port that the server listens on}
    public int port() {
        return ((InetSocketAddress) server.addresses().getFirst()).getPort();
    }

    /// Stops listening and ends all connections at once.
    @Override
    public void close() {
        server.close();
        server.abortClients();
    }
}

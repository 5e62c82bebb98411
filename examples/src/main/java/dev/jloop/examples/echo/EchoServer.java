package dev.jloop.examples.echo;

import dev.jloop.core.EventLoop;
import dev.jloop.streams.StreamReader;
import dev.jloop.streams.StreamWriter;
import dev.jloop.streams.Streams;
import dev.jloop.transports.Server;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.net.InetSocketAddress;

/// Sends each connection what it sends, until it stops sending.
///
/// **Threading:** loop thread only.
public final class EchoServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EchoServer.class);
    private static final int PIECE_BYTES = 64 * 1024;

    private final Server server;

    private EchoServer(Server server) {
        this.server = server;
    }

    /// Listens and serves until [#close()]. Suspends.
    ///
    /// @param host the name or address to listen on
    /// @param port the port, or 0 for any free one
    /// @return the server, which listens already
    /// @throws IOException if the address cannot be listened on; its message names the address
    public static EchoServer start(String host, int port) throws IOException {
        try {
            return new EchoServer(Streams.startServer(EchoServer::echo, host, port));
        } catch (IOException failure) {
            throw new IOException(
                    "cannot listen on " + host + ":" + port + ": " + failure.getMessage(), failure);
        }
    }

    /// {@return the port that the server listens on}
    public int port() {
        return ((InetSocketAddress) server.addresses().getFirst()).getPort();
    }

    /// Suspends until the current task is cancelled.
    ///
    /// Unlike `Server.serveForever` it does not wait for clients that stay connected.
    public void serveForever() {
        EventLoop.current().createFuture().await();
    }

    /// Stops listening and ends all connections at once.
    @Override
    public void close() {
        server.close();
        server.abortClients();
    }

    private static void echo(StreamReader reader, StreamWriter writer) {
        try {
            for (var piece = reader.read(PIECE_BYTES);
                    piece.length > 0;
                    piece = reader.read(PIECE_BYTES)) {
                writer.write(piece);
                writer.drain();
            }
        } catch (IOException gone) {
            // A peer that leaves early is no failure of this server.
            LOG.debug("a connection ended early: {}", gone.toString());
        }
    }
}

package dev.jloop.examples.proxy;

import dev.jloop.core.EventLoop;
import dev.jloop.core.TaskGroup;
import dev.jloop.streams.StreamConnection;
import dev.jloop.streams.StreamReader;
import dev.jloop.streams.StreamWriter;
import dev.jloop.streams.Streams;
import dev.jloop.transports.Server;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.net.InetSocketAddress;

/// Connects each client with a server elsewhere, and passes on what either of them sends.
///
/// The end of what one sends is passed on too, while the other direction goes on. Where one of the
/// two connections breaks, the other is cut. A side that does not read makes the other wait, so a
/// connection needs the same little memory however much goes through it.
///
/// **Threading:** loop thread only.
public final class ProxyServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ProxyServer.class);

    private final String targetHost;
    private final int targetPort;
    private final Server server;

    private ProxyServer(String host, int port, String targetHost, int targetPort)
            throws IOException {
        this.targetHost = targetHost;
        this.targetPort = targetPort;
        server = Streams.startServer(this::serve, host, port);
    }

    /// Listens and serves until [#close()]. Suspends.
    ///
    /// @param host the name or address to listen on
    /// @param port the port, or 0 for any free one
    /// @param targetHost the name or address of the server to connect with, which need not run yet
    /// @param targetPort its port
    /// @return the proxy, which listens already
    /// @throws IOException if the address cannot be listened on; its message names the address
    public static ProxyServer start(String host, int port, String targetHost, int targetPort)
            throws IOException {
        try {
            return new ProxyServer(host, port, targetHost, targetPort);
        } catch (IOException failure) {
            throw new IOException(
                    "cannot listen on " + host + ":" + port + ": " + failure.getMessage(), failure);
        }
    }

    /// {@return the port that the proxy listens on}
    public int port() {
        return ((InetSocketAddress) server.addresses().getFirst()).getPort();
    }

    /// Suspends until the current task is cancelled.
    public void serveForever() {
        EventLoop.current().createFuture().await();
    }

    /// Stops listening and ends all connections at once.
    @Override
    public void close() {
        server.close();
        server.abortClients();
    }

    private void serve(StreamReader reader, StreamWriter writer) {
        StreamConnection target;
        try {
            target = Streams.openConnection(targetHost, targetPort);
        } catch (IOException failure) {
            LOG.warn("no connection with {}:{}: {}", targetHost, targetPort, failure.toString());
            return;
        }
        try (target) {
            var directions = new TaskGroup();
            directions.run(() -> {
                directions.createTask(() -> pass(reader, target.writer(), writer), "there");
                directions.createTask(() -> pass(target.reader(), writer, target.writer()), "back");
            });
        } catch (IOException broken) {
            endedEarly(broken);
        }
    }

    private static void endedEarly(IOException broken) {
        LOG.debug("a connection ended early: {}", broken.toString());
    }

    /// Passes on what one side sends, and that it has ended. If that fails, it ends both
    /// connections, and with them the other direction.
    ///
    /// @param back the writer of the side that is read from
    private static void pass(StreamReader from, StreamWriter to, StreamWriter back) {
        var complete = false;
        try {
            from.transferTo(to);
            to.writeEof();
            complete = true;
        } catch (IOException broken) {
            endedEarly(broken);
        } finally {
            if (!complete) {
                to.transport().abort();
                back.transport().abort();
            }
        }
    }
}

package dev.jloop.benchmarks.peers;

import com.sun.net.httpserver.HttpServer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;

/// Blocking sockets of the JDK, each served by a virtual thread; HTTP is the JDK's own server.
///
/// Each connection has a buffer of its own, of the size that the JDK moves at most in one call.
final class VirtualThreadsServer implements PeerServer {
    private static final int BUFFER_BYTES = 128 * 1024;

    @Override
    public int listen(Service service) throws IOException {
        return switch (service) {
            case ECHO -> echo();
            case HTTP -> http();
        };
    }

    private static int echo() throws IOException {
        var listener = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().name("accept").start(() -> accept(listener));
        return listener.getLocalPort();
    }

    private static void accept(ServerSocket listener) {
        try {
            while (true) {
                var accepted = listener.accept();
                accepted.setTcpNoDelay(true);
                Thread.startVirtualThread(() -> echo(accepted));
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static void echo(Socket socket) {
        var buffer = new byte[BUFFER_BYTES];
        try (socket) {
            var in = socket.getInputStream();
            var out = socket.getOutputStream();
            for (var got = in.read(buffer); got >= 0; got = in.read(buffer)) {
                out.write(buffer, 0, got);
            }
        } catch (IOException _) {
            // a client that has reset its connection ends that alone
        }
    }

    private static int http() throws IOException {
        var body = Service.GREETING.getBytes(StandardCharsets.US_ASCII);
        var server = HttpServer.create(PeerServer.loopback(), BACKLOG);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext(
                "/",
                exchange -> {
                    exchange.getResponseHeaders().set("Content-Type", "text/plain");
                    exchange.sendResponseHeaders(200, body.length);
                    try (var out = exchange.getResponseBody()) {
                        out.write(body);
                    }
                });
        server.start();
        return server.getAddress().getPort();
    }
}

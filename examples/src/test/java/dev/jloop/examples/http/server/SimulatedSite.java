package dev.jloop.examples.http.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.jloop.streams.StreamConnection;
import dev.jloop.streams.Streams;
import dev.jloop.testkit.SimulatedNetwork;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

/// A server on a simulated host, and clients that say to it what they like.
public final class SimulatedSite implements AutoCloseable {
    private static final int PORT = 80;

    private final SimulatedNetwork network;
    private final HttpServer server;

    /// The bytes of each answer, as the server tells.
    public final List<Long> sent = new ArrayList<>();

    /// Starts the server. Suspends.
    public SimulatedSite(SimulatedNetwork network, HttpHandler handler, ServerOptions options) {
        this.network = network;
        server =
                network.host("server")
                        .createTask(() ->
                                HttpServer.start(
                                        handler,
                                        (_, _, bytes) -> sent.add(bytes),
                                        "server",
                                        PORT,
                                        options))
                        .await();
    }

    /// {@return what the body returns, which runs on the host of a client}
    public <T> T onClient(Callable<T> body) {
        return network.host("client").createTask(body).await();
    }

    /// {@return a connection, for a body of [#onClient]}
    public static StreamConnection connect() throws IOException {
        return Streams.openConnection("server", PORT);
    }

    /// {@return all that the server answers until it closes the connection, to a client that sends
    /// this and goes on listening}
    public String converse(String requests) {
        return onClient(() -> {
            try (var connection = connect()) {
                connection.writer().write(requests.getBytes(ISO_8859_1));
                return new String(connection.reader().readAll(), ISO_8859_1);
            }
        });
    }

    @Override
    public void close() {
        server.close();
    }
}

package dev.jloop.testkit;

import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopFuture;
import dev.jloop.streams.StreamConnection;
import dev.jloop.streams.StreamHandler;
import dev.jloop.streams.StreamOptions;
import dev.jloop.streams.StreamReader;
import dev.jloop.streams.StreamWriter;
import dev.jloop.streams.Streams;

import java.io.IOException;
import java.util.Objects;

/// Two ends of a stream that are connected with one another in memory, for tests of code that takes
/// a reader and a writer. It is made of a [MemoryPair], so see there what it can do.
///
/// ```java
/// @LoopTest
/// void greets() throws IOException {
///     try (var streams = MemoryStreams.connect()) {
///         Async.createTask(() -> greet(streams.server().reader(), streams.server().writer()));
///         streams.client().writer().write("jloop\n".getBytes(US_ASCII));
///         assertThat(streams.client().reader().readLine()).asString().isEqualTo("hello jloop\n");
///     }
/// }
/// ```
///
/// @param client one end
/// @param server the other end; the two differ in nothing
/// @since 0.1
public record MemoryStreams(End client, End server) implements AutoCloseable {
    /// One end of a stream.
    ///
    /// @param reader what the other end sends
    /// @param writer what the other end gets
    /// @since 0.1
    public record End(StreamReader reader, StreamWriter writer) {}

    /// Connects two ends with the default limit of their readers. Suspends until they are
    /// connected. Cancelled it leaves nothing open.
    ///
    /// **Threading:** coroutines of a [VirtualTimeLoop] only.
    ///
    /// @return the ends, which the caller closes
    /// @throws IOException if it failed, for instance because a rule of the network lets nothing
    ///   through
    /// @throws IllegalStateException if the current loop is no [VirtualTimeLoop], or has a network
    ///   other than the simulated one
    public static MemoryStreams connect() throws IOException {
        return connect(StreamOptions.DEFAULTS);
    }

    /// Connects two ends: see [#connect()].
    ///
    /// @param options the limit of both readers, and how to connect and to listen, for instance
    ///   with TLS
    /// @return the ends, which the caller closes
    /// @throws IOException if it failed
    /// @throws IllegalStateException if the current loop is no [VirtualTimeLoop], or has a network
    ///   other than the simulated one
    public static MemoryStreams connect(StreamOptions options) throws IOException {
        var loop = MemoryPair.useSimulatedNetwork("MemoryStreams.connect");
        LoopFuture<End> accepted =
                EventLoop.current().createFuture("the other end of memory streams");
        StreamHandler handler =
                (reader, writer) -> {
                    // Who forgets to close the streams is told of these, and of no task of ours.
                    loop.allowLeak(Objects.requireNonNull(loop.currentTask()));
                    if (!accepted.isDone()) {
                        accepted.setResult(new End(reader, writer));
                    }
                    awaitEnd(writer); // or the writer would be closed now
                };
        try (var server = Streams.startServer(handler, MemoryPair.ANY_PORT, options)) {
            StreamConnection connection = null;
            var complete = false;
            try {
                connection = Streams.openConnection(server.addresses().getFirst(), options);
                var client = new End(connection.reader(), connection.writer());
                var streams = new MemoryStreams(client, accepted.await());
                complete = true;
                return streams;
            } finally {
                if (!complete) {
                    server.abortClients(); // or the handler would wait on, as after a half-close
                    if (connection != null) {
                        connection.writer().transport().abort();
                    }
                }
            }
        }
    }

    private static void awaitEnd(StreamWriter writer) {
        try {
            writer.waitClosed();
        } catch (IOException broken) {
            // Whoever reads and writes is told.
        }
    }

    /// Aborts both ends, and suspends until they have ended. What was not sent is dropped, also by
    /// an end whose writer was closed before and is still sending. Ends that have ended before are
    /// left as they are.
    @Override
    public void close() {
        client.writer().transport().abort();
        server.writer().transport().abort();
        awaitEnd(client.writer());
        awaitEnd(server.writer());
    }
}

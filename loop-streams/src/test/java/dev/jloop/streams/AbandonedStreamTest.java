package dev.jloop.streams;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.jloop.core.Async;
import dev.jloop.core.LoopException;
import dev.jloop.transports.Server;
import dev.jloop.transports.Transport;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// Streams that nobody holds any more and nobody has closed.
class AbandonedStreamTest {
    private final List<String> received = new ArrayList<>();

    private Server startServer() throws IOException {
        return Streams.startServer(
                (reader, _) -> received.add(reader.readAll(UTF_8)), "127.0.0.1", 0);
    }

    private static StreamConnection open(Server server, String text) throws IOException {
        var stream = Streams.openConnection(server.addresses().getFirst());
        stream.writer().write(text);
        return stream;
    }

    /// A method of its own, as the variables of one that runs may be held although it is done with
    /// them.
    private static void openAndDrop(Server server) throws IOException {
        open(server, "dropped");
    }

    private static Transport transportOf(StreamConnection stream) {
        return stream.writer().transport();
    }

    /// Collects garbage until so many connections of the server have ended.
    private void awaitEnds(int count) {
        while (received.size() < count) {
            System.gc();
            Async.yieldNow();
        }
    }

    private static void end(Server server) {
        server.close();
        server.waitClosed();
    }

    private static void assertReported(List<LoopException> reports) {
        assertThat(reports)
                .singleElement()
                .satisfies(report ->
                        assertThat(report.message())
                                .contains("a stream was never closed", "127.0.0.1:"));
    }

    @Test
    void itIsReportedAndClosedWhenTheGarbageCollectorHasFoundIt() {
        TestRun.onSockets(run -> {
            var server = startServer();
            openAndDrop(server);
            awaitEnds(1);
            assertThat(received).containsExactly("dropped");
            assertReported(run.takeReports());
            end(server);
        });
    }

    @Test
    void aStreamThatWasClosedIsNotReported() {
        TestRun.onSockets(run -> {
            var server = startServer();
            open(server, "closed").close();
            openAndDrop(server);
            awaitEnds(2);
            assertThat(received).containsExactly("closed", "dropped");
            assertReported(run.takeReports());
            end(server);
        });
    }

    @Test
    void aReaderOrAWriterAloneKeepsItsConnectionOpen() {
        TestRun.onSockets(run -> {
            var server = startServer();
            var transports = new ArrayList<Transport>();
            var reader = readerOf(open(server, "reader"), transports);
            var writer = open(server, "writer").writer();
            transports.add(writer.transport());
            openAndDrop(server);
            awaitEnds(1);
            assertThat(received).containsExactly("dropped");
            assertReported(run.takeReports());
            assertThat(transports).noneMatch(Transport::isClosing);
            assertThat(reader.atEof()).isFalse();
            writer.close();
            transports.forEach(Transport::close);
            end(server);
            assertThat(received).contains("reader", "writer");
        });
    }

    private static StreamReader readerOf(StreamConnection stream, List<Transport> transports) {
        transports.add(stream.writer().transport());
        return stream.reader();
    }

    @Test
    void aCoroutineThatWaitsKeepsItsConnectionOpen() {
        TestRun.onSockets(run -> {
            var server = startServer();
            var transports = new ArrayList<Transport>();
            var reading =
                    Async.createTask(() -> readerOf(open(server, "read"), transports).read(1));
            var waiting =
                    Async.createTask(
                            () -> {
                                var stream = open(server, "wait");
                                transports.add(stream.writer().transport());
                                stream.writer().waitClosed();
                            },
                            "waits for the end");
            while (transports.size() < 2) {
                Async.yieldNow();
            }
            openAndDrop(server);
            awaitEnds(1);
            assertThat(received).containsExactly("dropped");
            assertReported(run.takeReports());
            assertThat(transports).noneMatch(Transport::isClosing);
            transports.forEach(Transport::close);
            assertThat(reading.await()).isEmpty();
            waiting.await();
            end(server);
        });
    }

    @Test
    void aTransportThatWasGivenAnotherProtocolIsLeftAlone() {
        TestRun.onSockets(run -> {
            var server = startServer();
            var transport = transportOf(open(server, "other"));
            var other = new StreamProtocol(run.loop, 100, _ -> {});
            var writer = other.handOut();
            transport.setProtocol(other);
            openAndDrop(server);
            awaitEnds(1);
            assertThat(received).containsExactly("dropped");
            assertReported(run.takeReports());
            assertThat(transport.isClosing()).isFalse();
            assertThat(writer.reader().atEof()).isFalse();
            other.connectionMade(transport);
            writer.close();
            writer.waitClosed();
            end(server);
        });
    }
}

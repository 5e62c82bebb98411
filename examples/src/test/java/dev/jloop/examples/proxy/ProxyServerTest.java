package dev.jloop.examples.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.UTF_8;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;

import dev.jloop.core.Async;
import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopFuture;
import dev.jloop.streams.StreamConnection;
import dev.jloop.streams.StreamReader;
import dev.jloop.streams.StreamWriter;
import dev.jloop.streams.Streams;
import dev.jloop.testkit.LoopTest;
import dev.jloop.testkit.SimulatedNetwork;
import dev.jloop.transports.Server;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Random;

class ProxyServerTest {
    private static final Duration LATENCY = Duration.ofMillis(5);

    private final Logger logger = (Logger) LoggerFactory.getLogger(ProxyServer.class);
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    @BeforeEach
    void listenToTheLog() {
        log.start();
        logger.addAppender(log);
    }

    @AfterEach
    void stopListening() {
        logger.detachAppender(log);
    }

    @BeforeEach
    void connectASimulatedNetwork(SimulatedNetwork network) {
        network.setLatency(LATENCY);
    }

    /// The two ends that a proxy connects.
    private record Ends(StreamConnection client, StreamReader reader, StreamWriter writer) {}

    @FunctionalInterface
    private interface Body {
        void run(Ends ends) throws Exception;
    }

    private static int portOf(Server server) {
        return ((InetSocketAddress) server.addresses().getFirst()).getPort();
    }

    /// Runs a body with a client and what the proxy has connected it with.
    private static void throughProxy(Body body) throws Exception {
        LoopFuture<Ends> accepted = EventLoop.current().createFuture("the connection of the proxy");
        LoopFuture<StreamConnection> connected = EventLoop.current().createFuture("the client");
        var server =
                Streams.startServer(
                        (reader, writer) -> {
                            accepted.setResult(new Ends(connected.await(), reader, writer));
                            awaitEnd(writer);
                        },
                        "localhost",
                        0);
        try (var proxy = ProxyServer.start("localhost", 0, "localhost", portOf(server))) {
            var client = Streams.openConnection("localhost", proxy.port());
            connected.setResult(client);
            body.run(accepted.await());
            // Both ends, whoever has ended first.
            client.close();
            accepted.result().writer().close();
            awaitEnd(accepted.result().writer());
        } finally {
            server.close();
            server.waitClosed();
        }
    }

    private static void awaitEnd(StreamWriter writer) {
        try {
            writer.waitClosed();
        } catch (IOException _) {
            // Also a broken connection has ended.
        }
    }

    @LoopTest
    void aQuestionMayEndBeforeItsAnswer() throws Exception {
        throughProxy(ends -> {
            ends.client().writer().write("question");
            ends.client().writer().writeEof();
            assertThat(ends.reader().readAll(UTF_8)).isEqualTo("question");
            ends.writer().write("answer");
            ends.writer().close();
            assertThat(ends.client().reader().readAll(UTF_8)).isEqualTo("answer");
        });
    }

    @LoopTest
    void theAnswersMayEndBeforeTheQuestions() throws Exception {
        throughProxy(ends -> {
            ends.writer().write("that is all");
            ends.writer().writeEof();
            assertThat(ends.client().reader().readAll(UTF_8)).isEqualTo("that is all");
            ends.client().writer().write("still asking");
            ends.client().writer().close();
            assertThat(ends.reader().readAll(UTF_8)).isEqualTo("still asking");
            ends.writer().close();
        });
    }

    @LoopTest(seeds = 20)
    void whatIsSentBothWaysArrivesAsItWasSent(Random random) throws Exception {
        var there = new byte[300_000];
        random.nextBytes(there);
        var back = new byte[500_000];
        random.nextBytes(back);
        throughProxy(ends -> {
            var sending =
                    Async.createTask(() -> {
                        ends.client().writer().write(there);
                        ends.client().writer().writeEof();
                    });
            var answering =
                    Async.createTask(() -> {
                        ends.writer().write(back);
                        ends.writer().writeEof();
                    });
            var received = Async.createTask(() -> ends.reader().readAll());
            assertThat(ends.client().reader().readAll()).isEqualTo(back);
            assertThat(received.await()).isEqualTo(there);
            sending.await();
            answering.await();
            ends.writer().close();
        });
    }

    @LoopTest
    void aClientThatDoesNotReadMakesTheServerWait() throws Exception {
        var large = new byte[16 * 1024 * 1024];
        throughProxy(ends -> {
            ends.client().writer().transport().pauseReading();
            var sending = Async.createTask(() -> ends.writer().write(large.clone()));
            Async.sleep(Duration.ofMinutes(1));
            assertThat(sending.isDone()).isFalse();
            // What the network, the proxy and the client hold is all that has left.
            assertThat(ends.writer().transport().writeBufferSize()).isGreaterThan(14_000_000);
            ends.client().writer().transport().resumeReading();
            assertThat(ends.client().reader().readExactly(large.length)).isEqualTo(large);
            sending.await();
            ends.writer().close();
        });
    }

    @LoopTest
    void aServerThatDoesNotReadMakesTheClientWait() throws Exception {
        var large = new byte[16 * 1024 * 1024];
        throughProxy(ends -> {
            ends.writer().transport().pauseReading();
            var sending = Async.createTask(() -> ends.client().writer().write(large.clone()));
            Async.sleep(Duration.ofMinutes(1));
            assertThat(sending.isDone()).isFalse();
            assertThat(ends.client().writer().transport().writeBufferSize())
                    .isGreaterThan(14_000_000);
            // Meanwhile the other direction goes on.
            ends.writer().write("hello");
            assertThat(ends.client().reader().readExactly(5)).asString(UTF_8).isEqualTo("hello");
            ends.writer().transport().resumeReading();
            assertThat(ends.reader().readExactly(large.length)).isEqualTo(large);
            sending.await();
            ends.writer().close();
        });
    }

    @LoopTest
    void aServerThatIsCutEndsTheClientToo() throws Exception {
        throughProxy(ends -> {
            var reading = Async.createTask(() -> ends.client().reader().readExactly(1000));
            ends.writer().write("a part");
            Async.sleep(LATENCY.multipliedBy(4));
            ends.writer().transport().abort();
            assertThatThrownBy(reading::await).hasStackTraceContaining("needed 1000 bytes, had 6");
        });
        assertThat(log.list).isEmpty(); // an everyday matter
    }

    @LoopTest
    void aClientThatIsCutEndsTheServerToo() throws Exception {
        throughProxy(ends -> {
            // Too much for the network to hold, so that something is lost.
            var sending = Async.createTask(() -> ends.client().writer().write(new byte[1_000_000]));
            ends.reader().readExactly(100_000);
            ends.client().writer().transport().abort();
            assertThatThrownBy(sending::await).hasStackTraceContaining("is lost");
            assertThatThrownBy(() -> ends.reader().readExactly(1_000_000))
                    .isInstanceOf(IOException.class);
        });
    }

    @LoopTest
    void closingTheProxyEndsBothSides() throws Exception {
        LoopFuture<byte[]> received = EventLoop.current().createFuture("what the server got");
        var server =
                Streams.startServer(
                        (reader, _) -> received.setResult(reader.readAll()), "localhost", 0);
        var proxy = ProxyServer.start("localhost", 0, "localhost", portOf(server));
        try (var client = Streams.openConnection("localhost", proxy.port())) {
            client.writer().write("hello");
            Async.sleep(LATENCY.multipliedBy(4));
            proxy.close();
            assertThat(client.reader().readAll()).isEmpty();
            assertThat(received.await()).asString(UTF_8).isEqualTo("hello");
        }
        server.close();
        server.waitClosed();
    }

    @LoopTest
    void withoutAServerTheClientGetsTheEnd() throws Exception {
        int port;
        try (var server = Streams.startServer((_, _) -> {}, "localhost", 0)) {
            port = portOf(server);
        }
        try (var proxy = ProxyServer.start("localhost", 0, "localhost", port);
                var client = Streams.openConnection("localhost", proxy.port())) {
            assertThat(client.reader().readAll()).isEmpty();
        }
        assertThat(log.list)
                .singleElement()
                .asString()
                .contains("no connection with localhost:" + port);
    }

    @LoopTest
    void theAddressThatCannotBeListenedOnIsNamed() throws IOException {
        try (var first = ProxyServer.start("localhost", 0, "localhost", 1)) {
            assertThatThrownBy(() -> ProxyServer.start("localhost", first.port(), "localhost", 1))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("cannot listen on localhost:" + first.port());
        }
    }
}

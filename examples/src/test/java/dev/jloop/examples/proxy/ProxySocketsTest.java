package dev.jloop.examples.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;

import dev.jloop.core.Async;
import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopFuture;
import dev.jloop.streams.Streams;
import dev.jloop.testkit.LoopTest;
import dev.jloop.transports.Key;
import dev.jloop.transports.Server;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.slf4j.LoggerFactory;

import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.util.Random;

/// What a simulated network does not show of the proxy.
class ProxySocketsTest {
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

    private static int portOf(Server server) {
        return ((InetSocketAddress) server.addresses().getFirst()).getPort();
    }

    @LoopTest(realSockets = true)
    void whatIsSentComesBackFromAnEchoServer() throws Exception {
        var content = new byte[3_000_000];
        new Random(1).nextBytes(content);
        var server =
                Streams.startServer((reader, writer) -> reader.transferTo(writer), "localhost", 0);
        try (var proxy = ProxyServer.start("localhost", 0, "localhost", portOf(server));
                var client = Streams.openConnection("localhost", proxy.port())) {
            assertThat(client.writer().extra(Key.CHANNEL)).as("a real one").isNotNull();
            var sending =
                    Async.createTask(() -> {
                        client.writer().write(content);
                        client.writer().writeEof();
                    });
            assertThat(client.reader().readAll()).isEqualTo(content);
            sending.await();
        }
        server.close();
        server.waitClosed();
        assertThat(log.list).isEmpty();
    }

    @LoopTest(realSockets = true)
    void aConnectionThatIsResetIsNotTakenForOneThatCouldNotBeMade() throws Exception {
        LoopFuture<Boolean> reset = EventLoop.current().createFuture("the reset");
        var server =
                Streams.startServer(
                        (reader, writer) -> {
                            reader.readExactly(1);
                            var socket = writer.extra(Key.CHANNEL);
                            socket.setOption(StandardSocketOptions.SO_LINGER, 0);
                            writer.transport().abort();
                            reset.setResult(true);
                        },
                        "localhost",
                        0);
        try (var proxy = ProxyServer.start("localhost", 0, "localhost", portOf(server));
                var client = Streams.openConnection("localhost", proxy.port())) {
            client.writer().write("?");
            reset.await();
            assertThat(client.reader().readAll()).isEmpty();
        }
        server.close();
        server.waitClosed();
        assertThat(log.list).isEmpty();
    }
}

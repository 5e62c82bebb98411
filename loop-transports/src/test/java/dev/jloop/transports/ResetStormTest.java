package dev.jloop.transports;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;

import dev.jloop.core.Async;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;

/// Thousands of peers that reset their connections at once, as when a load balancer dies.
@ExtendWith(LeakCheck.class)
class ResetStormTest {
    private static final int CONNECTIONS = 5_000;
    private static final int MOST_LOG_LINES = 10;

    private final ServerFixture fixture = new ServerFixture();

    /// Every other connection has bytes that wait to be sent.
    private RecordingProtocol newProtocol() {
        var protocol = fixture.newProtocol();
        if (fixture.accepted.size() % 2 == 0) {
            protocol.onConnected = transport -> transport.write(new byte[4096]);
        }
        return protocol;
    }

    @Test
    void eachHandlerSeesOneLossAndTheLogIsNotFlooded() {
        var log = new ListAppender<ILoggingEvent>();
        log.start();
        var root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.addAppender(log);
        try {
            MemoryNetwork.run(run -> storm(run));
        } finally {
            root.detachAppender(log);
        }
        assertThat(log.list)
                .filteredOn(event -> event.getLevel().isGreaterOrEqual(Level.INFO))
                .hasSizeLessThanOrEqualTo(MOST_LOG_LINES);
    }

    private void storm(TestRun run) throws IOException {
        var network = (MemoryNetwork) Network.of(run.loop);
        network.pipeBytes = 1024;
        var server = Net.createServer(this::newProtocol, ServerFixture.ANY_PORT);
        var address = server.addresses().getFirst();
        var clients = new ArrayList<Network.Link>();
        for (var count = 0; count < CONNECTIONS; count++) {
            clients.add(network.connect(address, null));
        }
        while (fixture.accepted.size() < CONNECTIONS) {
            Async.yieldNow();
        }
        ServerFixture.turns(5);
        var start = run.loop.time();
        for (var count = 0; count < CONNECTIONS; count++) {
            run.loop.callLater(Duration.ofNanos(20_000L * count), clients.get(count)::reset);
        }
        Async.sleep(Duration.ofMillis(100));
        ServerFixture.turns(5);
        assertThat(run.loop.time() - start).isEqualTo(Duration.ofMillis(100).toNanos());
        assertThat(fixture.accepted)
                .allSatisfy(protocol -> {
                    assertThat(protocol.events)
                            .filteredOn(event -> event.equals("lost") || event.equals("broken"))
                            .containsExactly("broken");
                    assertThat(protocol.events.getLast()).isEqualTo("broken");
                    assertThat(protocol.lossCause).isInstanceOf(IOException.class);
                });
        assertThat(run.takeReports()).isEmpty();
        server.close();
        server.waitClosed();
    }
}

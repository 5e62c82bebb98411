package dev.jloop.transports;

import static dev.jloop.transports.ServerFixture.ANY_PORT;
import static dev.jloop.transports.ServerFixture.connect;
import static dev.jloop.transports.ServerFixture.end;
import static dev.jloop.transports.ServerFixture.listenerOf;
import static dev.jloop.transports.ServerFixture.turns;

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
import java.net.StandardSocketOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// What a server does where there are more connections than it may, can or should take.
@ExtendWith(LeakCheck.class)
class ServerLimitsTest {
    private final IOException noDescriptors = new IOException("Too many open files");

    private final ServerFixture fixture = new ServerFixture();

    private static ListenOptions atMost(int connections) {
        return ListenOptions.DEFAULTS.withMaxConnections(connections);
    }

    @Test
    void atItsLimitAServerLetsFurtherConnectionsWait() {
        MemoryNetwork.run(run -> {
            var server = fixture.start(atMost(2));
            var listener = listenerOf(run, server.addresses().getFirst());
            for (var count = 0; count < 4; count++) {
                connect(server);
            }
            turns(10);
            assertThat(fixture.accepted).hasSize(2);
            assertThat(listener.isWatched()).isFalse();
            fixture.accepted.getFirst().transport.abort();
            turns(10);
            assertThat(fixture.accepted).hasSize(3);
            assertThat(listener.isWatched()).isFalse();
            fixture.accepted.get(1).transport.close();
            fixture.accepted.get(2).transport.close();
            turns(10);
            assertThat(fixture.accepted).hasSize(4);
            assertThat(listener.isWatched()).isTrue();
            end(server);
        });
    }

    @Test
    void aConnectionThatIsClosingKeepsItsPlaceUntilItHasEnded() {
        MemoryNetwork.run(run -> {
            var server = fixture.start(atMost(1));
            var first = connect(server);
            turns(3);
            ConnectionPairs.fill(fixture.accepted.getFirst(), first);
            connect(server);
            server.closeClients();
            turns(10);
            assertThat(fixture.accepted).hasSize(1);
            server.abortClients();
            turns(10);
            assertThat(fixture.accepted).hasSize(2);
            first.transport.abort();
            end(server);
        });
    }

    @Test
    void aConnectionWhoseProtocolFailsToComeTakesNoPlace() {
        MemoryNetwork.run(run -> {
            var failures = new int[] {3};
            var server =
                    Net.createServer(
                            () -> {
                                if (failures[0]-- > 0) {
                                    throw new IllegalStateException("no protocol today");
                                }
                                return fixture.newProtocol();
                            },
                            ANY_PORT,
                            atMost(1));
            for (var count = 0; count < 4; count++) {
                connect(server);
            }
            turns(10);
            assertThat(fixture.accepted).hasSize(1);
            assertThat(run.takeReports()).hasSize(3);
            end(server);
        });
    }

    @Test
    void listenersThatShareALimitTakeTurns() {
        MemoryNetwork.run(_ -> {
            var server =
                    Net.createServer(
                            fixture::newProtocol, List.of("127.0.0.1", "127.0.0.2"), 0, atMost(1));
            var addresses = server.addresses();
            for (var count = 0; count < 3; count++) {
                connect(addresses.getFirst());
                connect(addresses.getLast());
            }
            var order = new ArrayList<Integer>();
            for (var count = 0; count < 6; count++) {
                turns(5);
                var client = fixture.accepted.getLast().transport;
                order.add(addresses.indexOf(client.extra(Key.LOCAL_ADDRESS)));
                client.abort();
            }
            assertThat(order).containsExactly(0, 1, 0, 1, 0, 1);
            end(server);
        });
    }

    @Test
    void aFullServerThatIsClosedAcceptsNoMore() {
        MemoryNetwork.run(run -> {
            var server = fixture.start(atMost(1));
            connect(server);
            turns(5);
            var waiting = connect(server);
            server.close();
            server.abortClients();
            server.waitClosed();
            waiting.awaitLost();
            assertThat(fixture.accepted).hasSize(1);
        });
    }

    @Test
    void theLimitHoldsOnSocketsUnderAStreamOfConnections() {
        TestRun.onSockets(_ -> {
            var server = fixture.start(atMost(3));
            var clients = new ArrayList<RecordingProtocol>();
            for (var count = 0; count < 30; count++) {
                clients.add(connect(server));
            }
            var most = 0;
            for (var count = 0; count < 30; count++) {
                var expected = count + 1;
                while (fixture.accepted.size() < expected) {
                    Async.yieldNow();
                }
                var open =
                        fixture.accepted.stream()
                                .filter(protocol -> !protocol.events.contains("lost"))
                                .count();
                most = Math.max(most, (int) open);
                var protocol = fixture.accepted.get(count);
                protocol.await("made");
                protocol.transport.close();
                protocol.awaitLost();
            }
            assertThat(most).isEqualTo(3);
            for (var client : clients) {
                client.awaitLost();
            }
            end(server);
        });
    }

    @Test
    void oneTurnTakesABoundedPartOfALongBacklog() {
        MemoryNetwork.run(_ -> {
            var server =
                    fixture.start(ListenOptions.DEFAULTS.withBacklog(1000).withStartServing(false));
            for (var count = 0; count < 300; count++) {
                connect(server);
            }
            server.startServing();
            var sizes = new ArrayList<Integer>();
            for (var turn = 0; turn < 4; turn++) {
                Async.yieldNow();
                sizes.add(fixture.accepted.size());
            }
            assertThat(sizes).endsWith(300).contains(128, 256);
            end(server);
        });
    }

    @Test
    void aFloodOnOneListenerLeavesTheOthersAndTheConnectionsTheirTurns() {
        MemoryNetwork.run(run -> {
            var flooded =
                    fixture.start(ListenOptions.DEFAULTS.withBacklog(4000).withStartServing(false));
            var quietFixture = new ServerFixture();
            var quiet = quietFixture.start(ListenOptions.DEFAULTS);
            var client = connect(quiet);
            turns(3);
            for (var count = 0; count < 1000; count++) {
                connect(flooded);
            }
            flooded.startServing();
            turns(1);
            client.transport.write(new byte[] {1});
            connect(quiet);
            turns(3);
            assertThat(quietFixture.accepted.getFirst().received.size()).isEqualTo(1);
            assertThat(quietFixture.accepted).hasSize(2);
            assertThat(fixture.accepted).hasSizeLessThan(1000);
            turns(10);
            assertThat(fixture.accepted).hasSize(1000);
            end(flooded);
            end(quiet);
            assertThat(run.takeReports()).isEmpty();
        });
    }

    @Test
    void thePauseAfterAFailureIsTheOneAskedFor() {
        MemoryNetwork.run(run -> {
            var server =
                    fixture.start(
                            ListenOptions.DEFAULTS.withAcceptRetryDelay(Duration.ofMillis(250)));
            var listener = listenerOf(run, server.addresses().getFirst());
            listener.failure = noDescriptors;
            connect(server);
            turns(3);
            var attempts = listener.attempts;
            Async.sleep(Duration.ofMillis(999));
            assertThat(listener.attempts - attempts).isEqualTo(3);
            listener.failure = null;
            Async.sleep(Duration.ofMillis(2));
            assertThat(fixture.accepted).hasSize(1);
            assertThat(run.takeReports())
                    .singleElement()
                    .satisfies(report ->
                            assertThat(report.message()).contains("tries again every 250 ms"));
            end(server);
        });
    }

    @Test
    void aShortageIsOneAffairOfAllListenersOfALoop() {
        var log = new ListAppender<ILoggingEvent>();
        log.start();
        var logger = (Logger) LoggerFactory.getLogger(AcceptTroubles.class);
        logger.addAppender(log);
        logger.setAdditive(false);
        logger.setLevel(Level.INFO);
        try {
            MemoryNetwork.run(run -> {
                var servers = new ArrayList<Server>();
                for (var count = 0; count < 3; count++) {
                    var server = fixture.start(ListenOptions.DEFAULTS);
                    listenerOf(run, server.addresses().getFirst()).failure = noDescriptors;
                    connect(server);
                    servers.add(server);
                }
                Async.sleep(Duration.ofSeconds(10));
                assertThat(run.takeReports()).hasSize(1);
                for (var server : servers) {
                    listenerOf(run, server.addresses().getFirst()).failure = null;
                }
                Async.sleep(Duration.ofSeconds(1));
                assertThat(fixture.accepted).hasSize(3);
                assertThat(log.list)
                        .singleElement()
                        .satisfies(event ->
                                assertThat(event.getFormattedMessage())
                                        .endsWith("accepts connections again"));
                listenerOf(run, servers.getFirst().addresses().getFirst()).failure = noDescriptors;
                connect(servers.getFirst());
                turns(3);
                assertThat(run.takeReports()).as("of the next shortage").hasSize(1);
                servers.forEach(ServerFixture::end);
            });
        } finally {
            logger.setLevel(null);
            logger.setAdditive(true);
            logger.detachAppender(log);
        }
    }

    @Test
    void aShortageInWhichSingleDescriptorsComeFreeIsToldOnce() {
        MemoryNetwork.run(run -> {
            var server = fixture.start(ListenOptions.DEFAULTS);
            var listener = listenerOf(run, server.addresses().getFirst());
            listener.failure = noDescriptors;
            for (var count = 0; count < 10; count++) {
                connect(server);
            }
            for (var round = 0; round < 5; round++) {
                Async.sleep(Duration.ofSeconds(1));
                listener.free = 1;
            }
            Async.sleep(Duration.ofSeconds(1));
            assertThat(fixture.accepted).hasSize(5);
            assertThat(run.takeReports()).hasSize(1);
            end(server);
        });
    }

    @Test
    void theLastDescriptorTakenByTheLastWhoWaitedIsNoFailure() {
        MemoryNetwork.run(run -> {
            var server = fixture.start(ListenOptions.DEFAULTS);
            var listener = listenerOf(run, server.addresses().getFirst());
            listener.failure = noDescriptors;
            listener.free = 2;
            connect(server);
            connect(server);
            turns(10);
            assertThat(fixture.accepted).hasSize(2);
            assertThat(run.takeReports()).isEmpty();
            assertThat(listener.isWatched()).isTrue();
            end(server);
        });
    }

    @Test
    void connectionsAreProbedWhereThatIsAskedFor() {
        TestRun.onSockets(_ -> {
            for (var keepAlive : List.of(true, false)) {
                var server = fixture.start(ListenOptions.DEFAULTS.withKeepAlive(keepAlive));
                var client = connect(server);
                while (fixture.accepted.isEmpty() || fixture.accepted.getLast().transport == null) {
                    Async.yieldNow();
                }
                var channel = fixture.accepted.getLast().transport.extra(Key.CHANNEL);
                assertThat(channel.getOption(StandardSocketOptions.SO_KEEPALIVE))
                        .isEqualTo(keepAlive);
                client.transport.close();
                end(server);
                fixture.accepted.clear();
            }
        });
    }

    @Test
    void aReserveDescriptorIsHeldFromTheFirstListenerOnExceptWhileItIsNeeded() {
        TestRun.onSockets(run -> {
            var reserve = ReserveDescriptor.of(run.loop);
            assertThat(reserve.isHeld()).isFalse();
            var server = fixture.start(ListenOptions.DEFAULTS);
            assertThat(reserve.isHeld()).isTrue();
            reserve.whileFree(() -> assertThat(reserve.isHeld()).isFalse());
            assertThat(reserve.isHeld()).isTrue();
            server.close();
        });
    }
}

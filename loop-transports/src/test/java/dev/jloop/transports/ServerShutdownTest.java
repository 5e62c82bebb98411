package dev.jloop.transports;

import static dev.jloop.transports.ServerFixture.ANY_PORT;
import static dev.jloop.transports.ServerFixture.connect;
import static dev.jloop.transports.ServerFixture.listenerOf;
import static dev.jloop.transports.ServerFixture.turns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jloop.core.CancelledError;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// The end of a server under load: it always comes, and tells who was cut.
@ExtendWith(LeakCheck.class)
class ServerShutdownTest {
    private static final Duration GRACE = Duration.ofSeconds(5);

    private final ServerFixture fixture = new ServerFixture();

    private Server server() throws Exception {
        return fixture.start(ListenOptions.DEFAULTS);
    }

    private static SocketAddress addressOf(RecordingProtocol client) {
        return client.transport.extra(Key.LOCAL_ADDRESS);
    }

    /// Answers each request after a time of its own, and then closes the connection.
    private RecordingProtocol slow(TestRun run, int number) {
        var protocol = fixture.newProtocol();
        protocol.onData =
                _ ->
                        run.loop.callLater(
                                Duration.ofMillis(5 + 7L * number),
                                () -> {
                                    protocol.transport.write(new byte[100]);
                                    protocol.transport.close();
                                });
        return protocol;
    }

    @Test
    void ofFiveHundredRequestsUnderWayTheTenThatAreStuckAreCutAndNamed() {
        MemoryNetwork.run(run -> {
            var server =
                    Net.createServer(
                            () ->
                                    fixture.accepted.size() % 50 == 49
                                            ? fixture.newProtocol()
                                            : slow(run, fixture.accepted.size()),
                            ANY_PORT);
            var address = server.addresses().getFirst();
            var listener = listenerOf(run, address);
            var clients = new ArrayList<RecordingProtocol>();
            for (var count = 0; count < 500; count++) {
                var client = connect(address);
                client.transport.write(new byte[10]);
                clients.add(client);
            }
            while (fixture.accepted.size() < 500
                    || fixture.accepted.getLast().received.size() == 0) {
                turns(1);
            }
            var attempts = listener.attempts;
            var start = run.loop.time();
            var report = server.shutdown(GRACE);
            assertThat(run.loop.time() - start).isEqualTo(GRACE.toNanos());
            var stuck = new ArrayList<SocketAddress>();
            for (var number = 49; number < 500; number += 50) {
                stuck.add(addressOf(clients.get(number)));
            }
            assertThat(report.cut()).containsExactlyElementsOf(stuck);
            assertThat(clients).filteredOn(client -> client.received.size() == 100).hasSize(490);
            assertThat(listener.attempts).as("accepts after the close").isEqualTo(attempts);
            assertThatThrownBy(() -> connect(address)).hasMessageContaining("refused");
            turns(5);
            assertThat(clients).allSatisfy(client -> assertThat(client.events).endsWith("lost"));
        });
    }

    @Test
    void twoShutdownsAtATimeTellTheSameAndTheShorterGraceCounts() {
        MemoryNetwork.run(run -> {
            var server = server();
            var client = connect(server);
            turns(3);
            var start = run.loop.time();
            var patient = run.loop.createTask(() -> server.shutdown(GRACE), "patient");
            turns(2);
            var report = server.shutdown(Duration.ofSeconds(1));
            assertThat(run.loop.time() - start).isEqualTo(Duration.ofSeconds(1).toNanos());
            assertThat(report.cut()).containsExactly(addressOf(client));
            assertThat(patient.await()).isEqualTo(report);
            assertThat(run.loop.time() - start).isEqualTo(Duration.ofSeconds(1).toNanos());
            assertThat(server.shutdown(GRACE)).as("a third, too late").isEqualTo(report);
            client.awaitLost();
        });
    }

    @Test
    void aCancelledShutdownCutsAtOnce() {
        MemoryNetwork.run(run -> {
            var server = server();
            var client = connect(server);
            turns(3);
            var task = run.loop.createTask(() -> server.shutdown(GRACE), "shutdown");
            turns(3);
            assertThat(task.cancel()).isTrue();
            assertThatThrownBy(task::await).isInstanceOf(CancelledError.class);
            client.awaitLost();
            server.waitClosed();
            assertThat(run.loop.time()).isZero();
            assertThat(server.shutdown(GRACE).cut()).containsExactly(addressOf(client));
        });
    }

    @Test
    void aServerThatNeverStartedShutsDownAtOnce() {
        MemoryNetwork.run(run -> {
            var server = fixture.start(ListenOptions.DEFAULTS.withStartServing(false));
            var waiting = connect(server);
            assertThat(server.shutdown(GRACE).cut()).isEmpty();
            assertThat(run.loop.time()).isZero();
            waiting.awaitLost();
            assertThat(fixture.accepted).isEmpty();
        });
    }

    @Test
    void aShutdownWhileAcceptingFailsEndsTheRetries() {
        MemoryNetwork.run(run -> {
            var server = server();
            var listener = listenerOf(run, server.addresses().getFirst());
            listener.failure = new IOException("Too many open files");
            var waiting = connect(server);
            turns(3);
            assertThat(server.shutdown(GRACE).cut()).isEmpty();
            waiting.awaitLost();
            assertThat(run.takeReports()).hasSize(1);
            assertThat(run.loop.time()).isZero();
        });
    }

    @Test
    void aClientOfTheSameTurnIsServedOrRefusedButNeverForgotten() {
        for (var delay = 0; delay < 6; delay++) {
            var turnsBefore = delay;
            MemoryNetwork.run(run -> {
                var server = server();
                var client = connect(server);
                turns(turnsBefore);
                var report = server.shutdown(Duration.ZERO);
                client.awaitLost();
                if (fixture.accepted.isEmpty()) {
                    assertThat(report.cut()).isEmpty();
                } else {
                    assertThat(report.cut()).containsExactly(addressOf(client));
                    assertThat(fixture.accepted.getFirst().events).containsExactly("made", "lost");
                }
                fixture.accepted.clear();
                assertThat(run.takeReports()).isEmpty();
            });
        }
    }

    @Test
    void closingTheClientsReachesOneThatWasAcceptedInThisTurn() {
        MemoryNetwork.run(run -> {
            var server = new Server[1];
            server[0] =
                    Net.createServer(
                            () -> {
                                run.loop.callSoon(() -> {
                                    server[0].close();
                                    server[0].closeClients();
                                });
                                return fixture.newProtocol();
                            },
                            ANY_PORT);
            var client = connect(server[0]);
            server[0].waitClosed();
            client.awaitLost();
            assertThat(fixture.accepted.getFirst().events).containsExactly("made", "lost");
        });
    }

    @Test
    void aServerClosedByItsFactoryAcceptsNoFurtherInThatTurn() {
        MemoryNetwork.run(_ -> {
            var server = new Server[1];
            server[0] =
                    Net.createServer(
                            () -> {
                                server[0].close();
                                return fixture.newProtocol();
                            },
                            ANY_PORT,
                            ListenOptions.DEFAULTS.withStartServing(false));
            var clients = List.of(connect(server[0]), connect(server[0]), connect(server[0]));
            server[0].startServing();
            turns(5);
            assertThat(fixture.accepted).hasSize(1);
            server[0].abortClients();
            server[0].waitClosed();
            for (var client : clients) {
                client.awaitLost();
            }
        });
    }

    @Test
    void serveForeverReturnsWhenAShutdownHasCutTheLast() {
        MemoryNetwork.run(run -> {
            var server = server();
            var client = connect(server);
            var serving = run.loop.createTask(server::serveForever, "serving");
            turns(5);
            server.shutdown(GRACE);
            serving.await();
            client.awaitLost();
        });
    }
}

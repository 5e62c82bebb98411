package dev.jloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.jloop.core.Async;
import dev.jloop.core.AsyncRunnable;
import dev.jloop.core.CancelledError;
import dev.jloop.core.EventLoop;
import dev.jloop.core.TimedOutException;
import dev.jloop.streams.StreamConnection;
import dev.jloop.streams.StreamOptions;
import dev.jloop.streams.Streams;
import dev.jloop.transports.ConnectOptions;
import dev.jloop.transports.ListenOptions;
import dev.jloop.transports.Net;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Partitions, black holes, crashes, and what is left of connections then.
@Timeout(60)
class SimulatedTroubleTest {
    private final VirtualTimeLoop loop = VirtualTimeLoop.create();
    private final SimulatedNetwork network = SimulatedNetwork.on(loop);
    private final SimHost server = network.host("server");
    private final SimHost client = network.host("client");
    private final List<String> reports = new ArrayList<>();

    @BeforeEach
    void tenMillisecondsApart() {
        loop.setExceptionHandler((_, report) -> reports.add(report.toString()));
        network.setLatency(Duration.ofMillis(10));
    }

    @AfterEach
    void nothingWasReported() {
        loop.close();
        assertThat(reports).isEmpty();
    }

    private void onClient(AsyncRunnable body) {
        loop.runUntilComplete(client.createTask(body));
    }

    /// A server that answers each line with itself, for as long as its host lives.
    private void serveLines() {
        var _ =
                server.createTask(() -> {
                    try (var lines =
                            Streams.startServer(
                                    (reader, writer) -> {
                                        try {
                                            for (var line : reader.lines()) {
                                                writer.write(line);
                                            }
                                        } catch (UncheckedIOException lost) {
                                            losses.add(lost.getMessage() + " at " + millis());
                                        }
                                    },
                                    "0.0.0.0",
                                    80)) {
                        lines.serveForever();
                    }
                });
        Async.yieldNow();
        Async.yieldNow();
    }

    private final List<String> losses = new ArrayList<>();

    private static void failingCleanUp() {
        throw new IllegalStateException("clean-up fails");
    }

    private void stopServer() {
        server.crash();
        Async.sleep(Duration.ofMillis(1));
    }

    private static String ask(StreamConnection stream, String line) throws IOException {
        stream.writer().write((line + "\n").getBytes(US_ASCII));
        return new String(stream.reader().readLine(), US_ASCII).strip();
    }

    /// Closes what is lost, which says so once more.
    private static void closeLost(StreamConnection stream) {
        assertThatThrownBy(stream::close).isInstanceOf(IOException.class);
    }

    private long millis() {
        return Duration.ofNanos(loop.time()).toMillis();
    }

    @Test
    void aConnectionThatIsGivenUpWhenItIsGrantedLeavesNothingBehind() {
        onClient(() -> {
            serveLines();
            assertThatThrownBy(() ->
                            Async.withTimeout(
                                    Duration.ofMillis(20),
                                    () -> Streams.openConnection("server", 80)))
                    .isInstanceOf(TimedOutException.class);
            Async.sleep(Duration.ofSeconds(1));
            assertThat(network.describe()).doesNotContain("OPEN", "CONNECTING", "ARRIVING");
            stopServer();
        });
    }

    @Test
    void aStreamWaitsForTheRepairOfAPartitionAndLosesNothing() {
        onClient(() -> {
            serveLines();
            try (var stream = Streams.openConnection("server", 80)) {
                network.partition("client", "server");
                var _ =
                        loop.callLater(
                                Duration.ofSeconds(30), () -> network.repair("client", "server"));
                assertThat(ask(stream, "hello")).isEqualTo("hello");
                assertThat(millis()).isEqualTo(30_000 + 20 + 20);
            }
            stopServer();
        });
    }

    @Test
    void aPartitionInOneDirectionHoldsUpTheAnswersOnly() {
        onClient(() -> {
            serveLines();
            try (var stream = Streams.openConnection("server", 80)) {
                network.partitionOneWay("server", "client");
                var _ =
                        loop.callLater(
                                Duration.ofSeconds(5), () -> network.repair("client", "server"));
                assertThat(ask(stream, "hello")).isEqualTo("hello");
                assertThat(millis()).isEqualTo(5_000 + 20 + 10);
            }
            stopServer();
        });
    }

    @Test
    void aConnectionWithoutProgressForAMinuteTimesOutAtBothEnds() {
        onClient(() -> {
            serveLines();
            var stream = Streams.openConnection("server", 80);
            Async.sleep(Duration.ofMillis(80));
            network.partition("client", "server");
            assertThatThrownBy(() -> ask(stream, "hello"))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("Connection timed out");
            assertThat(millis()).isEqualTo(60_100);
            Async.sleep(Duration.ofMillis(1));
            assertThat(losses).singleElement().asString().endsWith("Connection timed out at 60100");
            closeLost(stream);
            network.repair("client", "server");
            stopServer();
        });
    }

    @Test
    void whatIsHeldBackArrivesInOrderWhenItIsReleasedAndNobodyGivesUp() {
        onClient(() -> {
            serveLines();
            try (var stream = Streams.openConnection("server", 80)) {
                network.hold("client", "server");
                var _ =
                        loop.callLater(
                                Duration.ofHours(1), () -> network.release("client", "server"));
                stream.writer().write("a\n".getBytes(US_ASCII));
                Async.sleep(Duration.ofMillis(1));
                assertThat(ask(stream, "b")).isEqualTo("a");
                assertThat(new String(stream.reader().readLine(), US_ASCII)).isEqualTo("b\n");
                assertThat(millis()).isEqualTo(3_600_000 + 20 + 10);
            }
            stopServer();
        });
    }

    @Test
    void connectingToABlackHoleEndsAfterAMinuteOrAtItsOwnTimeout() {
        network.addBlackHole("server", 80);
        onClient(() -> {
            serveLines();
            assertThatThrownBy(() -> Streams.openConnection("server", 80))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("Connection timed out");
            assertThat(millis()).isEqualTo(60_000);
            assertThatThrownBy(() ->
                            Net.createConnection(
                                    () -> new PausedProtocol(null),
                                    "server",
                                    80,
                                    ConnectOptions.DEFAULTS.withTimeout(Duration.ofSeconds(3))))
                    .isInstanceOf(IOException.class);
            assertThat(millis()).isEqualTo(63_000);
            network.removeBlackHole("server", 80);
            Streams.openConnection("server", 80).close();
            stopServer();
        });
    }

    @Test
    void aFirewallResetsBothEnds() {
        onClient(() -> {
            serveLines();
            var stream = Streams.openConnection("server", 80);
            assertThat(ask(stream, "hello")).isEqualTo("hello");
            network.resetConnections("server", "client");
            assertThatThrownBy(() -> ask(stream, "hello"))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("Connection reset");
            Async.sleep(Duration.ofMillis(1));
            assertThat(losses).singleElement().asString().contains("Connection reset");
            closeLost(stream);
            stopServer();
        });
    }

    @Test
    void aCrashIsSilentUntilTheRestartedHostIsSentSomething() {
        onClient(() -> {
            serveLines();
            var stream = Streams.openConnection("server", 80);
            assertThat(ask(stream, "hello")).isEqualTo("hello");
            var line = Async.createTask(() -> stream.reader().readLine());
            server.crash();
            Async.sleep(Duration.ofHours(1));
            assertThat(line.isDone()).isFalse();
            server.restart();
            Async.sleep(Duration.ofHours(1));
            assertThat(line.isDone()).isFalse();
            var sent = millis();
            stream.writer().write(new byte[1]);
            assertThatThrownBy(line::await).hasStackTraceContaining("Connection reset");
            assertThat(millis()).isEqualTo(sent + 20);
            assertThatThrownBy(() -> Streams.openConnection("server", 80))
                    .hasMessageContaining("Connection refused");
            closeLost(stream);
        });
        assertThat(losses).isEmpty();
    }

    @Test
    void whatIsSentToAHostThatIsDownTimesOutAndResetsIfTheHostComesBackBefore() {
        onClient(() -> {
            serveLines();
            var one = Streams.openConnection("server", 80);
            var other = Streams.openConnection("server", 80);
            server.crash();
            assertThatThrownBy(() -> ask(one, "hello"))
                    .hasMessageContaining("Connection timed out");
            assertThat(millis()).isEqualTo(60_040);
            var _ = loop.callLater(Duration.ofSeconds(1), server::restart);
            assertThatThrownBy(() -> ask(other, "hello")).hasMessageContaining("Connection reset");
            assertThat(millis()).isEqualTo(61_060);
            closeLost(one);
            closeLost(other);
        });
    }

    @Test
    void tasksOfACrashedHostEndWhateverTheyAwaitAndReachNobody() {
        var ends = new ArrayList<String>();
        var packets = new ArrayList<Packet>();
        onClient(() -> {
            serveLines();
            var task =
                    server.createTask(() -> {
                        var stream = Streams.openConnection("server", 80);
                        try {
                            Async.sleep(Duration.ofDays(1));
                        } catch (CancelledError crash) {
                            ends.add(crash.getMessage());
                            throw crash;
                        } finally {
                            stream.writer().write(new byte[10]);
                            try {
                                Async.sleep(Duration.ofDays(1));
                            } finally {
                                ends.add("closes");
                                stream.close();
                            }
                        }
                    });
            var broken =
                    server.createTask(() -> {
                        try {
                            Async.sleep(Duration.ofDays(1));
                        } finally {
                            failingCleanUp();
                        }
                    });
            var connecting =
                    server.createTask(() -> {
                        try {
                            Async.sleep(Duration.ofDays(1));
                        } finally {
                            Streams.openConnection("client", 80).close();
                        }
                    });
            Async.sleep(Duration.ofSeconds(1));
            var _ =
                    network.observe(
                            new PacketListener() {
                                @Override
                                public void sent(Packet packet) {
                                    packets.add(packet);
                                }
                            });
            server.crash();
            assertThatThrownBy(() -> server.createTask(() -> {}))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("restart()");
            Async.sleep(Duration.ofMillis(1));
            assertThat(List.of(task, broken, connecting)).allMatch(each -> each.isDone());
        });
        assertThat(ends).containsExactly("host server has crashed", "closes");
        assertThat(packets).isEmpty();
        assertThat(millis()).isLessThan(2000);
    }

    @Test
    void timersOfACrashedHostDoNotRunAndThoseOfTheRestartedDo() {
        var calls = new ArrayList<String>();
        onClient(() -> {
            server.createTask(
                            () -> {
                                var here = EventLoop.current();
                                var _ =
                                        here.callLater(
                                                Duration.ofSeconds(1), () -> calls.add("first"));
                                var _ =
                                        here.callLater(
                                                Duration.ofSeconds(3), () -> calls.add("lost"));
                            })
                    .await();
            Async.sleep(Duration.ofSeconds(2));
            server.restart();
            server.createTask(
                            () -> {
                                var here = EventLoop.current();
                                var _ =
                                        here.callLater(
                                                Duration.ofSeconds(2), () -> calls.add("second"));
                            })
                    .await();
            Async.sleep(Duration.ofSeconds(5));
        });
        assertThat(calls).containsExactly("first", "second");
    }

    @Test
    void anIdleDeadlineReapsHalfOpenPeersAtTheExactInstant() {
        var reaped = new ArrayList<Long>();
        loop.runUntilComplete(() -> {
            var idle =
                    server.createTask(() ->
                                    Streams.startServer(
                                            (reader, writer) -> {
                                                try {
                                                    Async.withTimeout(
                                                            Duration.ofSeconds(90),
                                                            () -> reader.readLine());
                                                } catch (TimedOutException _) {
                                                    reaped.add(millis());
                                                    writer.transport().abort();
                                                }
                                            },
                                            "0.0.0.0",
                                            80,
                                            StreamOptions.DEFAULTS.withListen(
                                                    ListenOptions.DEFAULTS.withBacklog(1000))))
                            .await();
            for (var count = 0; count < 1000; count++) {
                var _ =
                        client.createTask(() -> {
                            var stream = Streams.openConnection("server", 80);
                            try {
                                Async.sleep(Duration.ofDays(1));
                            } finally {
                                stream.close();
                            }
                        });
            }
            Async.sleep(Duration.ofSeconds(1));
            client.crash();
            Async.sleep(Duration.ofMinutes(10));
            idle.close();
            idle.waitClosed();
        });
        assertThat(reaped).hasSize(1000).containsOnly(90_030L);
    }

    @Test
    void theTableShowsSocketsAndWaysAndPackets() {
        onClient(() -> {
            serveLines();
            try (var stream = Streams.openConnection("server", 80)) {
                Async.sleep(Duration.ofMillis(10));
                network.partition("client", "server");
                stream.writer().write(new byte[5]);
                Async.sleep(Duration.ofMillis(10));
                assertThat(network.describe().lines())
                        .containsSubsequence(
                                "simulated network at PT0.04S",
                                "host test 10.0.0.1",
                                "host server 10.0.0.2",
                                "    listener on 0.0.0.0:80, waiting 0",
                                "    10.0.0.2:80->10.0.0.3:49152 OPEN, unread 0, under way 0",
                                "host client 10.0.0.3",
                                "    10.0.0.3:49152->10.0.0.2:80 OPEN, unread 0, under way 5, stuck"
                                        + " packets 1",
                                "path client -> server: partition, packets waiting 1",
                                "PT0S sent #1 SYN client 10.0.0.3:49152 -> server 10.0.0.2:80",
                                "PT0.04S delayed (partition) #4 DATA 5 bytes client"
                                        + " 10.0.0.3:49152 -> server 10.0.0.2:80");
                network.repair("client", "server");
            }
            Async.sleep(Duration.ofSeconds(1));
            stopServer();
        });
    }

    @Test
    void wrongSettingsAreRefusedWithTheirValues() {
        assertThatThrownBy(() -> network.partition("client", "nobody"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("nobody")
                .hasMessageContaining("server");
        assertThatThrownBy(() -> network.setLatency(Duration.ofMillis(-1)))
                .hasMessageContaining("PT-0.001S");
        assertThatThrownBy(() -> network.setWindow(0)).hasMessageContaining("0");
        assertThatThrownBy(() -> network.host("10.0.0.1")).hasMessageContaining("10.0.0.1");
        assertThatThrownBy(() -> client.addAddress(server.addresses().getFirst()))
                .hasMessageContaining("10.0.0.2");
        assertThat(SimulatedNetwork.on(loop)).isSameAs(network);
    }
}

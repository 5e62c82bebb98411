package dev.jloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.jloop.core.Async;
import dev.jloop.core.AsyncRunnable;
import dev.jloop.core.TimedOutException;
import dev.jloop.streams.StreamOptions;
import dev.jloop.streams.Streams;
import dev.jloop.transports.ConnectOptions;
import dev.jloop.transports.Net;
import dev.jloop.transports.Server;
import dev.jloop.transports.StreamingProtocol;
import dev.jloop.transports.Transport;

import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/// To which connection a packet belongs, and how connections end that one side has left.
@Timeout(60)
class SimulatedConnectionsTest {
    private static final Duration A_MOMENT = Duration.ofMillis(100);
    private static final int PORT = 80;

    private final VirtualTimeLoop loop = VirtualTimeLoop.create();
    private final SimulatedNetwork network = SimulatedNetwork.on(loop);
    private final SimHost server = network.host("server");
    private final SimHost client = network.host("client");
    private final List<String> reports = new ArrayList<>();

    /// The ends at the server, in the order in which they were accepted.
    private final List<Noting> accepted = new ArrayList<>();

    /// Notes what happens to one end; reads only if it is told to.
    private static final class Noting implements StreamingProtocol {
        private final boolean reads;
        private final List<String> events = new ArrayList<>();
        private @Nullable Transport transport;

        Noting(boolean reads) {
            this.reads = reads;
        }

        Transport transport() {
            return Objects.requireNonNull(transport, "not connected");
        }

        @Override
        public void connectionMade(Transport made) {
            transport = made;
            if (!reads) {
                made.pauseReading();
            }
        }

        @Override
        public void dataReceived(ByteBuf data) {
            events.add(data.toString(US_ASCII));
        }

        @Override
        public boolean eofReceived() {
            events.add("end");
            return true;
        }

        @Override
        public void connectionLost(@Nullable Throwable cause) {
            events.add("lost" + (cause == null ? "" : ", " + cause.getMessage()));
        }
    }

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

    private void withServer(boolean reads, AsyncRunnable body) {
        loop.runUntilComplete(() -> {
            var listening = listen(reads);
            body.run();
            listening.close();
            accepted.forEach(each -> each.transport().abort());
            Async.sleep(A_MOMENT);
        });
    }

    private Server listen(boolean reads) {
        return server.createTask(() ->
                        Net.createServer(
                                () -> {
                                    var end = new Noting(reads);
                                    accepted.add(end);
                                    return end;
                                },
                                new InetSocketAddress("0.0.0.0", PORT)))
                .await();
    }

    private Noting connect(boolean reads) {
        var end = new Noting(reads);
        client.createTask(() -> Net.createConnection(() -> end, "server", PORT)).await();
        Async.sleep(A_MOMENT);
        return end;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(US_ASCII);
    }

    private long millis() {
        return Duration.ofNanos(loop.time()).toMillis();
    }

    private List<String> sockets() {
        return network.describe().lines().filter(line -> line.startsWith("    ")).toList();
    }

    private List<String> ways() {
        return network.describe().lines().filter(line -> line.startsWith("path")).toList();
    }

    private static StreamOptions from(int port) {
        return StreamOptions.DEFAULTS.withConnect(
                ConnectOptions.DEFAULTS.withLocalAddress(new InetSocketAddress("0.0.0.0", port)));
    }

    // ---- connections between the same ports

    @Test
    void bytesOfADeadConnectionNeverComeOutOfTheNextOneBetweenTheSamePorts() {
        withServer(
                true,
                () -> {
                    client.createTask(() -> Streams.openConnection("server", PORT, from(5000)))
                            .await();
                    Async.sleep(A_MOMENT);
                    network.hold("client", "server");
                    accepted.getFirst().transport().write(bytes("old"));
                    Async.sleep(A_MOMENT);
                    client.restart();
                    var next =
                            client.createTask(
                                    () -> Streams.openConnection("server", PORT, from(5000)));
                    Async.sleep(A_MOMENT);
                    network.release("client", "server");
                    client.createTask(
                                    () -> {
                                        try (var stream = next.await()) {
                                            Async.sleep(A_MOMENT);
                                            accepted.getLast().transport().write(bytes("new\n"));
                                            assertThat(
                                                            new String(
                                                                    stream.reader().readLine(),
                                                                    US_ASCII))
                                                    .isEqualTo("new\n");
                                        }
                                    })
                            .await();
                    assertThat(accepted).hasSize(2);
                    assertThat(accepted.getFirst().events)
                            .containsExactly("lost, Connection reset");
                });
    }

    @Test
    void aRestartedClientReconnectsFromTheSamePortWhenTheOldEndWasReset() {
        withServer(
                true,
                () -> {
                    client.createTask(() -> Streams.openConnection("server", PORT, from(5000)))
                            .await();
                    Async.sleep(A_MOMENT);
                    client.restart();
                    var start = millis();
                    client.createTask(() ->
                                    Streams.openConnection("server", PORT, from(5000)).close())
                            .await();
                    // Its first attempt resets the old end, and the one of a second later gets
                    // through.
                    assertThat(millis() - start).isEqualTo(1000 + 20);
                    assertThat(accepted.getFirst().events)
                            .containsExactly("lost, Connection reset");
                });
    }

    @Test
    void aRestartedHostGoesOnCountingItsPorts() {
        withServer(
                true,
                () -> {
                    var _ = connect(true);
                    client.restart();
                    var start = millis();
                    var next = connect(true);
                    assertThat(millis() - start).isEqualTo(20 + A_MOMENT.toMillis());
                    next.transport().close();
                });
    }

    @Test
    void whatTheOldEndWritesResetsItAndNotTheNextConnection() {
        withServer(
                true,
                () -> {
                    client.createTask(() -> Streams.openConnection("server", PORT, from(5000)))
                            .await();
                    Async.sleep(A_MOMENT);
                    client.restart();
                    var next =
                            client.createTask(
                                    () -> Streams.openConnection("server", PORT, from(5000)));
                    Async.yieldNow();
                    accepted.getFirst()
                            .transport()
                            .write(bytes("old")); // while the other one connects
                    client.createTask(() -> next.await().close()).await();
                    Async.sleep(A_MOMENT);
                    assertThat(accepted.getFirst().events)
                            .containsExactly("lost, Connection reset");
                    assertThat(accepted.getLast().events).containsExactly("end");
                });
    }

    @Test
    void givingUpAnOldConnectionLeavesTheNextOneBetweenTheSamePortsAlone() {
        withServer(
                true,
                () -> {
                    var lostEnds =
                            network.addRule(packet ->
                                    packet.kind() == Packet.Kind.FIN
                                                    && packet.fromHost().equals("server")
                                            ? Verdict.drop()
                                            : Verdict.undecided());
                    client.createTask(() ->
                                    Streams.openConnection("server", PORT, from(5000)).close())
                            .await();
                    Async.sleep(A_MOMENT);
                    accepted.getFirst().transport().close(); // its end never gets through
                    Async.sleep(A_MOMENT);
                    client.restart();
                    var next =
                            client.createTask(() ->
                                            Streams.openConnection("server", PORT, from(5000)))
                                    .await();
                    Async.sleep(Duration.ofMinutes(2));
                    client.createTask(() -> next.writer().write(bytes("well"))).await();
                    Async.sleep(A_MOMENT);
                    assertThat(accepted.getLast().events).containsExactly("well");
                    lostEnds.close();
                    client.createTask(next::close).await();
                });
    }

    // ---- closing

    @Test
    void aPeerWithAFullWindowSeesTheEndAndThenTheErrorWhenItsReaderCloses() {
        network.setWindow(1000);
        withServer(
                true,
                () -> {
                    var reader = connect(false);
                    var writer = accepted.getFirst();
                    writer.transport().write(new byte[100_000]);
                    Async.sleep(A_MOMENT);
                    reader.transport().close();
                    Async.sleep(A_MOMENT);
                    assertThat(writer.events).containsExactly("end", "lost, Broken pipe");
                    assertThat(reader.events).containsExactly("lost");
                    assertThat(sockets()).hasSize(1); // that of the server
                });
    }

    @Test
    void theResetAfterUnreadBytesIsNotLostInAPartition() {
        network.setWindow(1000);
        withServer(
                true,
                () -> {
                    var reader = connect(false);
                    var writer = accepted.getFirst();
                    writer.transport().write(new byte[100_000]);
                    Async.sleep(A_MOMENT);
                    network.partition("client", "server");
                    reader.transport().close();
                    Async.sleep(Duration.ofSeconds(5));
                    assertThat(writer.events).isEmpty();
                    network.repair("client", "server");
                    Async.sleep(A_MOMENT);
                    assertThat(writer.events).containsExactly("end", "lost, Broken pipe");
                });
    }

    @Test
    void theResetAfterUnreadBytesNeverOvertakesTheEnd() {
        network.setWindow(1000);
        network.setJitter(Duration.ofMillis(50));
        withServer(
                true,
                () -> {
                    for (var round = 0; round < 20; round++) {
                        var reader = connect(false);
                        var writer = accepted.getLast();
                        writer.transport().write(new byte[100_000]);
                        Async.sleep(A_MOMENT);
                        reader.transport().close();
                        Async.sleep(Duration.ofSeconds(1));
                        assertThat(writer.events).containsExactly("end", "lost, Broken pipe");
                    }
                });
    }

    @Test
    void anEndThatItsUserHasLeftGoesAfterAMinuteThoughThePeerNeverCloses() {
        withServer(
                false,
                () -> {
                    var left = connect(true);
                    left.transport().close();
                    Async.sleep(Duration.ofSeconds(59));
                    assertThat(sockets()).filteredOn(line -> line.contains("LEFT")).hasSize(1);
                    Async.sleep(Duration.ofSeconds(2));
                    assertThat(sockets()).filteredOn(line -> line.contains("LEFT")).isEmpty();
                    accepted.getFirst().transport().write(bytes("x"));
                    Async.sleep(A_MOMENT);
                    accepted.getFirst().transport().resumeReading();
                    Async.sleep(A_MOMENT);
                    assertThat(accepted.getFirst().events).containsExactly("end");
                    accepted.getFirst().transport().write(bytes("y"));
                    Async.sleep(A_MOMENT);
                    assertThat(accepted.getFirst().events)
                            .containsExactly("end", "lost, Broken pipe");
                });
    }

    @Test
    void anEndThatItsUserHasLeftWaitsUntilItsOwnEndHasGotThrough() {
        withServer(
                true,
                () -> {
                    var left = connect(true);
                    network.hold("client", "server");
                    left.transport().close();
                    Async.sleep(Duration.ofHours(1));
                    assertThat(sockets()).filteredOn(line -> line.contains("LEFT")).hasSize(1);
                    network.release("client", "server");
                    Async.sleep(A_MOMENT);
                    assertThat(accepted.getFirst().events).containsExactly("end");
                    accepted.getFirst().transport().close();
                    Async.sleep(A_MOMENT);
                    assertThat(sockets()).hasSize(1);
                });
    }

    @Test
    void portsOfConnectionsThatWereLeftAreFreeAgain() {
        withServer(
                false,
                () -> {
                    for (var round = 0; round < 3; round++) {
                        client.createTask(
                                        () -> {
                                            for (var count = 0; count < 100; count++) {
                                                Streams.openConnection("server", PORT).close();
                                            }
                                        })
                                .await();
                        Async.sleep(Duration.ofMinutes(2));
                        server.crash();
                        server.restart();
                        accepted.clear();
                        var again = listen(false);
                        assertThat(sockets()).hasSize(1);
                        if (round == 2) {
                            again.close();
                        }
                    }
                });
    }

    // ---- connecting and giving up

    @Test
    void aConnectCancelledJustAfterItWasGrantedLeavesNothingOpen() {
        withServer(
                true,
                () -> {
                    client.createTask(
                                    () -> {
                                        var connecting =
                                                Async.createTask(
                                                        () -> Streams.openConnection("server", 80));
                                        Async.sleep(Duration.ofMillis(15));
                                        assertThatThrownBy(() ->
                                                        Async.withTimeout(
                                                                Duration.ofMillis(5),
                                                                () -> connecting.await()))
                                                .isInstanceOf(TimedOutException.class);
                                    })
                            .await();
                    Async.sleep(Duration.ofSeconds(1));
                    assertThat(sockets()).filteredOn(line -> line.contains("->")).isEmpty();
                });
    }

    /// Tells how the story of each packet has ended.
    private Map<Long, String> followPackets() {
        var told = new TreeMap<Long, String>();
        var _ =
                network.observe(
                        new PacketListener() {
                            @Override
                            public void sent(Packet packet) {
                                told.put(packet.number(), "sent");
                            }

                            @Override
                            public void delivered(Packet packet) {
                                told.put(packet.number(), "delivered");
                            }

                            @Override
                            public void delayed(Packet packet, String why) {
                                told.put(packet.number(), "delayed, " + why);
                            }

                            @Override
                            public void dropped(Packet packet, String why) {
                                told.put(packet.number(), "dropped, " + why);
                            }
                        });
        return told;
    }

    @Test
    void connectsThatWereGivenUpInAPartitionLeaveNoPacketsBehind() {
        var told = followPackets();
        network.partition("client", "server");
        withServer(
                true,
                () -> {
                    client.createTask(
                                    () -> {
                                        for (var count = 0; count < 10; count++) {
                                            assertThatThrownBy(() ->
                                                            Async.withTimeout(
                                                                    Duration.ofSeconds(1),
                                                                    () ->
                                                                            Streams.openConnection(
                                                                                    "server",
                                                                                    PORT)))
                                                    .isInstanceOf(TimedOutException.class);
                                        }
                                    })
                            .await();
                    assertThat(ways()).allMatch(line -> line.endsWith("packets waiting 0"));
                    assertThat(told).hasSize(10);
                    assertThat(told.values()).containsOnly("dropped, given up");
                });
    }

    @Test
    void whatAResetConnectionStillHadToSendDoesNotArriveWhenAPartitionIsRepaired() {
        var told = followPackets();
        network.setWindow(5);
        withServer(
                true,
                () -> {
                    var writer = connect(true);
                    network.partition("client", "server");
                    writer.transport().write(bytes("never arrives"));
                    Async.sleep(A_MOMENT);
                    writer.transport().abort();
                    Async.sleep(Duration.ofSeconds(30));
                    network.repair("client", "server");
                    Async.sleep(Duration.ofMinutes(5));
                    assertThat(accepted.getFirst().events).isEmpty();
                    assertThat(told.values())
                            .containsOnly("delivered", "dropped, given up", "dropped, partition");
                });
    }

    @Test
    void aConnectionGivenUpBeforeItWasCompleteLeavesNoRoomTakenAtTheServer() {
        network.setWindow(5);
        withServer(
                true,
                () -> {
                    var connecting =
                            client.createTask(() -> Streams.openConnection("server", PORT));
                    Async.sleep(Duration.ofMillis(15));
                    network.partitionOneWay(
                            "client", "server"); // what completes it does not arrive
                    var transport = connecting.await().writer().transport();
                    transport.write(bytes("more than fits"));
                    transport.abort();
                    assertThat(sockets()).anyMatch(line -> line.contains("ARRIVING"));
                    Async.sleep(Duration.ofSeconds(61));
                    assertThat(sockets()).noneMatch(line -> line.contains("ARRIVING"));
                });
    }

    @Test
    void nobodyGivesUpBecauseOfAHoldNotEvenWhoConnectsOrMeetsAPartitionAfterIt() {
        withServer(
                true,
                () -> {
                    var open = connect(true);
                    network.hold("client", "server");
                    open.transport().write(bytes("held"));
                    var connecting =
                            client.createTask(() -> Streams.openConnection("server", PORT));
                    Async.sleep(Duration.ofHours(1));
                    network.partition("client", "server");
                    network.release("client", "server");
                    Async.sleep(Duration.ofSeconds(50));
                    assertThat(open.events).isEmpty();
                    network.repair("client", "server");
                    Async.sleep(A_MOMENT);
                    assertThat(accepted.getFirst().events).containsExactly("held");
                    connecting.await().writer().transport().abort();
                    open.transport().abort();
                });
    }

    @Test
    void connectingIsAskedForAgainWhenABlackHoleHasGone() {
        network.addBlackHole("server", PORT);
        withServer(
                true,
                () -> {
                    var _ = loop.callLater(A_MOMENT, () -> network.removeBlackHole("server", PORT));
                    client.createTask(() -> Streams.openConnection("server", PORT).close()).await();
                    assertThat(millis()).isBetween(1000L, 1100L);
                });
    }

    @Test
    void aTimeThatNoClockCanCountIsRefusedWhereItIsSet() {
        var ages = Duration.ofDays(200_000);
        assertThatThrownBy(() -> network.setJitter(ages))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("jitter")
                .hasMessageContaining(ages.toString());
        assertThatThrownBy(() -> network.setLatency(ages))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> network.setLatency("client", "server", ages))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> network.setGiveUpTime(ages))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> network.setDatagramReordering(0.5, ages))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Verdict.deliverAfter(ages))
                .isInstanceOf(IllegalArgumentException.class);
        loop.close();
    }
}

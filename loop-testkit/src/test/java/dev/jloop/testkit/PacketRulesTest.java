package dev.jloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.jloop.core.Async;
import dev.jloop.core.AsyncRunnable;
import dev.jloop.streams.StreamConnection;
import dev.jloop.streams.StreamReader;
import dev.jloop.streams.StreamWriter;
import dev.jloop.streams.Streams;
import dev.jloop.transports.DatagramOptions;
import dev.jloop.transports.DatagramProtocol;
import dev.jloop.transports.DatagramTransport;
import dev.jloop.transports.Net;

import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;

/// Hosts are ten milliseconds apart, so a connection is made after 20 ms.
@Timeout(60)
class PacketRulesTest {
    private final VirtualTimeLoop loop = VirtualTimeLoop.create();
    private final SimulatedNetwork network = SimulatedNetwork.on(loop);
    private final SimHost server = network.host("server");
    private final SimHost client = network.host("client");
    private final List<String> reports = new ArrayList<>();
    private final List<String> served = new ArrayList<>();
    private long sentAt;

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

    private long millis() {
        return Duration.ofNanos(loop.time()).toMillis();
    }

    /// Runs `body` on the client, beside a server that answers each line with itself.
    private void onClient(AsyncRunnable body) {
        loop.runUntilComplete(
                client.createTask(() -> {
                    var lines =
                            server.createTask(() -> Streams.startServer(this::echo, "0.0.0.0", 80))
                                    .await();
                    body.run();
                    lines.close();
                    lines.waitClosed();
                    Async.sleep(Duration.ofMinutes(10)); // what is under way arrives
                }));
    }

    private void echo(StreamReader reader, StreamWriter writer) {
        try {
            for (var line = reader.readLine(); line.length > 0; line = reader.readLine()) {
                writer.write(line);
            }
            served.add("end at " + millis());
        } catch (IOException lost) {
            served.add(lost.getMessage() + " at " + millis());
        }
    }

    private static void say(StreamConnection stream, String line) throws IOException {
        stream.writer().write((line + "\n").getBytes(US_ASCII));
    }

    private static String hear(StreamConnection stream) throws IOException {
        return new String(stream.reader().readLine(), US_ASCII).strip();
    }

    private static Predicate<Packet> is(Packet.Kind kind, String from) {
        return packet -> packet.kind() == kind && packet.fromHost().equals(from);
    }

    /// Drops the first packets of a kind.
    private static PacketRule dropFirst(int count, Predicate<Packet> which) {
        var left = new int[] {count};
        return packet -> which.test(packet) && left[0]-- > 0 ? Verdict.drop() : Verdict.undecided();
    }

    @Test
    void aLostPacketOfAStreamIsSentAgainAfter200MillisecondsAndWhatFollowsWaitsForIt() {
        var _ = network.addRule(dropFirst(1, is(Packet.Kind.DATA, "client")));
        onClient(() -> {
            try (var stream = Streams.openConnection("server", 80)) {
                say(stream, "a");
                Async.sleep(Duration.ofMillis(1));
                say(stream, "b");
                assertThat(hear(stream)).isEqualTo("a");
                assertThat(millis()).isEqualTo(20 + 200 + 10 + 10);
                assertThat(hear(stream)).isEqualTo("b");
                assertThat(millis()).isEqualTo(20 + 200 + 10 + 10);
            }
        });
        assertThat(served).singleElement().asString().startsWith("end");
    }

    @Test
    void aPacketLostAgainWaitsTwiceAsLongEachTimeAndKeepsItsNumber() {
        var shown = new ArrayList<String>();
        var _ =
                network.addRule(packet -> {
                    if (!is(Packet.Kind.DATA, "client").test(packet)) {
                        return Verdict.undecided();
                    }
                    shown.add(packet.number() + " at " + millis());
                    return shown.size() <= 3 ? Verdict.drop() : Verdict.undecided();
                });
        onClient(() -> {
            try (var stream = Streams.openConnection("server", 80)) {
                say(stream, "a");
                assertThat(hear(stream)).isEqualTo("a");
                assertThat(millis()).isEqualTo(20 + 200 + 400 + 800 + 20);
            }
        });
        assertThat(shown).containsExactly("4 at 20", "4 at 220", "4 at 620", "4 at 1420");
    }

    @Test
    void whatNeverGetsThroughEndsTheConnectionAtBothEndsAfterTheTimeToGiveUp() {
        onClient(() -> {
            var stream = Streams.openConnection("server", 80);
            var _ =
                    network.addRule(packet ->
                            packet.kind() == Packet.Kind.DATA
                                    ? Verdict.drop()
                                    : Verdict.undecided());
            say(stream, "a");
            assertThatThrownBy(() -> hear(stream))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("Connection timed out");
            assertThat(millis()).isEqualTo(20 + 60_000);
            assertThatThrownBy(stream::close).isInstanceOf(IOException.class);
            assertThat(network.describe()).doesNotContain("packets waiting");
        });
        assertThat(served).singleElement().asString().endsWith("Connection timed out at 60020");
    }

    @Test
    void aConnectionWhosePacketsAllGetThroughIsNotGivenUpHoweverTheirLossesOverlap() {
        var dropped = new HashSet<Long>();
        var _ =
                network.addRule(packet ->
                        is(Packet.Kind.DATA, "client").test(packet) && dropped.add(packet.number())
                                ? Verdict.drop()
                                : Verdict.undecided());
        onClient(() -> {
            try (var stream = Streams.openConnection("server", 80)) {
                for (var line = 0; line < 1_000; line++) {
                    say(stream, "");
                    Async.sleep(Duration.ofMillis(100)); // half of what the first repetition takes
                }
                stream.writer().writeEof();
                assertThat(stream.reader().readAll()).hasSize(1_000);
            }
        });
        assertThat(dropped).hasSize(1_000);
        assertThat(served).singleElement().asString().startsWith("end");
    }

    @Test
    void theFirstPacketThatNeverGetsThroughCountsAndNotOneThatWaitedBeforeIt() {
        onClient(() -> {
            var stream = Streams.openConnection("server", 80);
            var _ = network.addRule(dropFirst(1, is(Packet.Kind.DATA, "client")));
            say(stream, "a");
            Async.sleep(Duration.ofMillis(50));
            var _ =
                    network.addRule(packet ->
                            is(Packet.Kind.DATA, "client").test(packet) && packet.size() == 3
                                    ? Verdict.drop()
                                    : Verdict.undecided());
            say(stream, "bb");
            assertThat(hear(stream)).isEqualTo("a");
            assertThatThrownBy(() -> hear(stream)).hasMessageContaining("Connection timed out");
            assertThat(millis()).isEqualTo(20 + 50 + 60_000);
            assertThatThrownBy(stream::close).isInstanceOf(IOException.class);
        });
    }

    @Test
    void aLostRequestForAConnectionIsMadeAgainAfterOneSecondAndAfterTwoMore() {
        var _ = network.addRule(dropFirst(2, is(Packet.Kind.SYN, "client")));
        onClient(() -> {
            Streams.openConnection("server", 80).close();
            assertThat(millis()).isEqualTo(1_000 + 2_000 + 20);
        });
    }

    @Test
    void aConnectionIsNotMadeWhereItsRequestsAreLost() {
        var _ = network.addRule(dropFirst(1_000, is(Packet.Kind.SYN, "client")));
        onClient(() -> {
            assertThatThrownBy(() -> Streams.openConnection("server", 80))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("Connection timed out");
            assertThat(millis()).isEqualTo(60_000);
        });
    }

    @Test
    void lostGrantsAndEndsAndSignsOfReadingComeLater() {
        network.setWindow(4);
        var _ = network.addRule(dropFirst(1, is(Packet.Kind.SYN_ACK, "server")));
        var _ = network.addRule(dropFirst(1, is(Packet.Kind.WINDOW, "server")));
        var _ = network.addRule(dropFirst(1, is(Packet.Kind.FIN, "client")));
        onClient(() -> {
            try (var stream = Streams.openConnection("server", 80)) {
                assertThat(millis()).isEqualTo(220);
                say(stream, "abcdefg");
                assertThat(hear(stream)).isEqualTo("abcdefg");
                assertThat(millis()).isEqualTo(220 + 10 + 200 + 10 + 10 + 10 + 20);
            }
        });
        assertThat(served).containsExactly("end at " + (480 + 200 + 10));
    }

    @Test
    void aLostResetLeavesThePeerHalfOpen() {
        network.setWindow(4);
        var _ = network.addRule(dropFirst(1, is(Packet.Kind.RST, "client")));
        onClient(() -> {
            var stream = Streams.openConnection("server", 80);
            say(stream, "more than fits, so that some of it is lost");
            stream.writer().transport().abort();
            Async.sleep(Duration.ofHours(1));
            assertThat(served).isEmpty();
            assertThat(network.describe()).containsOnlyOnce(" OPEN,").contains("dropped (rule)");
            server.crash();
        });
    }

    @Test
    void theFirstVerdictHoldsAndARuleThatIsTakenOutDecidesNoMore() {
        var asked = new ArrayList<String>();
        var first =
                network.addRule(packet -> {
                    asked.add("first");
                    return packet.size() == 1 ? Verdict.pass() : Verdict.undecided();
                });
        var second =
                network.addRule(_ -> {
                    asked.add("second");
                    return Verdict.deliverAfter(Duration.ofSeconds(1));
                });
        var _ =
                network.addRule(_ -> {
                    asked.add("third");
                    return Verdict.drop();
                });
        assertThat(sent("a")).containsExactly("a at 10");
        assertThat(asked).containsExactly("first");
        assertThat(sent("bb")).containsExactly("bb at 1000");
        assertThat(asked).containsExactly("first", "first", "second");
        second.close();
        second.close();
        assertThat(sent("a", "bb")).containsExactly("a at 10");
        first.close();
        assertThat(sent("a", "bb")).isEmpty();
    }

    @Test
    void aVerdictOfARuleStandsBeforeTheSettingsAndBehindPartitionsAndHolds() {
        network.setDatagramLoss(1);
        network.setDatagramDuplication(1);
        network.setBandwidth(1);
        network.setJitter(Duration.ofSeconds(1));
        try (var _ = network.addRule(_ -> Verdict.deliverAfter(Duration.ofMillis(7)))) {
            assertThat(sent("abc")).containsExactly("abc at 7");
            network.partition("client", "server");
            assertThat(sent("abc")).isEmpty();
            network.repair("client", "server");
        }
        assertThat(sent("abc")).isEmpty();
    }

    @Test
    void aDelayedPartOfAStreamHoldsUpWhatFollowsAndNobodyGivesUp() {
        onClient(() -> {
            try (var stream = Streams.openConnection("server", 80)) {
                try (var _ =
                        network.addRule(packet ->
                                packet.kind() == Packet.Kind.DATA
                                        ? Verdict.deliverAfter(Duration.ofMinutes(5))
                                        : Verdict.undecided())) {
                    say(stream, "a");
                    Async.sleep(Duration.ofMillis(1));
                }
                say(stream, "b");
                assertThat(hear(stream)).isEqualTo("a");
                assertThat(millis()).isEqualTo(20 + 300_000 + 10);
                assertThat(hear(stream)).isEqualTo("b");
            }
        });
    }

    @Test
    void aRuleThatFailsIsReportedAndDecidesNothing() {
        var _ =
                network.addRule(_ -> {
                    throw new IllegalStateException("no idea");
                });
        assertThat(sent("a")).containsExactly("a at 10");
        assertThat(reports)
                .singleElement()
                .asString()
                .contains("a packet rule has failed on #1 DATAGRAM 1 bytes client", "no idea");
        reports.clear();
    }

    @Test
    void aRuleMayTakeItselfOut() {
        var handles = new ArrayList<PacketRule.Handle>();
        handles.add(
                network.addRule(_ -> {
                    handles.getFirst().close();
                    return Verdict.drop();
                }));
        assertThat(sent("a", "b")).containsExactly("b at 10");
    }

    @Test
    void aDelayIsNotNegative() {
        assertThatThrownBy(() -> Verdict.deliverAfter(Duration.ofMillis(-1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("PT-0.001S");
    }

    /// {@return what the server receives of these datagrams, and how long after they were sent}
    private List<String> sent(String... texts) {
        var received = new ArrayList<String>();
        loop.runUntilComplete(
                client.createTask(() -> {
                    var there = server.createTask(() -> bound(53, new Listening(received))).await();
                    var here = bound(0, new Listening(new ArrayList<>()));
                    sentAt = millis();
                    for (var text : texts) {
                        here.sendTo(
                                ByteBuffer.wrap(text.getBytes(US_ASCII)),
                                new InetSocketAddress(server.addresses().getFirst(), 53));
                    }
                    Async.sleep(Duration.ofMinutes(1));
                    there.close();
                    here.close();
                    Async.yieldNow();
                }));
        return received;
    }

    private static DatagramTransport bound(int port, Listening protocol) throws IOException {
        return Net.createDatagramEndpoint(
                        () -> protocol,
                        new InetSocketAddress(InetAddress.ofLiteral("0.0.0.0"), port),
                        null,
                        DatagramOptions.DEFAULTS)
                .transport();
    }

    private final class Listening implements DatagramProtocol {
        private final List<String> received;

        Listening(List<String> received) {
            this.received = received;
        }

        @Override
        public void connectionMade(DatagramTransport transport) {}

        @Override
        public void datagramReceived(ByteBuf data, SocketAddress sender) {
            received.add(data.toString(US_ASCII) + " at " + (millis() - sentAt));
        }

        @Override
        public void errorReceived(IOException error) {
            received.add(error.getMessage() + " at " + (millis() - sentAt));
        }

        @Override
        public void connectionLost(@Nullable Throwable cause) {}
    }

    @LoopTest(seeds = 10)
    void streamsLoseNothingWhereAThirdOfAllPacketsIsLost(SimulatedNetwork lossy, Random random)
            throws IOException {
        var losses = new HashMap<Packet.Kind, Integer>();
        var _ =
                lossy.addRule(packet -> {
                    if (random.nextInt(3) > 0) {
                        return Verdict.undecided();
                    }
                    losses.merge(packet.kind(), 1, Integer::sum);
                    return Verdict.drop();
                });
        lossy.setWindow(1000);
        var content = new byte[5_000];
        random.nextBytes(content);
        var there =
                lossy.host("server")
                        .createTask(() ->
                                Streams.startServer(
                                        (reader, writer) -> {
                                            var all = reader.readAll();
                                            writer.write(all);
                                        },
                                        "0.0.0.0",
                                        80))
                        .await();
        lossy.host("client")
                .createTask(() -> {
                    try (var stream = Streams.openConnection("server", 80)) {
                        stream.writer().write(content);
                        stream.writer().writeEof();
                        assertThat(stream.reader().readAll()).isEqualTo(content);
                    }
                })
                .await();
        there.close();
        there.waitClosed();
        assertThat(losses).containsKey(Packet.Kind.DATA);
    }
}

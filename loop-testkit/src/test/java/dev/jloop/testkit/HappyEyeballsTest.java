package dev.jloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jloop.core.Async;
import dev.jloop.streams.Streams;
import dev.jloop.transports.Key;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// A client connects to a name that stands for both addresses of a server, that of version 6 first.
/// Hosts are ten milliseconds apart, so that an attempt that succeeds or is refused takes 20 ms.
@Timeout(60)
class HappyEyeballsTest {
    private static final InetAddress SIX = InetAddress.ofLiteral("fd00::2");

    private final List<String> attempts = new ArrayList<>();
    private final List<String> accepted = new ArrayList<>();

    @BeforeEach
    void bothHaveBothFamilies(VirtualTimeLoop loop, SimulatedNetwork network) {
        network.setLatency(Duration.ofMillis(10));
        var server = network.host("server");
        server.addAddress(SIX);
        network.host("client").addAddress(InetAddress.ofLiteral("fd00::1"));
        network.addName("service", SIX, server.addresses().getFirst());
        var _ =
                network.observe(
                        new PacketListener() {
                            @Override
                            public void sent(Packet packet) {
                                if (packet.kind() == Packet.Kind.SYN) {
                                    attempts.add(family(packet) + " at " + millis(loop));
                                }
                            }
                        });
    }

    private static long millis(VirtualTimeLoop loop) {
        return Duration.ofNanos(loop.time()).toMillis();
    }

    private static String family(Packet packet) {
        return isSix(packet) ? "six" : "four";
    }

    private static boolean isSix(Packet packet) {
        return ((InetSocketAddress) packet.to()).getAddress() instanceof Inet6Address;
    }

    private static PacketRule onSix(Packet.Kind kind, Verdict verdict) {
        return packet -> packet.kind() == kind && isSix(packet) ? verdict : Verdict.undecided();
    }

    /// {@return which address the client is connected to, and when}
    ///
    /// @param listensOn empty for all addresses
    private String connect(VirtualTimeLoop loop, SimulatedNetwork network, String listensOn) {
        var server =
                network.host("server")
                        .createTask(() ->
                                Streams.startServer(
                                        (reader, writer) -> {
                                            accepted.add(
                                                    writer.extra(Key.LOCAL_ADDRESS).toString());
                                            reader.readAll();
                                        },
                                        listensOn,
                                        80))
                        .await();
        var result = network.host("client").createTask(() -> connectToService(loop)).await();
        Async.sleep(Duration.ofSeconds(10));
        assertThat(network.describe()).doesNotContain("OPEN", "CONNECTING", "ARRIVING", "LEFT");
        server.close();
        server.waitClosed();
        return result;
    }

    private static String connectToService(VirtualTimeLoop loop) throws IOException {
        try (var stream = Streams.openConnection("service", 80)) {
            var peer = (InetSocketAddress) stream.writer().extra(Key.PEER_ADDRESS);
            return peer.getAddress().getHostAddress() + " at " + millis(loop);
        }
    }

    @LoopTest
    void whereSixIsABlackHoleFourIsTriedAfter250Milliseconds(
            VirtualTimeLoop loop, SimulatedNetwork network) {
        try (var _ = network.addRule(onSix(Packet.Kind.SYN, Verdict.drop()))) {
            assertThat(connect(loop, network, "")).isEqualTo("10.0.0.2 at 270");
        }
        assertThat(attempts).containsExactly("six at 0", "four at 250");
        assertThat(accepted).hasSize(1);
    }

    @LoopTest
    void whereSixIsRefusedFourIsTriedAtOnce(VirtualTimeLoop loop, SimulatedNetwork network) {
        assertThat(connect(loop, network, "10.0.0.2")).isEqualTo("10.0.0.2 at 40");
        assertThat(attempts).containsExactly("six at 0", "four at 20");
        assertThat(accepted).hasSize(1);
    }

    @LoopTest
    void aSixThatAnswersJustInTimeIsTheOnlyOneTried(
            VirtualTimeLoop loop, SimulatedNetwork network) {
        var slow = Verdict.deliverAfter(Duration.ofMillis(239));
        var _ = network.addRule(onSix(Packet.Kind.SYN, slow));
        assertThat(connect(loop, network, "")).isEqualTo("fd00:0:0:0:0:0:0:2 at 249");
        assertThat(attempts).containsExactly("six at 0");
        assertThat(accepted).hasSize(1);
    }

    @LoopTest
    void aSlowSixThatWinsClosesTheAttemptWithFour(VirtualTimeLoop loop, SimulatedNetwork network) {
        var slow = Verdict.deliverAfter(Duration.ofMillis(250));
        var _ = network.addRule(onSix(Packet.Kind.SYN, slow));
        assertThat(connect(loop, network, "")).isEqualTo("fd00:0:0:0:0:0:0:2 at 260");
        assertThat(attempts).containsExactly("six at 0", "four at 250");
        assertThat(accepted).containsExactly("/[fd00:0:0:0:0:0:0:2]:80");
    }

    @LoopTest
    void aSlowSixThatLosesIsClosedWhenItAnswers(VirtualTimeLoop loop, SimulatedNetwork network) {
        var slow = Verdict.deliverAfter(Duration.ofMillis(300));
        var _ = network.addRule(onSix(Packet.Kind.SYN, slow));
        assertThat(connect(loop, network, "")).isEqualTo("10.0.0.2 at 270");
        assertThat(attempts).containsExactly("six at 0", "four at 250");
        assertThat(accepted).containsExactly("/10.0.0.2:80");
    }

    @LoopTest
    void anAddressStandsForItselfAlready(SimulatedNetwork network) {
        assertThatThrownBy(() -> network.addName("10.0.0.7", SIX))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("an address itself: '10.0.0.7'");
        assertThatThrownBy(() -> network.addName("fd00::7", SIX))
                .isInstanceOf(IllegalArgumentException.class);
    }
}

package dev.jloop.transports;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jloop.core.Async;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// A process that has run out of descriptors, for real: a JVM with a low limit. The figures are
/// printed; what is asserted about time and CPU is only what a loop that spins would miss by far.
@EnabledOnOs({OS.LINUX, OS.MAC})
class OutOfDescriptorsTest {
    private static final int MOST_DESCRIPTORS = 200;
    private static final Duration SAFETY_NET = Duration.ofMinutes(2);

    @Test
    void aShortageHarmsNoConnectionAndEndsByItself() {
        exhaustFor(Duration.ofMillis(1200));
    }

    @Test
    @Tag("nightly")
    void aShortageOfTenSecondsHarmsNoConnectionAndEndsByItself() {
        exhaustFor(Duration.ofSeconds(10));
    }

    private static void exhaustFor(Duration shortage) {
        TestRun.onSockets(
                SAFETY_NET,
                _ -> {
                    try (var child =
                            ForkedJvm.start(
                                    ServerWithoutDescriptors.class, MOST_DESCRIPTORS, List.of())) {
                        var port = Integer.parseInt(child.awaitValue("port "));
                        var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
                        var clients = new ArrayList<RecordingProtocol>();
                        for (var count = 0; count < 5; count++) {
                            clients.add(connect(address));
                            ping(clients.getLast());
                        }
                        var before = pings(clients, Duration.ofMillis(300));
                        child.send("exhaust\n");
                        child.awaitLine("exhausted");
                        var waiting = new ArrayList<RecordingProtocol>();
                        for (var count = 0; count < 3; count++) {
                            waiting.add(connect(address));
                            waiting.getLast().transport.write(new byte[] {1});
                        }
                        var during = pings(clients, shortage);
                        assertThat(waiting)
                                .as("served without a descriptor")
                                .allSatisfy(client ->
                                        assertThat(client.events).containsExactly("made"));
                        child.send("relieve\n");
                        child.awaitLine("relieved");
                        var relieved = System.nanoTime();
                        for (var client : waiting) {
                            client.awaitBytes(1);
                        }
                        var recovery = System.nanoTime() - relieved;
                        assertThat(child.awaitValue("told with a descriptor ")).isEqualTo("true");
                        assertThat(child.awaitValue("told that "))
                                .startsWith(
                                        "listener on 127.0.0.1:"
                                                + port
                                                + " cannot accept connections");
                        var turns = Integer.parseInt(child.awaitValue("turns "));
                        var loopCpu = child.awaitValue("loop CPU ");
                        var processCpu = child.awaitValue("process CPU ");
                        var logLines = child.awaitValue("log lines ");
                        IO.println(
                                ("out of descriptors for %d ms: loop CPU %s %%, process CPU %s %%,"
                                     + " %d turns, %s log lines, accepting again after %d ms, pings"
                                     + " before p99 %d us, during p99 %d us")
                                        .formatted(
                                                shortage.toMillis(),
                                                loopCpu,
                                                processCpu,
                                                turns,
                                                logLines,
                                                recovery / 1_000_000,
                                                p99(before),
                                                p99(during)));
                        assertThat(turns)
                                .as("turns for %d pings", during.size())
                                .isLessThan(3 * during.size() + 200);
                        assertThat(Double.parseDouble(processCpu)).isLessThan(60);
                        assertThat(Integer.parseInt(logLines)).isEqualTo(2);
                        assertThat(recovery).isLessThan(Duration.ofSeconds(5).toNanos());
                        for (var client : clients) {
                            assertThat(client.events).doesNotContain("lost", "broken");
                            client.transport.close();
                            client.awaitLost();
                        }
                        for (var client : waiting) {
                            client.transport.close();
                            client.awaitLost();
                        }
                        child.send("exit\n");
                        assertThat(child.awaitExit()).isZero();
                    }
                });
    }

    private static RecordingProtocol connect(SocketAddress address) throws IOException {
        return ServerFixture.connect(address);
    }

    private static long ping(RecordingProtocol client) {
        var received = client.received.size();
        var start = System.nanoTime();
        client.transport.write(new byte[] {1});
        client.awaitBytes(received + 1);
        return (System.nanoTime() - start) / 1000;
    }

    private static List<Long> pings(List<RecordingProtocol> clients, Duration length) {
        var micros = new ArrayList<Long>();
        var rounds = length.toMillis() / 20;
        for (var round = 0; round < rounds; round++) {
            Async.sleep(Duration.ofMillis(20));
            clients.forEach(client -> micros.add(ping(client)));
        }
        return micros;
    }

    private static long p99(List<Long> micros) {
        return micros.stream().sorted().toList().get(micros.size() * 99 / 100);
    }
}

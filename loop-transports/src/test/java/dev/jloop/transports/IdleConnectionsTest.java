package dev.jloop.transports;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jloop.core.Async;

import io.netty.buffer.ByteBuf;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Connections on which nothing happens for long, to a server in a JVM with little heap.
@EnabledOnOs(OS.LINUX)
class IdleConnectionsTest {
    private static final long MOST_HEAP_PER_CONNECTION = 6 * 1024;
    private static final int WARM_UP = 50;

    private int answers;

    /// Counts what comes back.
    private final class Client implements StreamingProtocol {
        private Transport transport;

        @Override
        public void connectionMade(Transport made) {
            transport = made;
        }

        @Override
        public void dataReceived(ByteBuf data) {
            answers += data.readableBytes();
        }
    }

    @Test
    void fiveHundredIdleConnectionsTakeLittleHeapAndStillAnswer() {
        idle(500, 2, Duration.ZERO, Duration.ofSeconds(60));
    }

    @Test
    @Tag("nightly")
    void tenThousandIdleConnectionsTakeLittleHeapAndStillAnswer() {
        idle(10_000, 10, Duration.ofSeconds(30), Duration.ofMinutes(20));
    }

    private void idle(int count, int rounds, Duration pause, Duration safetyNet) {
        TestRun.onSockets(
                safetyNet,
                _ -> {
                    try (var child =
                            ForkedJvm.start(IdleServer.class, 20_000, List.of("-Xmx256m"))) {
                        var port = Integer.parseInt(child.awaitValue("port "));
                        var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
                        var clients = new ArrayList<Client>();
                        connect(clients, WARM_UP, address);
                        pingAll(clients);
                        var heapBefore = heap(child, WARM_UP);
                        connect(clients, count, address);
                        pingAll(clients);
                        var heapAfter = heap(child, WARM_UP + count);
                        var resident = new ArrayList<Long>();
                        for (var round = 0; round < rounds; round++) {
                            Async.sleep(pause);
                            pingAll(clients);
                            resident.add(residentKibibytes(child.pid()));
                        }
                        var perConnection = (heapAfter - heapBefore) / count;
                        IO.println(
                                "%d idle connections: %d bytes of heap each, resident KiB %s"
                                        .formatted(count, perConnection, resident));
                        assertThat(perConnection).isLessThan(MOST_HEAP_PER_CONNECTION);
                        clients.forEach(client -> client.transport.close());
                        child.send("exit\n");
                        assertThat(child.awaitExit()).isZero();
                    }
                });
    }

    private void connect(List<Client> clients, int count, InetSocketAddress address)
            throws Exception {
        for (var made = 0; made < count; made++) {
            clients.add(Net.createConnection(Client::new, address).protocol());
        }
    }

    private void pingAll(List<Client> clients) {
        answers = 0;
        clients.forEach(client -> client.transport.write(new byte[] {1}));
        while (answers < clients.size()) {
            Async.sleep(Duration.ofMillis(1));
        }
    }

    private static long heap(Peer child, int connections) throws Exception {
        child.send("heap\n");
        assertThat(child.awaitValue("connections ")).isEqualTo(Integer.toString(connections));
        return Long.parseLong(child.awaitValue("heap "));
    }

    private static long residentKibibytes(long pid) throws Exception {
        try (var lines = Files.lines(Path.of("/proc", Long.toString(pid), "status"))) {
            var line = lines.filter(text -> text.startsWith("VmRSS:")).findFirst().orElseThrow();
            return Long.parseLong(line.replaceAll("[^0-9]", ""));
        }
    }
}

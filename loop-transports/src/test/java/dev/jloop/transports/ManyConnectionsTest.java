package dev.jloop.transports;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.UnixOperatingSystemMXBean;

import dev.jloop.core.Async;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

@ExtendWith(LeakCheck.class)
class ManyConnectionsTest {
    private static final int ROUNDS = 500;

    private final List<RecordingProtocol> accepted = new ArrayList<>();

    @Test
    void connectionsThatCloseOrResetLeaveNoDescriptorBehind() {
        Assumptions.assumeTrue(
                ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean);
        run(10); // loads classes, some of which open files
        var before = openDescriptors();
        run(ROUNDS);
        assertThat(openDescriptors()).isLessThanOrEqualTo(before + 2);
        assertThat(accepted)
                .hasSize(ROUNDS + 10)
                .allSatisfy(protocol -> {
                    assertThat(protocol.events).startsWith("made");
                    assertThat(protocol.events)
                            .filteredOn(event -> event.equals("lost") || event.equals("broken"))
                            .hasSize(1);
                });
    }

    private static long openDescriptors() {
        return ((UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                .getOpenFileDescriptorCount();
    }

    private void run(int rounds) {
        var expected = accepted.size() + rounds;
        TestRun.onSockets(_ -> {
            var server =
                    Net.createServer(
                            () -> {
                                var protocol = new RecordingProtocol();
                                accepted.add(protocol);
                                return protocol;
                            },
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            var address = server.addresses().getFirst();
            for (var round = 0; round < rounds; round++) {
                if (round % 4 < 2) {
                    sendAndClose(address, round % 2 == 0);
                } else {
                    sendAndEnd(address, round % 2 == 0);
                }
            }
            while (accepted.size() < expected) {
                Async.yieldNow(); // what waits in the backlog of a closed server is refused
            }
            server.close();
            server.waitClosed();
        });
    }

    /// A foreign client, which does not know of the loop.
    private static void sendAndClose(SocketAddress address, boolean reset) throws Exception {
        try (var channel = SocketChannel.open(address)) {
            channel.write(ByteBuffer.wrap(new byte[] {1}));
            if (reset) {
                channel.setOption(StandardSocketOptions.SO_LINGER, 0);
            }
        }
    }

    private static void sendAndEnd(SocketAddress address, boolean abort) throws Exception {
        var client = Net.createConnection(RecordingProtocol::new, address);
        client.transport().write(new byte[] {1});
        if (abort) {
            client.transport().abort();
        } else {
            client.transport().close();
        }
        client.protocol().awaitLost();
    }
}

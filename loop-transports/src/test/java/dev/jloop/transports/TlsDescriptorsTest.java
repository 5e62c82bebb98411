package dev.jloop.transports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.UnixOperatingSystemMXBean;

import dev.jloop.core.Async;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;

/// Handshakes over sockets that come to nothing give their descriptors back.
@ExtendWith(LeakCheck.class)
class TlsDescriptorsTest {
    private static final int ROUNDS = 100;
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final TlsOptions serverTls =
            TlsOptions.server(TestCertificates.server()).withHandshakeTimeout(TIMEOUT);
    private final TlsOptions distrusting =
            TlsOptions.client(TestCertificates.distrustingClient()).withServerName("example.test");

    @Test
    void handshakesThatAreRefusedCutOrResetLeaveNoDescriptorBehind() {
        Assumptions.assumeTrue(
                ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean);
        run(10); // loads classes, some of which open files
        var before = openDescriptors();
        run(ROUNDS);
        assertThat(openDescriptors()).isLessThanOrEqualTo(before + 2);
    }

    private static long openDescriptors() {
        return ((UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                .getOpenFileDescriptorCount();
    }

    private void run(int rounds) {
        TestRun.onSockets(_ -> {
            var accepted = new RecordingProtocol();
            var server =
                    Net.createServer(
                            () -> accepted,
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                            ListenOptions.DEFAULTS.withTls(serverTls));
            var address = server.addresses().getFirst();
            for (var round = 0; round < rounds; round++) {
                switch (round % 3) {
                    case 0 -> leaveInTheHello(address, false);
                    case 1 -> leaveInTheHello(address, true);
                    default -> distrust(address);
                }
                Async.yieldNow();
            }
            server.close();
            server.waitClosed();
            assertThat(accepted.events).isEmpty();
        });
    }

    /// A foreign client, which does not know of the loop.
    private static void leaveInTheHello(SocketAddress address, boolean reset) throws IOException {
        try (var channel = SocketChannel.open(address)) {
            channel.write(ByteBuffer.wrap(new byte[] {22, 3, 1, 2, 0, 1, 0, 1, (byte) 0xfc}));
            if (reset) {
                channel.setOption(StandardSocketOptions.SO_LINGER, 0);
            }
        }
    }

    private void distrust(SocketAddress address) {
        assertThatThrownBy(() ->
                        Net.createConnection(
                                RecordingProtocol::new,
                                address,
                                ConnectOptions.DEFAULTS.withTls(distrusting)))
                .isInstanceOf(IOException.class);
    }
}

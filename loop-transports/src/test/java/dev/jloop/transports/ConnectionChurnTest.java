package dev.jloop.transports;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.UnixOperatingSystemMXBean;

import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopFuture;

import io.netty.buffer.ByteBuf;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
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
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;

/// Connections that come, say one byte, and go: half of them with a regular end, half with a reset.
/// Nothing of them stays.
@ExtendWith(LeakCheck.class)
@EnabledOnOs(OS.LINUX) // where a connection that was reset before it was accepted is accepted still
class ConnectionChurnTest {
    /// Each port of a client rests for a minute after a regular end, for one address of the server.
    private static final int CYCLES_PER_ADDRESS = 40_000;

    /// More would have to wait for a second when the backlog is full.
    private static final int MOST_AT_A_TIME = 64;

    private final Semaphore room = new Semaphore(MOST_AT_A_TIME);
    private int made;
    private int lost;
    private int lostTwice;

    /// Counts what happens to it.
    private final class Counted implements StreamingProtocol {
        private final LoopFuture<Void> all;
        private final int cycles;
        private boolean gone;

        private Counted(LoopFuture<Void> all, int cycles) {
            this.all = all;
            this.cycles = cycles;
        }

        @Override
        public void connectionMade(Transport transport) {
            made++;
        }

        @Override
        public void dataReceived(ByteBuf data) {
            assertThat(data.readableBytes()).isEqualTo(1);
        }

        @Override
        public void connectionLost(Throwable cause) {
            lostTwice += gone ? 1 : 0;
            gone = true;
            lost++;
            room.release();
            if (lost == cycles) {
                all.setResult(null);
            }
        }
    }

    @Test
    void twentyThousandConnectionsLeaveNothingBehind() {
        churn(20_000);
    }

    @Test
    @Tag("nightly")
    void aMillionConnectionsLeaveNothingBehind() {
        churn(1_000_000);
    }

    private void churn(int cycles) {
        run(100); // loads classes, some of which open files
        var descriptorsBefore = openDescriptors();
        var heapBefore = usedHeap();
        var start = System.nanoTime();
        run(cycles);
        var seconds = (System.nanoTime() - start) / 1e9;
        var heapGrowth = usedHeap() - heapBefore;
        IO.println(
                "%d connections in %.1f s, heap grew by %d bytes, descriptors %d, before %d"
                        .formatted(
                                cycles, seconds, heapGrowth, openDescriptors(), descriptorsBefore));
        assertThat(openDescriptors()).isLessThanOrEqualTo(descriptorsBefore + 2);
        assertThat(heapGrowth).isLessThan(1 << 20);
    }

    private void run(int cycles) {
        made = 0;
        lost = 0;
        TestRun.onSockets(
                Duration.ofMinutes(15),
                run -> {
                    LoopFuture<Void> all = run.loop.createFuture();
                    var server =
                            Net.createServer(
                                    () -> new Counted(all, cycles),
                                    addresses(1 + cycles / CYCLES_PER_ADDRESS),
                                    ListenOptions.DEFAULTS);
                    var addresses = server.addresses();
                    var clients =
                            CompletableFuture.runAsync(
                                    () -> comeAndGo(addresses, cycles),
                                    task -> Thread.ofPlatform().daemon().start(task));
                    LoopFuture.from(clients).await();
                    all.await();
                    assertThat(made).isEqualTo(cycles);
                    assertThat(lost).isEqualTo(cycles);
                    assertThat(lostTwice).isZero();
                    server.close();
                    server.waitClosed();
                    assertThat(EventLoop.current().allTasks()).hasSize(1);
                });
        assertThat(room.availablePermits()).isEqualTo(MOST_AT_A_TIME);
    }

    private static List<SocketAddress> addresses(int count) {
        var addresses = new ArrayList<SocketAddress>();
        for (var number = 1; number <= count; number++) {
            addresses.add(new InetSocketAddress(InetAddress.ofLiteral("127.0.0." + number), 0));
        }
        return addresses;
    }

    /// Foreign clients, which do not know of the loop.
    private void comeAndGo(List<SocketAddress> addresses, int cycles) {
        for (var cycle = 0; cycle < cycles; cycle++) {
            room.acquireUninterruptibly();
            try (var channel = SocketChannel.open(addresses.get(cycle % addresses.size()))) {
                channel.write(ByteBuffer.wrap(new byte[] {1}));
                if ((cycle / addresses.size()) % 2 == 0) {
                    channel.setOption(StandardSocketOptions.SO_LINGER, 0);
                }
            } catch (IOException failure) {
                throw new AssertionError("in cycle " + cycle, failure);
            }
        }
    }

    private static long openDescriptors() {
        return ((UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                .getOpenFileDescriptorCount();
    }

    private static long usedHeap() {
        var memory = ManagementFactory.getMemoryMXBean();
        for (var round = 0; round < 3; round++) {
            memory.gc();
        }
        return memory.getHeapMemoryUsage().getUsed();
    }
}

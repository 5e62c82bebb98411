package dev.jloop.streams;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jloop.core.Async;
import dev.jloop.core.SelectorEventLoop;
import dev.jloop.core.spi.LoopObserver;

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
import java.util.ArrayList;
import java.util.List;

/// Coroutines that offer a gibibyte each to peers that hardly read.
@ExtendWith(LeakCheck.class)
class SlowPeersTest {
    private static final int PEERS = 100;
    private static final int PIECE_BYTES = 64 * 1024;
    private static final long PIECES = 1024L * 1024 * 1024 / PIECE_BYTES;
    private static final long HIGH_WATER_BYTES = 64 * 1024;
    private static final long MOST_HEAP_BYTES = 16 * 1024 * 1024;

    private final List<StreamWriter> writers = new ArrayList<>();
    private long written;
    private long mostQueued;

    /// Looks at every queue after every callback.
    private final LoopObserver observer =
            new LoopObserver() {
                @Override
                public void callbackEnded(Object callback, long nanos) {
                    for (var writer : writers) {
                        mostQueued = Math.max(mostQueued, writer.transport().writeBufferSize());
                    }
                }
            };

    private void offer(StreamReader reader, StreamWriter writer) throws IOException {
        writers.add(writer);
        var piece = new byte[PIECE_BYTES];
        for (var sent = 0L; sent < PIECES; sent++) {
            writer.write(piece);
            written += piece.length;
        }
    }

    private static SocketChannel connect(SocketAddress server) throws IOException {
        var channel = SocketChannel.open();
        channel.setOption(StandardSocketOptions.SO_RCVBUF, 4096);
        channel.connect(server);
        return channel;
    }

    @Test
    void theWritersParkAndAllOfThemTakeLittleHeap() {
        TestRun.run(
                SelectorEventLoop.builder().observer(observer).build(),
                run -> {
                    var loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
                    var server = Streams.startServer(this::offer, loopback);
                    var peers = new ArrayList<SocketChannel>();
                    var before = usedHeap();
                    for (var peer = 0; peer < PEERS; peer++) {
                        peers.add(connect(server.addresses().getFirst()));
                    }
                    awaitQuiet();
                    assertThat(writers).hasSize(PEERS);
                    assertThat(usedHeap() - before).isLessThan(MOST_HEAP_BYTES);
                    for (var step = 0; step < 20; step++) {
                        for (var peer : peers) {
                            assertThat(peer.read(ByteBuffer.allocate(1024))).isPositive();
                        }
                        Async.yieldNow();
                    }
                    awaitQuiet();
                    assertThat(usedHeap() - before).isLessThan(MOST_HEAP_BYTES);
                    assertThat(writers)
                            .as("parked, with more queued than the low-water mark")
                            .allMatch(writer -> writer.transport().writeBufferSize() > 16 * 1024);
                    assertThat(mostQueued)
                            .isBetween(HIGH_WATER_BYTES, HIGH_WATER_BYTES + PIECE_BYTES);
                    writers.forEach(writer -> writer.transport().abort());
                    server.close();
                    server.waitClosed();
                    for (var peer : peers) {
                        peer.close();
                    }
                });
    }

    /// Suspends until a hundred turns have brought nothing new.
    private void awaitQuiet() {
        var seen = -1L;
        for (var quiet = 0; quiet < 100; quiet++) {
            Async.yieldNow();
            if (written != seen || writers.size() < PEERS) {
                seen = written;
                quiet = 0;
            }
        }
    }

    private static long usedHeap() {
        var memory = ManagementFactory.getMemoryMXBean();
        for (var round = 0; round < 3; round++) {
            memory.gc();
        }
        return memory.getHeapMemoryUsage().getUsed();
    }
}

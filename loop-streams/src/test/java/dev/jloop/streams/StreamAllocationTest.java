package dev.jloop.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;

import dev.jloop.core.LoopFuture;
import dev.jloop.core.SelectorEventLoop;

import io.netty.util.ResourceLeakDetector;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/// What a message of a stream costs the garbage collector: the future that the coroutine waits for.
class StreamAllocationTest {
    private static final int MESSAGE_BYTES = 1024;
    private static final int MESSAGES = 2_000;

    /// Rounds until the compiler has done its work and one is undisturbed.
    private static final int MOST_ROUNDS = 100;

    private static final double BOUND = 64;

    private ResourceLeakDetector.Level levelBefore;

    /// The tests of this module watch every buffer, which costs objects.
    @BeforeEach
    void watchNoBuffers() {
        levelBefore = ResourceLeakDetector.getLevel();
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED);
    }

    @AfterEach
    void watchBuffersAgain() {
        ResourceLeakDetector.setLevel(levelBefore);
    }

    @Test
    void aMessageOfAKibibyteIsHandedOnForTheCostOfItsFuture() {
        assumeTrue(
                !"baton".equals(System.getProperty("jloop.engine")),
                "skipped: the JDK allocates for each change of threads");
        var counts = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        assumeTrue(
                counts.isThreadAllocatedMemorySupported(),
                "skipped: this JVM does not count what threads allocate");
        var bytes = new CompletableFuture<Double>();
        TestRun.run(
                SelectorEventLoop.builder().debug(false).build(),
                _ -> {
                    var loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
                    var server = Streams.startServer(StreamAllocationTest::echo, loopback);
                    var address = server.addresses().getFirst();
                    bytes.completeAsync(
                            () -> measure(address, counts),
                            task -> Thread.ofPlatform().daemon().start(task));
                    LoopFuture.from(bytes).await();
                    server.shutdown(Duration.ofSeconds(10));
                });

        assertThat(bytes.join()).as("bytes for each message").isLessThanOrEqualTo(BOUND);
    }

    private static void echo(StreamReader reader, StreamWriter writer) throws IOException {
        for (var data = reader.readBuffer(MESSAGE_BYTES);
                data.isReadable();
                data = reader.readBuffer(MESSAGE_BYTES)) {
            writer.writeBuffer(data);
        }
    }

    /// A foreign client, on a thread of its own: one message, one answer.
    ///
    /// @return bytes allocated for each message by all other threads, in the best round
    private static double measure(SocketAddress server, ThreadMXBean counts) {
        var message = ByteBuffer.allocateDirect(MESSAGE_BYTES);
        var best = Double.MAX_VALUE;
        try (var channel = SocketChannel.open(server)) {
            for (var round = 0; round < MOST_ROUNDS && best > BOUND; round++) {
                var before = allocatedByOthers(counts);
                for (var sent = 0; sent < MESSAGES; sent++) {
                    exchange(channel, message);
                }
                best = Math.min(best, (allocatedByOthers(counts) - before) / (double) MESSAGES);
            }
            return best;
        } catch (IOException failure) {
            throw new AssertionError(failure);
        }
    }

    private static void exchange(SocketChannel channel, ByteBuffer message) throws IOException {
        message.clear();
        while (message.hasRemaining()) {
            channel.write(message);
        }
        message.clear();
        while (message.hasRemaining()) {
            assertThat(channel.read(message) >= 0).isTrue();
        }
    }

    private static long allocatedByOthers(ThreadMXBean counts) {
        return counts.getTotalThreadAllocatedBytes()
                - counts.getThreadAllocatedBytes(Thread.currentThread().threadId());
    }
}

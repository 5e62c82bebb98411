package dev.jloop.transports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;

import dev.jloop.core.Context;
import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopFuture;
import dev.jloop.core.RecurringHandle;
import dev.jloop.core.SelectorEventLoop;

import io.netty.buffer.ByteBuf;
import io.netty.util.ResourceLeakDetector;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/// What a message costs the garbage collector: nothing, once the loop is warm.
class AllocationTest {
    private static final int MESSAGE_BYTES = 100;
    private static final int MESSAGES = 2_000;

    /// Rounds until the compiler has done its work and one is undisturbed: the rest of the JVM
    /// counts too, since a coroutine's thread has no count of its own.
    private static final int MOST_ROUNDS = 100;

    private static final double BOUND = 8;

    private ResourceLeakDetector.Level levelBefore;

    /// Ways to receive and to answer.
    enum Way {
        HANDED_OVER,
        ARRAY,
        BYTE_BUFFER,
        BUFFERED_PROTOCOL;

        Protocol newProtocol() {
            return switch (this) {
                case HANDED_OVER ->
                        new Echo() {
                            @Override
                            public void dataReceived(ByteBuf data) {
                                transport.write(data.retain());
                            }
                        };
                case ARRAY ->
                        new Echo() {
                            private final byte[] copy = new byte[MESSAGE_BYTES];

                            @Override
                            public void dataReceived(ByteBuf data) {
                                data.readBytes(copy);
                                transport.write(copy);
                            }
                        };
                case BYTE_BUFFER ->
                        new Echo() {
                            private final ByteBuffer copy = ByteBuffer.allocate(MESSAGE_BYTES);

                            @Override
                            public void dataReceived(ByteBuf data) {
                                data.readBytes(copy.clear());
                                transport.write(copy.flip());
                            }
                        };
                case BUFFERED_PROTOCOL -> new BufferedEcho();
            };
        }
    }

    private abstract static class Echo implements StreamingProtocol {
        Transport transport;

        @Override
        public void connectionMade(Transport made) {
            transport = made;
        }
    }

    private static final class BufferedEcho implements BufferedProtocol {
        private final ByteBuffer memory = ByteBuffer.allocate(MESSAGE_BYTES);
        private Transport transport;

        @Override
        public void connectionMade(Transport made) {
            transport = made;
        }

        @Override
        public ByteBuffer getBuffer(int sizeHint) {
            return memory.clear();
        }

        @Override
        public void bufferUpdated(int count) {
            transport.write(memory.flip());
        }
    }

    /// A foreign client, on a thread of its own: one message, one answer.
    private record Client(SocketAddress server, ThreadMXBean threads) {
        /// {@return bytes allocated for each message, in the best round}
        double measure() {
            var message = ByteBuffer.allocateDirect(MESSAGE_BYTES);
            var answer = ByteBuffer.allocateDirect(MESSAGE_BYTES);
            try (var channel = SocketChannel.open(server)) {
                var best = Double.MAX_VALUE;
                for (var round = 0; round < MOST_ROUNDS && best >= BOUND; round++) {
                    var before = allocatedByOthers();
                    for (var sent = 0; sent < MESSAGES; sent++) {
                        exchange(channel, message, answer);
                    }
                    best = Math.min(best, (allocatedByOthers() - before) / (double) MESSAGES);
                }
                return best;
            } catch (IOException failure) {
                throw new AssertionError(failure);
            }
        }

        private static void exchange(SocketChannel channel, ByteBuffer message, ByteBuffer answer)
                throws IOException {
            message.clear();
            while (message.hasRemaining()) {
                channel.write(message);
            }
            answer.clear();
            while (answer.hasRemaining()) {
                assertThat(channel.read(answer) >= 0).isTrue();
            }
        }

        private long allocatedByOthers() {
            return threads.getTotalThreadAllocatedBytes()
                    - threads.getThreadAllocatedBytes(Thread.currentThread().threadId());
        }
    }

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

    private static double measure(Supplier<Protocol> factory) {
        var counts =
                ManagementFactory.getThreadMXBean() instanceof ThreadMXBean threads
                                && threads.isThreadAllocatedMemorySupported()
                        ? threads
                        : null;
        assumeTrue(counts != null, "skipped: this JVM does not count what threads allocate");
        var bytes = new CompletableFuture<Double>();
        TestRun.run(
                SelectorEventLoop.builder().debug(false).build(),
                run -> {
                    if ("baton".equals(System.getProperty("jloop.engine"))) {
                        keepAwake(run.loop);
                    }
                    var loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
                    var server = Net.createServer(factory, loopback);
                    var client = new Client(server.addresses().getFirst(), counts);
                    bytes.completeAsync(
                            client::measure, task -> Thread.ofPlatform().daemon().start(task));
                    LoopFuture.from(bytes).await();
                    server.shutdown(Duration.ofSeconds(10));
                });
        return bytes.join();
    }

    /// The loop of this engine is on a virtual thread, and for each of its waits the JDK allocates
    /// some 50 bytes.
    private static void keepAwake(EventLoop loop) {
        var handles = new RecurringHandle[1];
        handles[0] = loop.recurring(() -> handles[0].schedule(), Context.copyCurrent());
        handles[0].schedule();
    }

    @ParameterizedTest
    @EnumSource
    void aMessageIsReceivedAndAnsweredWithoutAllocation(Way way) {
        assertThat(measure(way::newProtocol)).as("bytes for each message").isLessThan(BOUND);
    }

    @Test
    void anAllocationOfTheProtocolItselfIsSeen() {
        var kept = new byte[1][];
        var bytes =
                measure(() ->
                        new Echo() {
                            @Override
                            public void dataReceived(ByteBuf data) {
                                kept[0] = new byte[48];
                                transport.write(data.retain());
                            }
                        });
        assertThat(bytes).isBetween(64.0, 64.0 + BOUND);
    }
}

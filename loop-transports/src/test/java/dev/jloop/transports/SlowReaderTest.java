package dev.jloop.transports;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jloop.core.Async;
import dev.jloop.core.EventLoop;

import io.netty.buffer.ByteBuf;

import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;

/// A peer that reads a kibibyte at a time and then rests, and one that offers it a gibibyte.
@ExtendWith(LeakCheck.class)
class SlowReaderTest {
    private static final long OFFER_BYTES = 1024L * 1024 * 1024;
    private static final int STEPS = 2000;
    private static final int BYTES_PER_STEP = 1024;
    private static final Duration REST = Duration.ofMillis(10);

    /// Writes whenever it may.
    private static final class Source implements StreamingProtocol {
        private final byte[] piece;
        private final int highBytes;
        private final int lowBytes;
        private Transport transport;
        private boolean paused;
        private long written;
        private long mostQueued;
        private int pauses;

        Source(int pieceBytes, int highBytes, int lowBytes) {
            piece = new byte[pieceBytes];
            this.highBytes = highBytes;
            this.lowBytes = lowBytes;
        }

        @Override
        public void connectionMade(Transport made) {
            transport = made;
            made.setWriteBufferLimits(highBytes, lowBytes);
            fill();
        }

        private void fill() {
            while (!paused && written < OFFER_BYTES) {
                transport.write(piece);
                written += piece.length;
                measure();
            }
        }

        private void measure() {
            mostQueued = Math.max(mostQueued, transport.writeBufferSize());
        }

        @Override
        public void dataReceived(ByteBuf data) {
            throw new AssertionError("the reader sends nothing");
        }

        @Override
        public void pauseWriting() {
            paused = true;
            pauses++;
        }

        @Override
        public void resumeWriting() {
            paused = false;
            fill();
        }
    }

    /// Reads a little, and rests.
    private static final class SlowReader implements BufferedProtocol {
        private final ByteBuffer memory = ByteBuffer.allocate(BYTES_PER_STEP);
        private final EventLoop loop = EventLoop.current();
        private Transport transport;
        private long read;

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
            read += count;
            transport.pauseReading();
            loop.callLater(REST, transport::resumeReading);
        }
    }

    @ParameterizedTest(name = "pieces of {0} bytes, marks {1} and {2}")
    @CsvSource({
        "65536, 65536, 16384",
        "1000, 65536, 16384",
        "65536, 4096, 1024",
        "300, 4096, 0",
        "65536, 0, 0",
        "300000, 65536, 16384"
    })
    void theWriterParksAndNoMoreThanTheMarkAndOneWriteIsEverQueued(int piece, int high, int low) {
        MemoryNetwork.run(run -> {
            var source = new Source(piece, high, low);
            var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
            var server = Net.createServer(() -> source, address);
            var reader =
                    Net.createConnection(SlowReader::new, server.addresses().getFirst()).protocol();
            for (var step = 0; step < STEPS; step++) {
                Async.sleep(REST);
                source.measure();
                assertThat(source.paused).as("parked after step %s", step).isTrue();
            }
            assertThat(source.mostQueued).isBetween(1L, (long) high + piece);
            assertThat(reader.read).isEqualTo((long) BYTES_PER_STEP * STEPS);
            assertThat(source.written)
                    .isEqualTo(reader.read + onTheWay(run) + source.transport.writeBufferSize());
            assertThat(source.pauses)
                    .as("the writer goes on when there is room again")
                    .isGreaterThan(1);
            source.transport.abort();
            reader.transport.abort();
            server.close();
            server.waitClosed();
        });
    }

    private static long onTheWay(TestRun run) {
        return ((MemoryNetwork) Network.of(run.loop)).links.getLast().bytesOnTheWay();
    }
}

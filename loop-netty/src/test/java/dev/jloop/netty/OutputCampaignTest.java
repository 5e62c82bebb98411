package dev.jloop.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jloop.core.Async;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultFileRegion;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// Random messages, files, flushes and ends, to a peer that reads at random: what arrives is what
/// was written, and promises say how much of it has left.
@Timeout(600)
@ExtendWith(LeakCheck.class)
@SuppressWarnings("FutureReturnValueIgnored") // writes are kept in a list of their own
class OutputCampaignTest {
    private static final int FILE_BYTES = 30_000;

    /// Seed 43 makes the transport flush while its marks are set, and tell of nothing.
    @Test
    void promisesAndBytesAgreeUnderTwentySeeds(@TempDir Path folder) throws Exception {
        campaign(folder, 30, 50);
    }

    @Test
    @Tag("nightly")
    void promisesAndBytesAgreeUnderTwoThousandSeeds(@TempDir Path folder) throws Exception {
        campaign(folder, 50, 2_050);
    }

    private static void campaign(Path folder, int from, int to) throws Exception {
        var content = new byte[FILE_BYTES];
        for (var i = 0; i < content.length; i++) {
            content[i] = letter(i);
        }
        var path = Files.write(folder.resolve("file"), content);
        try (var file = FileChannel.open(path)) {
            for (var seed = from; seed < to; seed++) {
                try {
                    new Campaign(new Random(seed), file, path).run(seed);
                } catch (Throwable failure) {
                    throw new AssertionError("seed " + seed, failure);
                }
            }
        }
    }

    private static byte letter(int position) {
        return (byte) ('a' + position % 23);
    }

    private record Write(ChannelFuture future, int size) {}

    private static final class Campaign {
        private final Random random;
        private final FileChannel file;
        private final Path path;
        private final List<Write> writes = new ArrayList<>();
        private final StringBuilder written = new StringBuilder();

        Campaign(Random random, FileChannel file, Path path) {
            this.random = random;
            this.file = file;
            this.path = path;
        }

        void run(long seed) {
            SimulatedRun.runSeeded(seed, _ -> {}, this::steps);
        }

        private void steps(SimulatedRun run) throws Exception {
            for (var step = random.nextInt(40); step >= 0; step--) {
                step(run);
                agree(run, false);
            }
            end(run);
        }

        private void step(SimulatedRun run) {
            switch (random.nextInt(10)) {
                case 0, 1, 2 -> write(run, size());
                case 3 -> {
                    for (var i = random.nextInt(400); i > 0; i--) {
                        write(run, random.nextInt(50));
                    }
                }
                case 4 -> sendFile(run);
                case 5, 6 -> {
                    run.channel.flush();
                }
                case 7 -> run.peer.take(1 + random.nextInt(40_000));
                case 8 -> Async.yieldNow();
                default -> Async.sleep(Duration.ofMillis(random.nextInt(20)));
            }
        }

        private int size() {
            return random.nextInt(4) == 0 ? random.nextInt(150_000) : random.nextInt(3000);
        }

        private void write(SimulatedRun run, int count) {
            var data = new byte[count];
            for (var i = 0; i < count; i++) {
                data[i] = letter(written.length());
                written.append((char) data[i]);
            }
            writes.add(new Write(run.channel.write(wrapped(data)), count));
        }

        private ByteBuf wrapped(byte[] data) {
            return random.nextBoolean()
                    ? Unpooled.wrappedBuffer(data)
                    : Unpooled.directBuffer(data.length + 1).writeBytes(data);
        }

        private void sendFile(SimulatedRun run) {
            var offset = random.nextInt(FILE_BYTES - 1);
            var count = 1 + random.nextInt(FILE_BYTES - offset);
            for (var i = 0; i < count; i++) {
                written.append((char) letter(offset + i));
            }
            var part =
                    random.nextBoolean()
                            ? new FilePart(file, offset, count)
                            : new DefaultFileRegion(path.toFile(), offset, count);
            writes.add(new Write(run.channel.write(part), count));
        }

        /// What was received is what was written, and no promise says too much or too little.
        ///
        /// @param quiet whether nothing is on its way, and all is flushed
        private void agree(SimulatedRun run, boolean quiet) {
            var received = run.peer.text.length();
            assertThat(written.substring(0, received)).isEqualTo(run.peer.text.toString());
            var left = 0L;
            var next = writes.iterator();
            var first = next.hasNext() ? next.next() : null;
            while (first != null && first.future.isSuccess()) {
                left += first.size;
                first = next.hasNext() ? next.next() : null;
            }
            next.forEachRemaining(write -> assertThat(write.future.isSuccess()).isFalse());
            assertThat(left).as("done").isLessThanOrEqualTo(received + SimulatedRun.WINDOW_BYTES);
            if (quiet && first != null) {
                assertThat(received).as("with the next one").isLessThan((int) left + first.size);
            }
        }

        private void end(SimulatedRun run) throws Exception {
            run.channel.flush();
            run.settle();
            agree(run, true);
            var regular = false;
            switch (random.nextInt(4)) {
                case 0 -> run.network.resetConnections("client", "server");
                case 1 -> run.channel.config().setOption(ChannelOption.SO_LINGER, 0);
                default -> {
                    regular = true;
                    run.peer.takeAll();
                }
            }
            NettyFutures.await(run.channel.close());
            run.settle();
            agree(run, false);
            run.finish();
            assertThat(writes).allMatch(write -> write.future.isDone());
            if (regular) {
                assertThat(writes).allMatch(write -> write.future.isSuccess());
                assertThat(run.peer.text.toString()).isEqualTo(written.toString());
            }
        }
    }
}

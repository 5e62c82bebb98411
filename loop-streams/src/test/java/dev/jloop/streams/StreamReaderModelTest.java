package dev.jloop.streams;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jloop.core.EventLoop;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.Arrays;
import java.util.Random;

/// Random reads of a stream that comes in random pieces, against the same reads of one array.
class StreamReaderModelTest {
    private static final int OPERATIONS = 20_000;
    private static final int LIMIT = 24;
    private static final int STREAM_BYTES = 400;

    private final long seed = Long.getLong("jloop.seed", System.nanoTime());
    private final Random random = new Random(seed);

    /// What a read gave: bytes, or the kind of failure with its details.
    private record Result(String kind, String bytes, int number) {
        static Result of(String kind, byte[] bytes, int number) {
            return new Result(kind, Arrays.toString(bytes), number);
        }
    }

    @FunctionalInterface
    private interface Read {
        byte[] run() throws IOException;
    }

    private static Result resultOf(Read read) throws IOException {
        try {
            return Result.of("data", read.run(), 0);
        } catch (IncompleteReadException early) {
            return Result.of("incomplete", early.partial(), early.expected());
        } catch (LimitOverrunException tooLong) {
            return Result.of(
                    "overrun", new byte[0], tooLong.getMessage().startsWith("a separator") ? 1 : 0);
        }
    }

    @Test
    void everyReadGivesWhatTheModelGives() {
        readAndCompare(OPERATIONS);
    }

    @Test
    @Tag("nightly")
    void everyOneOfAMillionReadsGivesWhatTheModelGives() {
        readAndCompare(1_000_000);
    }

    private void readAndCompare(int operations) {
        TestRun.onSockets(run -> {
            for (var done = 0; done < operations; ) {
                done += readOneStream(run.loop);
            }
        });
    }

    private int readOneStream(EventLoop loop) throws IOException {
        var stream = new byte[random.nextInt(STREAM_BYTES)];
        for (var index = 0; index < stream.length; index++) {
            stream[index] = (byte) "aab\n".charAt(random.nextInt(4));
        }
        var reader = new StreamReader(LIMIT);
        feedLater(loop, reader, stream, 0);
        var model = new Model(stream);
        var operations = 0;
        while (model.position < stream.length) {
            operations++;
            switch (random.nextInt(4)) {
                case 0 -> readSome(reader, model);
                case 1 -> {
                    var count = random.nextInt(3 * LIMIT);
                    compare(
                            "readExactly " + count,
                            model.exactly(count),
                            resultOf(() -> reader.readExactly(count)));
                }
                case 2 -> compareUntil(reader, model, new byte[][] {{'b'}});
                default -> compareUntil(reader, model, new byte[][] {{'a', 'a', 'b'}, {'b', '\n'}});
            }
        }
        assertThat(reader.readAll()).isEmpty();
        assertThat(reader.atEof()).isTrue();
        return operations + 1;
    }

    /// One piece each turn, so that reads have to wait and go on.
    private void feedLater(EventLoop loop, StreamReader reader, byte[] stream, int from) {
        loop.callSoon(() -> {
            var to = Math.min(stream.length, from + random.nextInt(2 * LIMIT));
            reader.feedData(Arrays.copyOfRange(stream, from, to));
            if (to == stream.length) {
                reader.feedEof();
            } else {
                feedLater(loop, reader, stream, to);
            }
        });
    }

    private void readSome(StreamReader reader, Model model) throws IOException {
        var atMost = 1 + random.nextInt(2 * LIMIT);
        var read = reader.read(atMost);
        assertThat(read.length).as("seed %d: read(%d)", seed, atMost).isBetween(1, atMost);
        compare("read " + atMost, model.exactly(read.length), Result.of("data", read, 0));
    }

    /// An overrun without a separator depends on what has come, so then both go on behind it.
    private void compareUntil(StreamReader reader, Model model, byte[][] separators)
            throws IOException {
        var expected = model.until(separators);
        var actual = resultOf(() -> reader.readUntil(separators));
        if (actual.kind().equals("overrun")) {
            assertThat(expected.kind()).as("seed %d: %s", seed, actual).isEqualTo("overrun");
            model.position += reader.readExactly(1).length;
        } else {
            compare("readUntil", expected, actual);
        }
    }

    private void compare(String operation, Result expected, Result actual) {
        assertThat(actual)
                .as("seed %d: %s (-Djloop.seed=%d repeats it)", seed, operation, seed)
                .isEqualTo(expected);
    }

    /// The same reads of an array that is there from the start, written as plainly as possible.
    private static final class Model {
        private final byte[] stream;
        private int position;

        Model(byte[] stream) {
            this.stream = stream;
        }

        private byte[] take(int count) {
            var taken = Arrays.copyOfRange(stream, position, position + count);
            position += count;
            return taken;
        }

        Result exactly(int count) {
            if (count > stream.length - position) {
                return Result.of("incomplete", take(stream.length - position), count);
            }
            return Result.of("data", take(count), 0);
        }

        Result until(byte[][] separators) {
            for (var end = position + 1; end <= stream.length; end++) {
                for (var separator : separators) {
                    var start = end - separator.length;
                    if (start >= position
                            && Arrays.equals(stream, start, end, separator, 0, separator.length)) {
                        return start - position > LIMIT
                                ? Result.of("overrun", new byte[0], 1)
                                : Result.of("data", take(end - position), 0);
                    }
                }
            }
            var longest =
                    Arrays.stream(separators)
                            .mapToInt(separator -> separator.length)
                            .max()
                            .orElseThrow();
            return stream.length - position + 1 - longest > LIMIT
                    ? Result.of("overrun", new byte[0], 0)
                    : Result.of(
                            "incomplete",
                            take(stream.length - position),
                            IncompleteReadException.UNKNOWN);
        }
    }
}

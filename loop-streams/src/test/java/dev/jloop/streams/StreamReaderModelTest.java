package dev.jloop.streams;

import dev.jloop.core.Async;
import dev.jloop.core.CancelledError;
import dev.jloop.core.EventLoop;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/// Random reads of a stream that comes in random pieces, against the same reads of one array.
///
/// Most streams are short, with a short limit, so that everything happens at the limits and at the
/// end; some are long. From a random size on buffers are handed over without a copy.
class StreamReaderModelTest {
    private static final int OPERATIONS = 1_000_000;
    private static final int NIGHTLY_OPERATIONS = 50_000_000;
    private static final int PORTION = 100_000;
    private static final byte[] LETTERS = {'a', 'a', 'b', '\n'};
    private static final byte[][] ONE_SEPARATOR = {{'b'}};
    private static final byte[][] TWO_SEPARATORS = {{'a', 'a', 'b'}, {'b', '\n'}};
    private static final byte[][] LINE_FEED = {{'\n'}};

    private final long seed = Long.getLong("jloop.seed", System.nanoTime());
    private final Random random = new Random(seed);

    private enum Kind {
        DATA,
        INCOMPLETE,
        /// The separator was found, and too late.
        FOUND_TOO_LATE,
        NOT_FOUND
    }

    /// What a read gave: bytes, or the kind of failure with its details.
    private static final class Result {
        final Kind kind;
        final byte[] bytes;
        final int number;

        Result(Kind kind, byte[] bytes, int number) {
            this.kind = kind;
            this.bytes = bytes;
            this.number = number;
        }

        static Result data(byte[] bytes) {
            return new Result(Kind.DATA, bytes, 0);
        }

        boolean isOverrun() {
            return kind == Kind.FOUND_TOO_LATE || kind == Kind.NOT_FOUND;
        }

        boolean isSameAs(Result other) {
            return kind == other.kind
                    && number == other.number
                    && Arrays.equals(bytes, other.bytes);
        }

        @Override
        public String toString() {
            return kind + " " + number + " " + Arrays.toString(bytes);
        }
    }

    @FunctionalInterface
    private interface Read {
        byte[] run() throws IOException;
    }

    private static Result resultOf(Read read) throws IOException {
        try {
            return Result.data(read.run());
        } catch (IncompleteReadException early) {
            return new Result(Kind.INCOMPLETE, early.partial(), early.expected());
        } catch (LimitOverrunException tooLong) {
            var found = tooLong.getMessage().startsWith("a separator");
            return new Result(
                    found ? Kind.FOUND_TOO_LATE : Kind.NOT_FOUND,
                    new byte[0],
                    found ? tooLong.consumed() : 0);
        }
    }

    @Test
    void everyReadGivesWhatTheModelGives() {
        readAndCompare(OPERATIONS);
    }

    @Test
    @Tag("nightly")
    void everyOneOfFiftyMillionReadsGivesWhatTheModelGives() {
        readAndCompare(NIGHTLY_OPERATIONS);
    }

    private void readAndCompare(int operations) {
        var done = new int[1];
        while (done[0] < operations) {
            // A loop for each portion, which has the time that a test may take.
            TestRun.onSockets(run -> {
                var end = Math.min(operations, done[0] + PORTION);
                while (done[0] < end) {
                    var isLong = random.nextInt(2000) == 0;
                    var stream = new OneStream(run.loop, isLong ? 6000 : 24, isLong ? 60_000 : 400);
                    done[0] += stream.readAndCompare();
                }
            });
        }
    }

    /// One stream and its reader.
    private final class OneStream {
        private final EventLoop loop;
        private final int limit;
        private final byte[] stream;
        private final StreamReader reader;
        private final Model model;
        private final List<ByteBuf> received = new ArrayList<>();
        private int fed;

        OneStream(EventLoop loop, int limit, int mostBytes) {
            this.loop = loop;
            this.limit = limit;
            stream = new byte[random.nextInt(mostBytes)];
            for (var index = 0; index < stream.length; index++) {
                stream[index] = LETTERS[random.nextInt(LETTERS.length)];
            }
            var handover = new Handover(1 + random.nextInt(limit));
            reader = new StreamReader(limit, handover, null, null);
            model = new Model(stream, limit);
        }

        int readAndCompare() throws IOException {
            loop.callSoon(this::feed);
            var operations = 0;
            while (model.position < stream.length) {
                operations++;
                readOnce();
                check(
                        "what is left",
                        model.position == fed - reader.bufferedBytes(),
                        model.position,
                        fed - reader.bufferedBytes());
            }
            check("the end", reader.readAll().length == 0, "", reader);
            check("the end", reader.atEof(), "", reader);
            for (var buffer : received) {
                check("references of what was received", buffer.refCnt() == 0, 0, buffer.refCnt());
            }
            return operations + 1;
        }

        /// One piece each turn, so that reads have to wait and go on.
        private void feed() {
            var to = Math.min(stream.length, fed + random.nextInt(2 * limit));
            if (random.nextBoolean()) {
                reader.feedData(Arrays.copyOfRange(stream, fed, to));
            } else {
                // As a transport does, which takes its own reference back.
                var buffer = Unpooled.wrappedBuffer(Arrays.copyOfRange(stream, fed, to));
                reader.feedData(buffer);
                if (buffer.refCnt() > 0 && buffer.capacity() > 0) {
                    received.add(buffer);
                }
                buffer.release();
            }
            fed = to;
            if (to == stream.length) {
                reader.feedEof();
            } else {
                loop.callSoon(this::feed);
            }
        }

        private void readOnce() throws IOException {
            switch (random.nextInt(7)) {
                case 0 -> readSome("read", atMost -> reader.read(atMost));
                case 1 -> readSome("readBuffer", atMost -> taken(reader.readBuffer(atMost)));
                case 2 -> {
                    var count = random.nextInt(3 * limit);
                    compare(
                            "readExactly " + count,
                            model.exactly(count),
                            resultOf(() -> reader.readExactly(count)));
                }
                case 3 -> compareUntil(ONE_SEPARATOR);
                case 4 -> compareUntil(TWO_SEPARATORS);
                case 5 -> compareLine();
                default -> readAndCancel();
            }
        }

        private interface SomeRead {
            byte[] read(int atMost) throws IOException;
        }

        private void readSome(String name, SomeRead read) throws IOException {
            var atMost = 1 + random.nextInt(2 * limit);
            compareSome(name + " " + atMost, atMost, read.read(atMost));
        }

        private void compareSome(String name, int atMost, byte[] read) {
            check(name, read.length > 0 && read.length <= atMost, "1 to " + atMost, read.length);
            compare(name, model.exactly(read.length), Result.data(read));
        }

        private static byte[] taken(ByteBuf buffer) {
            var bytes = new byte[buffer.readableBytes()];
            buffer.readBytes(bytes).release();
            return bytes;
        }

        /// It may have ended before the cancellation comes, and loses nothing otherwise.
        private void readAndCancel() throws IOException {
            if (random.nextInt(4) > 0) {
                return;
            }
            var atMost = 1 + random.nextInt(2 * limit);
            var reading = Async.createTask(() -> taken(reader.readBuffer(atMost)));
            for (var turns = random.nextInt(3); turns > 0; turns--) {
                Async.yieldNow();
            }
            reading.cancel();
            byte @Nullable [] read = null;
            try {
                read = reading.await();
            } catch (CancelledError expected) {
                // Then the next read gets them.
            }
            if (read != null) {
                compareSome("readBuffer and cancel", atMost, read);
            }
        }

        /// An overrun without a separator depends on what has come, so then both go on behind it.
        private void compareUntil(byte[][] separators) throws IOException {
            var expected = model.until(separators);
            var actual = resultOf(() -> reader.readUntil(separators));
            if (actual.isOverrun()) {
                checkOverrun(expected, actual);
                model.position += reader.readExactly(1).length;
            } else {
                compare("readUntil", expected, actual);
            }
        }

        /// The same separator may not have come yet.
        private void checkOverrun(Result expected, Result actual) {
            check("overrun", expected.isOverrun(), expected, actual);
            if (actual.kind == Kind.FOUND_TOO_LATE) {
                compare("overrun", expected, actual);
            }
        }

        /// A line that is too long is dropped alone if its end has come, else with all that came.
        private void compareLine() throws IOException {
            var expected = model.until(LINE_FEED);
            var actual = resultOf(() -> reader.readLine());
            if (!actual.isOverrun()) {
                compare(
                        "readLine",
                        expected.kind == Kind.INCOMPLETE ? Result.data(expected.bytes) : expected,
                        actual);
                return;
            }
            checkOverrun(expected, actual);
            if (actual.kind == Kind.FOUND_TOO_LATE) {
                model.position += actual.number + 1;
            } else {
                check("dropped", reader.bufferedBytes() == 0, 0, reader.bufferedBytes());
                model.position = fed;
            }
        }

        private void compare(String operation, Result expected, Result actual) {
            check(operation, actual.isSameAs(expected), expected, actual);
        }

        private void check(String what, boolean holds, Object expected, Object actual) {
            if (!holds) {
                throw new AssertionError(
                        "%s: expected %s, was %s, at byte %d of %d (-Djloop.seed=%d repeats it)"
                                .formatted(
                                        what,
                                        expected,
                                        actual,
                                        model.position,
                                        stream.length,
                                        seed));
            }
        }
    }

    /// The same reads of an array that is there from the start, written as plainly as possible.
    private static final class Model {
        private final byte[] stream;
        private final int limit;
        private int position;

        Model(byte[] stream, int limit) {
            this.stream = stream;
            this.limit = limit;
        }

        private byte[] take(int count) {
            var taken = Arrays.copyOfRange(stream, position, position + count);
            position += count;
            return taken;
        }

        Result exactly(int count) {
            if (count > stream.length - position) {
                return new Result(Kind.INCOMPLETE, take(stream.length - position), count);
            }
            return Result.data(take(count));
        }

        Result until(byte[][] separators) {
            for (var end = position + 1; end <= stream.length; end++) {
                for (var separator : separators) {
                    var start = end - separator.length;
                    if (start >= position
                            && Arrays.equals(stream, start, end, separator, 0, separator.length)) {
                        return start - position > limit
                                ? new Result(Kind.FOUND_TOO_LATE, new byte[0], start - position)
                                : Result.data(take(end - position));
                    }
                }
            }
            var longest = 0;
            for (var separator : separators) {
                longest = Math.max(longest, separator.length);
            }
            return stream.length - position + 1 - longest > limit
                    ? new Result(Kind.NOT_FOUND, new byte[0], 0)
                    : new Result(
                            Kind.INCOMPLETE,
                            take(stream.length - position),
                            IncompleteReadException.UNKNOWN);
        }
    }
}

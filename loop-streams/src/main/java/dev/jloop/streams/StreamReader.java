package dev.jloop.streams;

import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopFuture;
import dev.jloop.transports.Transport;

import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.function.Supplier;

/// Reads a stream of bytes: the receiving half of a connection.
///
/// What has come and was not read yet is kept. Beyond twice the limit the connection pauses, so
/// that the peer has to wait; it goes on when the limit is reached again, and whenever a read has
/// to wait. So a reader holds at most twice the limit and what one read of the network gives, which
/// is up to 256 KiB, or what a single read has asked for.
///
/// When this side cuts the connection, by `Transport.abort()` or with its server, before the peer
/// has ended it, reads fail: what came is not taken for everything. After a regular close by this
/// side they give the end of the stream.
///
/// Only one coroutine may read at a time. A read that is cancelled leaves the bytes in the reader.
///
/// **Threading:** loop thread only; in debug mode another thread gets a `WrongThreadException`,
/// where the reader has a connection.
///
/// The semantics are those of Python's `asyncio.StreamReader`.
///
/// @since 0.1
public final class StreamReader {
    private static final byte[] NO_BYTES = {};
    private static final byte[] NEWLINE = {'\n'};

    private final int limit;
    private final @Nullable EventLoop loop;
    private final ByteQueue buffer = new ByteQueue();
    private @Nullable Transport transport;
    private boolean transportPaused;
    private boolean ended;
    private @Nullable Throwable failure;
    private @Nullable Supplier<? extends IOException> loss;
    private @Nullable LoopFuture<@Nullable Void> waiter;

    /// Creates a reader without a connection, which is fed by hand.
    ///
    /// @param limit the longest record that [#readUntil(byte\[\]...)] and [#readLine()] give, in
    ///   bytes without the separator; at least 1
    /// @throws IllegalArgumentException if the limit is less than 1
    public StreamReader(int limit) {
        this(limit, null);
    }

    /// @param loop the loop of the connection that feeds it, if any
    StreamReader(int limit, @Nullable EventLoop loop) {
        this.limit = checkedLimit(limit);
        this.loop = loop;
    }

    static int checkedLimit(int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("limit must be at least 1 byte, was " + limit);
        }
        return limit;
    }

    void attach(Transport connected) {
        transport = connected;
    }

    /// {@return how many bytes have come and were not read}
    long bufferedBytes() {
        return buffer.size();
    }

    /// Adds bytes to what can be read.
    ///
    /// @param data copied; may be empty
    /// @throws IllegalStateException after [#feedEof()]
    public void feedData(byte[] data) {
        checkThread("StreamReader.feedData");
        checkNotEnded();
        buffer.add(data);
        fed(data.length);
    }

    /// Adds the readable bytes of a buffer, which stays the caller's.
    void feedData(ByteBuf data) {
        checkNotEnded();
        var count = data.readableBytes();
        buffer.add(data);
        fed(count);
    }

    private void checkThread(String method) {
        if (loop != null) {
            loop.checkThread(method);
        }
    }

    private void checkNotEnded() {
        if (ended) {
            throw new IllegalStateException("data was fed after the end of the stream");
        }
    }

    private void fed(int count) {
        if (count == 0) {
            return;
        }
        wake();
        if (waiter == null) {
            balance();
        }
    }

    /// Lets the peer wait, or go on. Not while a read waits: that one takes the bytes first.
    private void balance() {
        if (transport == null) {
            return;
        }
        if (!transportPaused && buffer.size() > 2L * limit) {
            transportPaused = true;
            transport.pauseReading();
        } else if (transportPaused && buffer.size() <= limit) {
            transportPaused = false;
            transport.resumeReading();
        }
    }

    /// Ends the stream: what was fed can still be read. A second call does nothing.
    public void feedEof() {
        checkThread("StreamReader.feedEof");
        ended = true;
        wake();
    }

    /// Lets every read fail from now on, also one that waits, whatever is still unread.
    ///
    /// @param cause thrown as it is; a checked exception that is no `IOException` as the cause of
    ///   one
    public void setException(Throwable cause) {
        checkThread("StreamReader.setException");
        failure = Objects.requireNonNull(cause, "cause");
        wake();
    }

    /// Lets every read fail from now on, each with an exception of its own, which shows where that
    /// read was called.
    void connectionLost(Supplier<? extends IOException> failures) {
        loss = failures;
        wake();
    }

    boolean hasEnded() {
        return ended;
    }

    @Nullable Throwable failure() {
        return failure;
    }

    private void wake() {
        if (waiter != null && !waiter.isDone()) {
            waiter.setResult(null);
        }
    }

    /// Reads what is there, and waits only if there is nothing. Suspends.
    ///
    /// @param atMost how many bytes at most; 0 gives an empty array at once, a negative number
    ///   reads to the end as [#readAll()] does
    /// @return at least one byte; an empty array at the end of the stream
    /// @throws IOException if the connection broke
    /// @throws IllegalStateException if another coroutine waits in a read
    public byte[] read(int atMost) throws IOException {
        if (atMost < 0) {
            return readAll();
        }
        beginRead("StreamReader.read");
        try {
            if (atMost == 0) {
                return NO_BYTES;
            }
            if (buffer.isEmpty() && !ended) {
                awaitData();
            }
            return buffer.take(Math.min(atMost, buffer.size()));
        } finally {
            balance();
        }
    }

    /// Reads to the end of the stream, however long it is. Suspends.
    ///
    /// @return all bytes up to the end
    /// @throws IOException if the connection broke; what came is lost then
    /// @throws IllegalStateException if another coroutine waits in a read
    public byte[] readAll() throws IOException {
        beginRead("StreamReader.readAll");
        try {
            while (!ended) {
                awaitData();
            }
            return buffer.takeAll();
        } finally {
            balance();
        }
    }

    /// Reads exactly so many bytes. The limit does not matter. Suspends.
    ///
    /// @param count how many bytes; 0 gives an empty array at once
    /// @return `count` bytes
    /// @throws IncompleteReadException if the stream ends before; it has the bytes that came
    /// @throws IOException if the connection broke
    /// @throws IllegalArgumentException if `count` is negative
    /// @throws IllegalStateException if another coroutine waits in a read
    public byte[] readExactly(int count) throws IOException {
        if (count < 0) {
            throw new IllegalArgumentException("cannot read a negative number of bytes: " + count);
        }
        beginRead("StreamReader.readExactly");
        try {
            while (buffer.size() < count) {
                if (ended) {
                    throw new IncompleteReadException(buffer.takeAll(), count);
                }
                awaitData();
            }
            return buffer.take(count);
        } finally {
            balance();
        }
    }

    /// Reads up to and including a separator. Suspends.
    ///
    /// Of several separators that one counts which ends first.
    ///
    /// @param separators one or more, none of them empty
    /// @return the bytes up to the separator, and the separator
    /// @throws IncompleteReadException if the stream ends before; it has the bytes that came
    /// @throws LimitOverrunException if there are more bytes than the limit before the separator;
    ///   they stay in the reader
    /// @throws IOException if the connection broke
    /// @throws IllegalArgumentException if there is no separator, or an empty one
    /// @throws IllegalStateException if another coroutine waits in a read
    public byte[] readUntil(byte[]... separators) throws IOException {
        var search = new Separators(separators);
        beginRead("StreamReader.readUntil");
        try {
            return take(search);
        } finally {
            balance();
        }
    }

    private byte[] take(Separators search) throws IOException {
        while (true) {
            var match = search.findIn(buffer);
            if (match != null) {
                return takeRecord(match);
            }
            if (search.searched() > limit) {
                throw new LimitOverrunException(
                        "no separator was found within the limit of " + limit + " bytes",
                        search.searched());
            }
            if (ended) {
                throw new IncompleteReadException(
                        buffer.takeAll(), IncompleteReadException.UNKNOWN);
            }
            awaitData();
        }
    }

    private byte[] takeRecord(Separators.Match match) throws LimitOverrunException {
        if (match.start() > limit) {
            throw new LimitOverrunException(
                    "a separator was found after "
                            + match.start()
                            + " bytes, but the limit is "
                            + limit,
                    match.start());
        }
        return buffer.take(match.end());
    }

    /// Reads a line, with its line feed. Suspends.
    ///
    /// @return the line; without a line feed where the stream ends without one; empty at the end of
    ///   the stream
    /// @throws LimitOverrunException if the line is longer than the limit. The line is dropped if
    ///   its end was there already, otherwise everything that was there
    /// @throws IOException if the connection broke
    /// @throws IllegalStateException if another coroutine waits in a read
    public byte[] readLine() throws IOException {
        try {
            return readUntil(NEWLINE);
        } catch (IncompleteReadException endOfStream) {
            return endOfStream.partial();
        } catch (LimitOverrunException tooLong) {
            var found = buffer.startsWith(NEWLINE, tooLong.consumed());
            buffer.skip(found ? tooLong.consumed() + NEWLINE.length : buffer.size());
            balance();
            throw tooLong;
        }
    }

    /// {@return the lines up to the end of the stream, each with its line feed} The iterator
    /// suspends in `hasNext` and `next`, and throws what [#readLine()] throws as the cause of an
    /// `UncheckedIOException`. There is one sequence of lines, however many iterators are made.
    public Iterable<byte[]> lines() {
        return LineIterator::new;
    }

    private final class LineIterator implements Iterator<byte[]> {
        private byte @Nullable [] next;

        @Override
        public boolean hasNext() {
            if (next == null) {
                try {
                    next = readLine();
                } catch (IOException failure) {
                    throw new UncheckedIOException(failure);
                }
            }
            return next.length > 0;
        }

        @Override
        public byte[] next() {
            if (!hasNext()) {
                throw new NoSuchElementException("the stream has no further line");
            }
            var line = Objects.requireNonNull(next);
            next = null;
            return line;
        }
    }

    /// {@return whether the stream has ended and everything was read}
    public boolean atEof() {
        checkThread("StreamReader.atEof");
        return ended && buffer.isEmpty();
    }

    private void beginRead(String method) throws IOException {
        checkThread(method);
        throwFailure();
        if (waiter != null) {
            throw new IllegalStateException(
                    "another coroutine is already waiting in a read of this reader;"
                            + " let one coroutine read and hand the data on");
        }
    }

    private void throwFailure() throws IOException {
        if (loss != null) {
            throw loss.get();
        }
        switch (failure) {
            case null -> {}
            case IOException broken -> throw broken;
            case RuntimeException unchecked -> throw unchecked;
            case Error error -> throw error;
            case Throwable checked -> throw new IOException("the stream failed", checked);
        }
    }

    /// Suspends until something was fed. Even where more is there than the limit allows, the
    /// connection goes on, or the wait would never end.
    private void awaitData() throws IOException {
        if (transportPaused && transport != null) {
            transportPaused = false;
            transport.resumeReading();
        }
        LoopFuture<@Nullable Void> data = EventLoop.current().createFuture(this);
        waiter = data;
        try {
            data.await();
        } finally {
            waiter = null;
        }
        throwFailure();
    }

    @Override
    public String toString() {
        return "StreamReader["
                + buffer.size()
                + " bytes, limit "
                + limit
                + (ended ? ", ended" : "")
                + (failure == null ? "" : ", " + failure)
                + (loss == null ? "" : ", lost")
                + "]";
    }
}

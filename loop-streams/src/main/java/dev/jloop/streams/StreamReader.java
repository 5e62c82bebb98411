package dev.jloop.streams;

import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopFuture;
import dev.jloop.transports.Key;
import dev.jloop.transports.Transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.charset.Charset;
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

    @SuppressWarnings({"unused", "FieldCanBeLocal"}) // to be held is all that it is for
    private final @Nullable StreamUse use;

    private final ByteQueue buffer = new ByteQueue();
    private final Handover handover;
    private @Nullable Transport transport;
    private boolean transportPaused;
    private boolean ended;
    private boolean transferring;
    private @Nullable Throwable failure;
    private @Nullable Supplier<? extends IOException> loss;
    private @Nullable LoopFuture<@Nullable Void> waiter;

    /// Creates a reader without a connection, which is fed by hand.
    ///
    /// @param limit the longest record that [#readUntil(byte\[\]...)] and [#readLine()] give, in
    ///   bytes without the separator; at least 1
    /// @throws IllegalArgumentException if the limit is less than 1
    public StreamReader(int limit) {
        this(limit, new Handover(Handover.LEAST_BYTES), null, null);
    }

    /// Also for tests, which choose what is handed over.
    StreamReader(int limit, Handover handover, @Nullable EventLoop loop, @Nullable StreamUse use) {
        this.limit = checkedLimit(limit);
        this.handover = handover;
        this.loop = loop;
        this.use = use;
    }

    /// @param loop the loop of the connection that feeds it
    /// @param use held as long as this is reachable
    StreamReader(int limit, EventLoop loop, StreamUse use) {
        this(limit, new Handover(Handover.LEAST_BYTES), loop, use);
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
        return (long) handover.size() + buffer.size();
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
        if (!buffer.isEmpty() || !handover.offer(data)) {
            buffer.add(data);
        }
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
        if (bufferedBytes() > 2L * limit) {
            stopPeer();
        } else if (bufferedBytes() <= limit) {
            letPeerGoOn();
        }
    }

    private void stopPeer() {
        if (transport != null && !transportPaused) {
            transportPaused = true;
            transport.pauseReading();
        }
    }

    private void letPeerGoOn() {
        if (transport != null && transportPaused) {
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

    /// Reads what is there as [#read(int)] does, as a buffer that is the caller's. Suspends.
    ///
    /// What comes while this waits is handed over as it was received, without a copy, if it is 1
    /// KiB or more. As long as it is not released, the loop needs other memory to read into: do not
    /// keep it longer than needed. In debug mode one that is never released is reported with the
    /// place where it was received.
    ///
    /// Cancelled it leaves the bytes in the reader, also those that have just come.
    ///
    /// @param atMost how many bytes at most; 0 gives an empty buffer at once
    /// @return at least one byte, which the caller releases, or gives away as to
    ///   [StreamWriter#writeBuffer(ByteBuf)]; an empty buffer at the end of the stream, which need
    ///   not be released but may be
    /// @throws IOException if the connection broke
    /// @throws IllegalArgumentException if `atMost` is negative
    /// @throws IllegalStateException if another coroutine waits in a read
    public ByteBuf readBuffer(int atMost) throws IOException {
        if (atMost < 0) {
            throw new IllegalArgumentException("cannot read a negative number of bytes: " + atMost);
        }
        beginRead("StreamReader.readBuffer");
        try {
            return atMost == 0 ? Unpooled.EMPTY_BUFFER : takeBuffer(atMost);
        } finally {
            balance();
        }
    }

    private ByteBuf takeBuffer(int atMost) throws IOException {
        if (buffer.isEmpty() && !ended) {
            handover.begin(atMost);
            try {
                awaitData();
                var received = handover.take();
                if (received != null) {
                    return received;
                }
            } finally {
                handover.end(buffer);
            }
        }
        return buffer.takeBuffer(atMost);
    }

    /// Reads to the end of the stream and writes everything to `target`, without a copy as far as
    /// [#readBuffer(int)] gives it so. Suspends.
    ///
    /// While the target takes no more, nothing is read either, so the peer of this has to wait, and
    /// little memory is needed however much goes through. No other coroutine may read meanwhile.
    ///
    /// The target stays open: `target.writeEof()` or `target.close()` pass the end on. It is not
    /// looked at while nothing comes to be written.
    ///
    /// Failed or cancelled, what has come and was not given to the target stays in this reader. So
    /// it does where the target is closing, and would drop it.
    ///
    /// @param target where to; also the writer of the same connection, which makes an echo
    /// @return how many bytes were given to the target
    /// @throws IOException if one of the two connections broke, or bytes come for a target that is
    ///   closing
    /// @throws IllegalStateException if another coroutine waits in a read, or after the
    ///   [StreamWriter#writeEof()] of the target
    public long transferTo(StreamWriter target) throws IOException {
        Objects.requireNonNull(target, "target");
        beginRead("StreamReader.transferTo");
        transferring = true;
        try {
            var count = 0L;
            while (true) {
                target.checkNotLost();
                var received = takeBuffer(Integer.MAX_VALUE);
                var length = received.readableBytes();
                if (length == 0) {
                    return count;
                }
                pass(received, target);
                count += length;
            }
        } finally {
            transferring = false;
            balance();
        }
    }

    private void pass(ByteBuf received, StreamWriter target) throws IOException {
        give(received, target);
        if (target.hasToWait()) {
            stopPeer();
            target.awaitTurn();
            throwFailure();
        }
    }

    /// Takes the bytes back where the target refuses them, which releases what it was given.
    private void give(ByteBuf received, StreamWriter target) throws IOException {
        var start = received.readerIndex();
        received.retain();
        var given = false;
        try {
            target.queueUnlessClosing(received, "StreamReader.transferTo");
            given = true;
        } finally {
            if (given) {
                received.release();
            } else {
                buffer.putBack(received.readerIndex(start));
            }
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

    /// Reads text to the end of the stream, however long it is. Suspends.
    ///
    /// @param charset of any kind
    /// @return all text up to the end; empty if there is none
    /// @throws java.nio.charset.CharacterCodingException if the bytes are no text in that charset;
    ///   they have left the reader. Its message tells which, and where
    /// @throws IOException if the connection broke; what came is lost then
    /// @throws IllegalStateException if another coroutine waits in a read
    public String readAll(Charset charset) throws IOException {
        Objects.requireNonNull(charset, "charset");
        var bytes = readAll();
        return Text.decode(bytes, bytes.length, charset);
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

    /// Reads a line of text, without its end: a line feed, or a carriage return and a line feed. A
    /// carriage return alone ends no line. Suspends.
    ///
    /// @param charset one in which a line feed is the one byte 0x0a, as UTF-8 or ISO 8859-1 and
    ///   unlike UTF-16
    /// @return the line, which may be empty; null at the end of the stream
    /// @throws java.nio.charset.CharacterCodingException if the line is no text in that charset; it
    ///   has left the reader. Its message tells which bytes, and where
    /// @throws LimitOverrunException as [#readLine()]
    /// @throws IOException if the connection broke
    /// @throws IllegalArgumentException if the charset is not one of those
    /// @throws IllegalStateException if another coroutine waits in a read
    public @Nullable String readLine(Charset charset) throws IOException {
        Text.checkHasLines(charset);
        var line = readLine();
        return line.length == 0 ? null : Text.line(line, charset);
    }

    /// {@return the lines up to the end of the stream, each with its line feed} The iterator
    /// suspends in `hasNext` and `next`, and throws what [#readLine()] throws as the cause of an
    /// `UncheckedIOException`. There is one sequence of lines, however many iterators are made.
    public Iterable<byte[]> lines() {
        return () ->
                new StreamIterator<>(() -> {
                    var line = readLine();
                    return line.length == 0 ? null : line;
                });
    }

    /// {@return the lines of text up to the end of the stream, as [#readLine(Charset)] gives them}
    /// The iterator suspends in `hasNext` and `next`, and throws what that throws as the cause of
    /// an `UncheckedIOException`. There is one sequence of lines, however many iterators are made.
    ///
    /// @param charset one in which a line feed is the one byte 0x0a
    /// @throws IllegalArgumentException if the charset is not one of those
    public Iterable<String> lines(Charset charset) {
        Text.checkHasLines(charset);
        return () -> new StreamIterator<>(() -> readLine(charset));
    }

    /// Reads what `search` finds.
    ///
    /// @return the content of the frame, or null at the end of the stream
    byte @Nullable [] readFrame(FrameSearch search) throws IOException {
        beginRead("Framing.read");
        try {
            while (true) {
                var frame = search.findIn(buffer);
                if (frame != null) {
                    buffer.skip(frame.start());
                    var content = buffer.take(frame.contentEnd() - frame.start());
                    buffer.skip(frame.end() - frame.contentEnd());
                    return content;
                }
                if (ended) {
                    if (buffer.isEmpty()) {
                        return null;
                    }
                    throw new IncompleteReadException(buffer.takeAll(), search.expected());
                }
                awaitData();
            }
        } finally {
            balance();
        }
    }

    /// {@return a piece of information about the connection, or null where it has none of that
    /// kind, or there is no connection}
    ///
    /// @param key which one, such as [Key#SUBPROCESS] for an output of a process
    /// @param <T> its type
    public <T> @Nullable T extra(Key<T> key) {
        checkThread("StreamReader.extra");
        Objects.requireNonNull(key, "key");
        return transport == null ? null : transport.extra(key);
    }

    /// {@return whether the stream has ended and everything was read}
    public boolean atEof() {
        checkThread("StreamReader.atEof");
        return ended && bufferedBytes() == 0;
    }

    private void beginRead(String method) throws IOException {
        checkThread(method);
        throwFailure();
        if (waiter != null || transferring) {
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
        letPeerGoOn();
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
                + bufferedBytes()
                + " bytes, limit "
                + limit
                + (ended ? ", ended" : "")
                + (failure == null ? "" : ", " + failure)
                + (loss == null ? "" : ", lost")
                + "]";
    }
}

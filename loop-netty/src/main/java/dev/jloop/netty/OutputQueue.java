package dev.jloop.netty;

import dev.jloop.core.CancelledError;
import dev.jloop.core.Context;
import dev.jloop.core.EventLoop;
import dev.jloop.core.RecurringHandle;
import dev.jloop.core.Task;
import dev.jloop.transports.Transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.DefaultFileRegion;
import io.netty.channel.FileRegion;

import org.jspecify.annotations.Nullable;

import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import java.util.function.Predicate;

/// Moves what a channel has flushed into its transport, a window at a time, and takes it off
/// Netty's buffer when it has left the transport again: so promises and writability tell of bytes
/// that the network has taken, and of no others.
///
/// ```
/// OPEN <-hold, letGo-> HELD;   OPEN <-file, its end-> SENDING_FILE;   any -lost-> LOST
/// ```
final class OutputQueue {
    /// What the transport holds at most, but for the last buffer that still found room.
    private static final int WINDOW_BYTES = 64 * 1024;

    /// Each flush walks over the buffers that the transport has, so they must be few.
    private static final int WINDOW_BUFFERS = 256;

    private static final int USUAL_HIGH_BYTES = 64 * 1024;
    private static final int USUAL_LOW_BYTES = 16 * 1024;

    private enum State {
        OPEN,
        HELD,
        SENDING_FILE,
        LOST
    }

    private final EventLoop loop;
    private final Transport transport;
    private final ChannelOutboundBuffer buffer;
    private final Runnable whenDrained;
    private final Consumer<IOException> whenBroken;
    private final RecurringHandle afterFlush;
    private State state = State.OPEN;

    /// How many bytes the transport was given that are not known to have left it.
    private long inTransport;

    /// Whether this is in the middle of something, so that what user code calls meanwhile has to
    /// wait.
    private boolean busy;

    private boolean askedMeanwhile;

    /// What sending the present file has failed with. A transport that has sent a part of it is
    /// lost before its task has ended.
    private @Nullable Throwable fileFailure;

    /// Whether the marks of the transport are set so that it tells of each bit of progress.
    private boolean watching;

    /// @param whenDrained called whenever nothing flushed is left
    /// @param whenBroken told what is wrong with what was written, so that the transport has to be
    ///   aborted; not called for failures of the connection itself
    OutputQueue(
            EventLoop loop,
            Transport transport,
            ChannelOutboundBuffer buffer,
            Runnable whenDrained,
            Consumer<IOException> whenBroken) {
        this.loop = loop;
        this.transport = transport;
        this.buffer = buffer;
        this.whenDrained = whenDrained;
        this.whenBroken = whenBroken;
        // Runs right after the flush of the transport, which the first write of a turn schedules.
        afterFlush = loop.recurring(this::progress, Context.copyCurrent());
    }

    /// {@return whether nothing is left of what was flushed}
    boolean isDrained() {
        return buffer.isEmpty();
    }

    /// Gives the transport what there is room for.
    void flush() {
        if (busy) {
            askedMeanwhile = true;
            return;
        }
        busy = true;
        try {
            handOver(WINDOW_BYTES);
        } finally {
            busy = false;
        }
        if (buffer.isEmpty()) {
            whenDrained.run();
        }
    }

    /// Gives the transport all, up to the first file: it is about to close, and sends what it has.
    void flushAll() {
        busy = true;
        try {
            handOver(Long.MAX_VALUE);
        } finally {
            busy = false;
        }
    }

    /// Called when bytes have left the transport, or may have.
    void progress() {
        if (state == State.LOST) {
            return;
        }
        if (busy) {
            afterFlush.schedule();
            return;
        }
        busy = true;
        try {
            account();
            if (!buffer.isEmpty() || watching) {
                var left = inTransport > 0;
                handOver(WINDOW_BYTES);
                watch(left);
            }
        } finally {
            busy = false;
        }
        if (buffer.isEmpty()) {
            whenDrained.run();
        }
    }

    /// A transport that is closing may have dropped what is missing from its queue. Whether it has
    /// is known at its end: see [#lost(Throwable)].
    private void account() {
        if (!transport.isClosing()) {
            var sent = inTransport - Math.min(inTransport, transport.writeBufferSize());
            inTransport -= sent;
            buffer.removeBytes(sent); // user code runs in here
        }
    }

    private void handOver(long windowBytes) {
        do {
            askedMeanwhile = false;
            if (state != State.OPEN) {
                return;
            }
            if (transport.isClosing()) {
                refuseToTruncate();
                return;
            }
            if (inTransport == 0) {
                removeEmpty();
            }
            if (inTransport == 0 && buffer.current() instanceof FileRegion region) {
                send(region);
            } else {
                giveBuffers(windowBytes);
            }
        } while (askedMeanwhile);
    }

    /// Takes off what is first and has nothing to send.
    private void removeEmpty() {
        buffer.removeBytes(0);
        while (buffer.current() instanceof FileRegion region && region.count() == 0) {
            buffer.remove();
            buffer.removeBytes(0);
        }
    }

    /// Somebody else has closed the transport while more was flushed than it has. A regular end
    /// would make the part look like the whole.
    private void refuseToTruncate() {
        var rest = new Rest();
        forEachFlushed(rest::take);
        if (rest.found) {
            transport.abort();
        }
    }

    private void giveBuffers(long windowBytes) {
        var window = new Window(windowBytes);
        forEachFlushed(window::take);
        if (window.given) {
            afterFlush.schedule();
        }
        if (window.refusal != null) {
            whenBroken.accept(
                    new IOException(
                            "the transport refuses what was written, so the connection is aborted: "
                                    + window.refusal.getMessage(),
                            window.refusal));
        }
    }

    private void forEachFlushed(Predicate<Object> visitor) {
        try {
            buffer.forEachFlushedMessage(visitor::test);
        } catch (RuntimeException failure) {
            throw failure;
        } catch (Exception failure) {
            throw new IllegalStateException(failure); // a predicate throws none
        }
    }

    /// Looks for what the transport was not given.
    private final class Rest {
        private long skipped = inTransport;
        private boolean found;

        boolean take(Object message) {
            if (message instanceof ByteBuf data && (!data.isReadable() || skipped > 0)) {
                skipped -= data.readableBytes();
                return true;
            }
            found = true;
            return false;
        }
    }

    /// One walk over what was flushed.
    private final class Window {
        private final long bytes;
        private long skipped = inTransport;
        private int buffers;
        private boolean given;
        private @Nullable RuntimeException refusal;

        Window(long bytes) {
            this.bytes = bytes;
        }

        /// {@return whether to go on with the next message}
        boolean take(Object message) {
            if (!(message instanceof ByteBuf data)) {
                return false; // a file, which waits until all before it has been sent
            }
            var count = data.readableBytes();
            if (count == 0) {
                return true;
            }
            buffers++;
            if (skipped > 0) {
                skipped -= count;
                return true;
            }
            var room =
                    inTransport < bytes
                            && (buffers <= WINDOW_BUFFERS || bytes > WINDOW_BYTES)
                            && !transport.isClosing();
            return room && give(data, count);
        }

        private boolean give(ByteBuf data, int count) {
            try {
                transport.write(data.retainedDuplicate());
            } catch (RuntimeException failure) {
                refusal = failure;
                return false;
            }
            given = true;
            inTransport += count;
            return true;
        }
    }

    /// Where the network does not take all, lets the transport tell as soon as it takes more.
    ///
    /// @param left whether bytes are left over from an earlier flush
    private void watch(boolean left) {
        if (transport.isClosing()) {
            return;
        }
        var queued = transport.writeBufferSize();
        if (left && queued > 0) {
            // Just below what is queued: paused at once, and resumed by the next byte that leaves.
            var mark = (int) Math.min(queued - 1, Integer.MAX_VALUE);
            watching = true;
            transport.setWriteBufferLimits(mark, mark);
            if (transport.writeBufferSize() < queued) {
                afterFlush.schedule(); // it has flushed just now, and tells of nothing
            }
        } else if (watching) {
            watching = false;
            transport.setWriteBufferLimits(USUAL_HIGH_BYTES, USUAL_LOW_BYTES);
        }
    }

    private void send(FileRegion region) {
        state = State.SENDING_FILE;
        fileFailure = null;
        var file = file(region);
        var task = loop.createTask(() -> transfer(region, file), "send file");
        task.addDoneCallback(_ -> fileEnded(region, file, task));
    }

    private @Nullable Void transfer(FileRegion region, FileChannel file) throws IOException {
        try {
            if (transport.isClosing()) {
                throw new SocketException("the connection was closed before " + region + " left");
            }
            var sent = transport.sendFile(file, region.position(), region.count());
            if (sent < region.count()) {
                throw new EOFException(
                        "the file has shrunk: of " + region + " only " + sent + " bytes exist");
            }
            return null;
        } catch (CancelledError cancelled) {
            fileFailure = cancellation(region);
            throw cancelled;
        } catch (IOException | RuntimeException | Error failure) {
            fileFailure = failure;
            if (state != State.LOST && isOfFile(failure, region, file)) {
                whenBroken.accept(asIOException(failure, region));
            }
            throw failure;
        }
    }

    /// Whether it is not the connection that has failed. A file and a socket may throw exceptions
    /// of one type, so the file is asked alone.
    private static boolean isOfFile(Throwable failure, FileRegion region, FileChannel file) {
        if (failure instanceof SocketException) {
            return false;
        }
        if (failure instanceof EOFException || !(failure instanceof IOException)) {
            return true;
        }
        var position = file instanceof RegionFile own ? own.unsent() : region.position();
        try {
            return file.read(ByteBuffer.allocate(1), position) <= 0;
        } catch (IOException | RuntimeException again) {
            return true; // it tells what the failure tells
        }
    }

    private static IOException asIOException(Throwable failure, FileRegion region) {
        return failure instanceof IOException itself
                ? itself
                : new IOException("sending " + region + " failed: " + failure, failure);
    }

    private static CancellationException cancellation(FileRegion region) {
        return new CancellationException("sending " + region + " was cancelled");
    }

    private FileChannel file(FileRegion region) {
        return switch (region) {
            case FilePart part -> part.file();
            case DefaultFileRegion other -> new RegionFile(other, this::fileProgressed);
            default -> throw new IllegalArgumentException("no file is known of " + region);
        };
    }

    /// The transport is in the middle of a transfer here, which is no place for user code.
    private void fileProgressed(RegionFile file) {
        loop.callSoon(() -> tellProgress(file));
    }

    private void tellProgress(RegionFile file) {
        var count = file.takeProgress();
        if (count > 0 && state == State.SENDING_FILE) {
            buffer.progress(count); // user code runs in here
        }
    }

    private void fileEnded(FileRegion region, FileChannel file, Task<?> task) {
        // Asked first: an exception that was looked at is not reported.
        var allSent = !task.isCancelled() && task.exception() == null;
        if (state == State.LOST) {
            return; // all promises are failed
        }
        busy = true;
        try {
            if (allSent) {
                if (file instanceof RegionFile regionFile) {
                    regionFile.allSent();
                    tellProgress(regionFile);
                }
                state = State.OPEN;
                buffer.remove();
            } else {
                transport.abort(); // what comes after the missing part would be taken for it
                state = State.OPEN;
                // None where it was cancelled before its first step.
                buffer.remove(fileFailure == null ? cancellation(region) : fileFailure);
            }
        } finally {
            busy = false;
        }
        progress();
    }

    /// Gives the transport nothing until [#letGo()].
    ///
    /// @throws IllegalStateException while a file is sent
    void hold() {
        if (state != State.OPEN) {
            throw new IllegalStateException("the output is busy: " + state);
        }
        state = State.HELD;
    }

    void letGo() {
        if (state == State.HELD) {
            state = State.OPEN;
            progress();
        }
    }

    /// Settles what the transport had. What was not sent is failed with the cause; where there is
    /// none it is left to Netty, which fails it because the channel is closed. To be called when
    /// the channel takes no more writes: those of a listener would be failed in turn, without end.
    void lost(@Nullable Throwable cause) {
        if (state == State.LOST) {
            return;
        }
        var brokenFile = state == State.SENDING_FILE && cause == null ? fileFailure : null;
        state = State.LOST;
        afterFlush.cancel();
        busy = true; // for good
        if (brokenFile != null) {
            buffer.remove(brokenFile);
        }
        if (cause == null && !transport.isAborted()) {
            buffer.removeBytes(inTransport); // it was closed, and has sent all that it had
        }
        if (cause != null) {
            buffer.addFlush();
            while (buffer.remove(cause)) {
                // each one runs its listeners
            }
        }
    }
}

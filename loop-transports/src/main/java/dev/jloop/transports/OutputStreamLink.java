package dev.jloop.transports;

import dev.jloop.core.EventLoop;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.function.Consumer;

/// The writing end of a pipe that the JDK offers as a blocking stream only, such as the input of a
/// process. A [StreamThread] writes one buffer at a time.
final class OutputStreamLink extends PipeLink {
    private static final int BUFFER_BYTES = 64 * 1024;
    private static final String STREAM_CLOSED = "Stream closed";

    /// ```
    /// EMPTY <-written, write-> WRITING -failure-> BROKEN
    /// EMPTY, WRITING, BROKEN -sayGoodbye-> LEAVING
    /// any -close-> CLOSED
    /// ```
    private enum State {
        EMPTY,
        WRITING,
        BROKEN,
        LEAVING,
        CLOSED
    }

    private final OutputStream stream;
    private final StreamThread thread;
    private final StreamWatch writer;

    /// Told of a failure, as the transport has no other ear for it when it has nothing to write.
    private final StreamWatch reader;

    /// Used by the thread while the state is WRITING, else by the loop.
    private final byte[] memory = new byte[BUFFER_BYTES];

    private @Nullable IOException failure;
    private State state = State.EMPTY;

    /// @param stream belongs to the link
    /// @param process at the other end, where that is known
    OutputStreamLink(EventLoop loop, OutputStream stream, @Nullable ProcessHandle process) {
        super(process);
        this.stream = stream;
        thread = new StreamThread(loop, "writes " + stream);
        writer = new StreamWatch(loop, () -> state == State.EMPTY || state == State.BROKEN);
        reader = new StreamWatch(loop, () -> state == State.BROKEN);
    }

    @Override
    public boolean canRead() {
        return false;
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        throwIfBroken();
        return 0;
    }

    private void throwIfBroken() throws IOException {
        if (failure != null) {
            throw failure;
        }
    }

    @Override
    public long write(ByteBuffer[] data, int offset, int count) throws IOException {
        throwIfBroken();
        if (state != State.EMPTY) {
            return 0;
        }
        var taken = ByteBuffer.wrap(memory);
        for (var index = offset; index < offset + count && taken.hasRemaining(); index++) {
            var part = data[index];
            var step = Math.min(part.remaining(), taken.remaining());
            taken.put(part.slice(part.position(), step));
            part.position(part.position() + step);
        }
        return start(taken.position());
    }

    @Override
    public long transferFrom(FileChannel file, long offset, long count) throws IOException {
        throwIfBroken();
        if (state != State.EMPTY) {
            return 0;
        }
        var taken = ByteBuffer.wrap(memory, 0, (int) Math.min(count, BUFFER_BYTES));
        return start(file.read(taken, offset));
    }

    private int start(int count) {
        if (count <= 0) {
            return 0;
        }
        state = State.WRITING;
        thread.start(
                () -> {
                    stream.write(memory, 0, count);
                    stream.flush();
                    return count;
                },
                this::written);
        return count;
    }

    private void written(StreamThread.Outcome outcome) {
        if (outcome instanceof StreamThread.Failed(var cause)) {
            failure = clear(cause);
        }
        if (state == State.WRITING) {
            state = failure == null ? State.EMPTY : State.BROKEN;
            writer.look();
            reader.look();
        }
    }

    /// When a process has ended, the JDK closes its input, which then has another reason to fail.
    private static IOException clear(IOException failure) {
        return STREAM_CLOSED.equals(failure.getMessage())
                ? new IOException("Broken pipe (the other end has gone)", failure)
                : failure;
    }

    /// Waits until everything was written, which closing the stream proves.
    @Override
    public void sayGoodbye(Consumer<@Nullable IOException> said) {
        state = State.LEAVING;
        thread.start(
                () -> {
                    stream.close();
                    return 0;
                },
                outcome -> {
                    if (failure == null && outcome instanceof StreamThread.Failed(var cause)) {
                        failure = cause;
                    }
                    said.accept(failure);
                });
    }

    @Override
    public void addReader(Runnable callback) {
        reader.add(callback);
    }

    @Override
    public void removeReader() {
        reader.remove();
    }

    @Override
    public void addWriter(Runnable callback) {
        writer.add(callback);
    }

    @Override
    public void removeWriter() {
        writer.remove();
    }

    @Override
    boolean isOpen() {
        return state != State.CLOSED;
    }

    @Override
    public void close() {
        if (state != State.CLOSED) {
            state = State.CLOSED;
            reader.remove();
            writer.remove();
            thread.closeLast(stream);
        }
    }

    @Override
    public String toString() {
        return "write pipe " + stream;
    }
}

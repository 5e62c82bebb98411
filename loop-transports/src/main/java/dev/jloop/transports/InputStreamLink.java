package dev.jloop.transports;

import dev.jloop.core.EventLoop;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/// The reading end of a pipe that the JDK offers as a blocking stream only, such as the output of a
/// process. A [StreamThread] reads one buffer, and the next when that was taken and more is wanted.
final class InputStreamLink extends PipeLink {
    private static final int BUFFER_BYTES = 64 * 1024;
    private static final int END_OF_STREAM = -1;

    /// ```
    /// EMPTY -wanted-> FETCHING -bytes-> FULL -taken-> EMPTY
    ///                     \--end, failure-> ENDED
    /// any -close-> CLOSED
    /// ```
    private enum State {
        EMPTY,
        FETCHING,
        FULL,
        ENDED,
        CLOSED
    }

    private final InputStream stream;
    private final StreamThread thread;
    private final StreamWatch reader;

    /// Used by the thread while the state is FETCHING, else by the loop.
    private final byte[] memory = new byte[BUFFER_BYTES];

    private ByteBuffer bytes = ByteBuffer.allocate(0);
    private @Nullable IOException failure;
    private State state = State.EMPTY;

    /// @param stream belongs to the link
    /// @param process at the other end, where that is known
    InputStreamLink(EventLoop loop, InputStream stream, @Nullable ProcessHandle process) {
        super(process);
        this.stream = stream;
        thread = new StreamThread(loop, "reads " + stream);
        reader = new StreamWatch(loop, this::isReadable);
    }

    @Override
    public boolean canWrite() {
        return false;
    }

    private boolean isReadable() {
        return switch (state) {
            case EMPTY -> {
                fetch();
                yield false;
            }
            case FULL, ENDED -> true;
            case FETCHING, CLOSED -> false;
        };
    }

    private void fetch() {
        state = State.FETCHING;
        thread.start(() -> stream.read(memory), this::fetched);
    }

    private void fetched(StreamThread.Outcome outcome) {
        if (state == State.CLOSED) {
            return;
        }
        state = State.ENDED;
        switch (outcome) {
            case StreamThread.Done(var count) -> {
                if (count != END_OF_STREAM) {
                    bytes = ByteBuffer.wrap(memory, 0, count);
                    state = count == 0 ? State.EMPTY : State.FULL;
                }
            }
            case StreamThread.Failed(var cause) -> failure = cause;
        }
        reader.look();
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        return switch (state) {
            case FULL -> take(into);
            case ENDED -> {
                if (failure != null) {
                    throw failure;
                }
                yield END_OF_STREAM;
            }
            case EMPTY, FETCHING, CLOSED -> 0;
        };
    }

    private int take(ByteBuffer into) {
        var count = Math.min(into.remaining(), bytes.remaining());
        into.put(bytes.slice(bytes.position(), count));
        bytes.position(bytes.position() + count);
        if (!bytes.hasRemaining()) {
            state = State.EMPTY; // the watch asks for more, unless reading was paused meanwhile
        }
        return count;
    }

    @Override
    public long write(ByteBuffer[] data, int offset, int count) {
        throw wrongDirection();
    }

    @Override
    public long transferFrom(FileChannel file, long offset, long count) {
        throw wrongDirection();
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
        throw wrongDirection();
    }

    @Override
    public void removeWriter() {}

    @Override
    boolean isOpen() {
        return state != State.CLOSED;
    }

    @Override
    public void close() {
        if (state != State.CLOSED) {
            state = State.CLOSED;
            reader.remove();
            thread.closeLast(stream);
        }
    }

    @Override
    public String toString() {
        return "read pipe " + stream;
    }
}

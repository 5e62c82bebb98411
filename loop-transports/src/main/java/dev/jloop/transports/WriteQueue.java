package dev.jloop.transports;

import dev.jloop.core.EventLoop;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Objects;

/// Bytes that wait to be sent, in order. Owns its buffers.
final class WriteQueue {
    private static final int LEAST_CHUNK = 512;

    private final Gather gather;
    private final Chunks chunks;
    private @Nullable ByteBuf first;

    /// Those behind the first: made when there are such, which many connections never see.
    private @Nullable ArrayDeque<ByteBuf> others;

    /// The last buffer, if it was made here and so may be appended to.
    private ByteBuf tail = Unpooled.EMPTY_BUFFER;

    /// The capacity of the next one made here: it doubles while the queue grows.
    private int nextChunk = LEAST_CHUNK;

    private long size;

    /// @param loop whose connections share the memory that is written to
    /// @param gather used by nobody else while this sends
    WriteQueue(EventLoop loop, Gather gather) {
        this.gather = gather;
        chunks = Chunks.of(loop);
    }

    long size() {
        return size;
    }

    boolean isEmpty() {
        return size == 0;
    }

    /// Takes over a readable buffer.
    void add(ByteBuf data) {
        append(data);
        tail = Unpooled.EMPTY_BUFFER;
        size += data.readableBytes();
    }

    private void append(ByteBuf buffer) {
        if (first == null) {
            first = buffer;
            return;
        }
        if (others == null) {
            others = new ArrayDeque<>();
        }
        others.add(buffer);
    }

    /// Copies the remaining bytes and moves the position to the limit.
    void addCopy(ByteBuffer data) {
        var end = data.limit();
        while (data.position() < end) {
            var space = spaceFor(end - data.position());
            var step = Math.min(space.writableBytes(), end - data.position());
            data.limit(data.position() + step);
            space.writeBytes(data);
            size += step;
        }
    }

    /// Copies all bytes.
    void addCopy(byte[] data) {
        var start = 0;
        while (start < data.length) {
            var space = spaceFor(data.length - start);
            var step = Math.min(space.writableBytes(), data.length - start);
            space.writeBytes(data, start, step);
            size += step;
            start += step;
        }
    }

    /// {@return the last buffer, which has space, if not for all that is wanted}
    private ByteBuf spaceFor(int wantedBytes) {
        if (!tail.isWritable()) {
            tail = chunks.take(Math.max(Math.min(wantedBytes, Chunks.MOST_BYTES), nextChunk));
            nextChunk = Math.min(2 * nextChunk, Chunks.MOST_BYTES);
            append(tail);
        }
        return tail;
    }

    /// Sends until the queue is empty or the network takes no more.
    ///
    /// @return whether the queue is empty
    boolean sendTo(Network.Link link) throws IOException {
        while (size > 0) {
            try {
                fillGather();
                var sent = gather.sendTo(link);
                discard(sent);
                if (sent < gather.bytes()) {
                    return false;
                }
            } finally {
                gather.clear();
            }
        }
        return true;
    }

    /// Sends from memory that is not queued, as much as the network takes.
    void sendNow(ByteBuffer data, Network.Link link) throws IOException {
        var end = data.limit();
        try {
            while (data.position() < end) {
                data.limit(Math.min(end, data.position() + Gather.MOST_BYTES));
                gather.add(data);
                gather.sendTo(link);
                gather.clear();
                if (data.hasRemaining()) {
                    return;
                }
                data.limit(end);
            }
        } finally {
            gather.clear();
            data.limit(end);
        }
    }

    private void fillGather() {
        if (first != null) {
            addToGather(first);
        }
        if (others != null && !others.isEmpty()) { // else an iterator for nothing
            for (var buffer : others) {
                if (gather.isFull()) {
                    break;
                }
                addToGather(buffer);
            }
        }
        if (gather.bytes() > size || (gather.bytes() < size && !gather.isFull())) {
            throw changedByOthers();
        }
    }

    private void addToGather(ByteBuf buffer) {
        if (!buffer.isReadable()) {
            throw changedByOthers();
        }
        gather.add(buffer);
    }

    /// Without it a queue whose buffers are read by others would never become empty.
    private static IllegalStateException changedByOthers() {
        return new IllegalStateException(
                "a buffer that waited to be sent was read, changed or written once more by someone"
                        + " else; write() takes over what it is given: to send the same bytes again"
                        + " or on several connections, write retainedDuplicate() of them");
    }

    private void discard(long count) {
        size -= count;
        var left = count;
        while (left > 0) {
            if (first == null) {
                throw changedByOthers(); // the same buffer was there twice
            }
            var step = (int) Math.min(left, first.readableBytes());
            first.skipBytes(step);
            left -= step;
            if (!first.isReadable()) {
                removeFirst();
            }
        }
    }

    private void removeFirst() {
        var removed = takeFirst();
        if (first == null) {
            startAfresh();
        }
        removed.release();
    }

    private ByteBuf takeFirst() {
        var taken = Objects.requireNonNull(first);
        first = others == null ? null : others.poll();
        return taken;
    }

    private void startAfresh() {
        tail = Unpooled.EMPTY_BUFFER;
        nextChunk = LEAST_CHUNK;
    }

    /// Forgets and releases everything, also where a user has released a buffer that was not his
    /// any more.
    ///
    /// @return what went wrong with the first such buffer, or null
    @Nullable RuntimeException drop() {
        size = 0;
        startAfresh();
        RuntimeException firstFailure = null;
        while (first != null) {
            try {
                takeFirst().release();
            } catch (RuntimeException failure) {
                firstFailure = firstFailure == null ? failure : firstFailure;
            }
        }
        return firstFailure;
    }
}

package dev.jloop.transports;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/// Bytes that wait to be sent, in order. Owns its buffers.
final class WriteQueue {
    private static final int LEAST_CHUNK = 512;
    private static final int MOST_CHUNK = 16 * 1024;

    private final Gather gather;
    private final ArrayDeque<ByteBuf> buffers = new ArrayDeque<>();

    /// The last buffer, if it was made here and so may be appended to.
    private ByteBuf tail = Unpooled.EMPTY_BUFFER;

    /// The capacity of the next one made here: it doubles while the queue grows.
    private int nextChunk = LEAST_CHUNK;

    private long size;

    WriteQueue(Gather gather) {
        this.gather = gather;
    }

    long size() {
        return size;
    }

    boolean isEmpty() {
        return size == 0;
    }

    /// Takes over a readable buffer.
    void add(ByteBuf data) {
        buffers.add(data);
        tail = Unpooled.EMPTY_BUFFER;
        size += data.readableBytes();
    }

    /// Copies the remaining bytes and moves the position to the limit.
    void addCopy(ByteBuffer data) {
        var count = data.remaining();
        if (tail.writableBytes() < count) {
            var chunk = Math.max(count, nextChunk);
            nextChunk = Math.min(2 * nextChunk, MOST_CHUNK);
            tail = Unpooled.buffer(chunk, chunk);
            buffers.add(tail);
        }
        tail.writeBytes(data);
        size += count;
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
    static void sendNow(ByteBuffer data, Network.Link link) throws IOException {
        while (data.hasRemaining()) {
            var step = Math.min(data.remaining(), Gather.MOST_BYTES);
            var part = new ByteBuffer[] {data.slice(data.position(), step)};
            var sent = link.write(part, 0, 1);
            data.position(data.position() + (int) sent);
            if (sent < step) {
                return;
            }
        }
    }

    private void fillGather() {
        for (var buffer : buffers) {
            gather.add(buffer);
            if (gather.isFull()) {
                return;
            }
        }
    }

    private void discard(long count) {
        size -= count;
        var left = count;
        while (left > 0) {
            var first = buffers.element();
            var step = (int) Math.min(left, first.readableBytes());
            first.skipBytes(step);
            left -= step;
            if (!first.isReadable()) {
                removeFirst();
            }
        }
    }

    private void removeFirst() {
        var first = buffers.remove();
        if (buffers.isEmpty()) {
            startAfresh();
        }
        first.release();
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
        RuntimeException first = null;
        while (!buffers.isEmpty()) {
            try {
                buffers.remove().release();
            } catch (RuntimeException failure) {
                first = first == null ? failure : first;
            }
        }
        return first;
    }
}

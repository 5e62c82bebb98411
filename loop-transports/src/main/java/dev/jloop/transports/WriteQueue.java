package dev.jloop.transports;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;

/// Bytes that wait to be sent, in order. Owns its buffers.
final class WriteQueue {
    /// The most that one system call is given: the JDK copies bytes on the heap to memory of that
    /// size.
    private static final int GATHER_BYTES = 256 * 1024;

    private static final int GATHER_BUFFERS = 64;
    private static final int LEAST_CHUNK = 512;

    private final ArrayDeque<ByteBuf> buffers = new ArrayDeque<>();
    private final ByteBuffer[] gathered = new ByteBuffer[GATHER_BUFFERS];

    /// The last buffer, if it was made here and so may be appended to.
    private ByteBuf tail = Unpooled.EMPTY_BUFFER;

    private long size;

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
            var chunk = Math.max(count, LEAST_CHUNK);
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
            var offered = gather();
            long sent;
            try {
                sent = link.write(gathered, 0, offered.count());
            } finally {
                Arrays.fill(gathered, 0, offered.count(), null);
            }
            discard(sent);
            if (sent < offered.bytes()) {
                return false;
            }
        }
        return true;
    }

    /// Sends from memory that is not queued, as much as the network takes.
    static void sendNow(ByteBuffer data, Network.Link link) throws IOException {
        while (data.hasRemaining()) {
            var step = Math.min(data.remaining(), GATHER_BYTES);
            var part = new ByteBuffer[] {data.slice(data.position(), step)};
            var sent = link.write(part, 0, 1);
            data.position(data.position() + (int) sent);
            if (sent < step) {
                return;
            }
        }
    }

    private record Offered(int count, long bytes) {}

    private Offered gather() {
        var count = 0;
        var bytes = 0L;
        for (var buffer : buffers) {
            for (var part : parts(buffer)) {
                if (count == GATHER_BUFFERS || bytes == GATHER_BYTES) {
                    return new Offered(count, bytes);
                }
                var room = (int) Math.min(part.remaining(), GATHER_BYTES - bytes);
                part.limit(part.position() + room);
                gathered[count++] = part;
                bytes += room;
            }
        }
        return new Offered(count, bytes);
    }

    private static ByteBuffer[] parts(ByteBuf buffer) {
        return buffer.nioBufferCount() == 1
                ? new ByteBuffer[] {buffer.nioBuffer()}
                : buffer.nioBuffers();
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
            tail = Unpooled.EMPTY_BUFFER;
        }
        first.release();
    }

    /// Forgets and releases everything.
    ///
    /// @return whether there was anything
    boolean drop() {
        var dropped = size > 0;
        size = 0;
        while (!buffers.isEmpty()) {
            removeFirst();
        }
        return dropped;
    }
}

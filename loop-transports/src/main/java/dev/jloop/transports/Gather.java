package dev.jloop.transports;

import dev.jloop.core.EventLoop;

import io.netty.buffer.ByteBuf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/// What one system call is given to send; used by all connections of a loop, one after the other.
final class Gather {
    /// The most that one system call is given: the JDK copies bytes on the heap to memory of that
    /// size.
    static final int MOST_BYTES = 256 * 1024;

    /// What Linux takes in one call.
    static final int MOST_BUFFERS = 1024;

    private final ByteBuffer[] parts = new ByteBuffer[MOST_BUFFERS];
    private int count;
    private long bytes;

    static Gather of(EventLoop loop) {
        return loop.service(Gather.class, _ -> new Gather());
    }

    /// Adds the readable bytes of a buffer, or as much of them as there is room for.
    void add(ByteBuf buffer) {
        if (count == 0 && buffer instanceof WindowBuffer window) {
            add(window.firstPartFor(this));
        } else if (buffer.nioBufferCount() == 1) {
            add(
                    hasMemoryOfItsOwn(buffer)
                            ? buffer.internalNioBuffer(buffer.readerIndex(), buffer.readableBytes())
                            : buffer.nioBuffer());
        } else {
            for (var part : buffer.nioBuffers()) {
                add(part);
            }
        }
    }

    /// Whether its view for internal use is its alone, and saves a new one. Slices, composites and
    /// the like may show the memory of one and the same buffer, several of them at once.
    private static boolean hasMemoryOfItsOwn(ByteBuf buffer) {
        return buffer.unwrap() == null && buffer.isContiguous();
    }

    /// Adds the remaining bytes, or as many of them as there is room for: then the limit is moved.
    void add(ByteBuffer part) {
        if (!isFull()) {
            var room = (int) Math.min(part.remaining(), MOST_BYTES - bytes);
            part.limit(part.position() + room);
            parts[count++] = part;
            bytes += room;
        }
    }

    boolean isFull() {
        return count == MOST_BUFFERS || bytes == MOST_BYTES;
    }

    /// {@return how many bytes were added}
    long bytes() {
        return bytes;
    }

    /// {@return how many bytes the network took}
    long sendTo(Network.Link link) throws IOException {
        return link.write(parts, 0, count);
    }

    /// Forgets what was added.
    void clear() {
        Arrays.fill(parts, 0, count, null);
        count = 0;
        bytes = 0;
    }
}

package dev.jloop.streams;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import java.util.Arrays;
import java.util.Objects;

/// Bytes that leave in the order they came. Holds no memory while it is empty and small.
final class ByteQueue {
    private static final byte[] NO_BYTES = {};
    private static final int LEAST_CAPACITY = 256;
    private static final int MOST_IDLE_CAPACITY = 4096;

    private byte[] bytes = NO_BYTES;
    private int start;
    private int size;

    int size() {
        return size;
    }

    boolean isEmpty() {
        return size == 0;
    }

    void add(byte[] data) {
        makeRoom(data.length);
        System.arraycopy(data, 0, bytes, start + size, data.length);
        size += data.length;
    }

    /// Adds the readable bytes and consumes them.
    void add(ByteBuf data) {
        var count = data.readableBytes();
        makeRoom(count);
        data.readBytes(bytes, start + size, count);
        size += count;
    }

    /// Puts bytes before all others and releases the buffer.
    void putBack(ByteBuf data) {
        try {
            var count = data.readableBytes();
            if (start < count) {
                var moved = new byte[Math.max(LEAST_CAPACITY, Math.addExact(size, count))];
                System.arraycopy(bytes, start, moved, count, size);
                bytes = moved;
                start = count;
            }
            data.readBytes(bytes, start - count, count);
            start -= count;
            size += count;
        } finally {
            data.release();
        }
    }

    private void makeRoom(int count) {
        if (bytes.length - start - size >= count) {
            return;
        }
        var needed = Math.addExact(size, count);
        // Moving to the front is worth it only where it frees as much as is moved; otherwise a byte
        // might be moved again and again.
        var target = needed <= bytes.length && size <= start ? bytes : new byte[grown(needed)];
        System.arraycopy(bytes, start, target, 0, size);
        bytes = target;
        start = 0;
    }

    private int grown(int needed) {
        var doubled = (int) Math.min(2L * bytes.length, Integer.MAX_VALUE - 8);
        return Math.max(needed, Math.max(LEAST_CAPACITY, size == 0 ? 0 : doubled));
    }

    /// {@return the first `count` bytes, which leave the queue}
    byte[] take(int count) {
        Objects.checkFromIndexSize(0, count, size);
        var taken = Arrays.copyOfRange(bytes, start, start + count);
        skip(count);
        return taken;
    }

    byte[] takeAll() {
        return take(size);
    }

    /// {@return the first bytes, `atMost` of them, which leave the queue} The caller releases it.
    /// All of them go without a copy, unless they lie in much larger memory.
    ByteBuf takeBuffer(int atMost) {
        if (size == 0) {
            return Unpooled.EMPTY_BUFFER;
        }
        if (size > atMost || size < bytes.length / 2) {
            return Unpooled.wrappedBuffer(take(Math.min(atMost, size)));
        }
        var taken = Unpooled.wrappedBuffer(bytes, start, size);
        bytes = NO_BYTES;
        start = 0;
        size = 0;
        return taken;
    }

    /// {@return the byte at an index}
    byte at(int index) {
        return bytes[start + Objects.checkIndex(index, size)];
    }

    void skip(int count) {
        Objects.checkFromIndexSize(0, count, size);
        start += count;
        size -= count;
        if (size == 0) {
            start = 0;
            if (bytes.length > MOST_IDLE_CAPACITY) {
                bytes = NO_BYTES;
            }
        }
    }

    /// {@return where `pattern` first occurs at or after `from`, or -1}
    int indexOf(byte[] pattern, int from) {
        var end = start + size - pattern.length;
        for (var at = start + from; at <= end; at++) {
            if (bytes[at] == pattern[0]
                    && Arrays.equals(bytes, at, at + pattern.length, pattern, 0, pattern.length)) {
                return at - start;
            }
        }
        return -1;
    }

    boolean startsWith(byte[] pattern, int from) {
        return size - from >= pattern.length
                && Arrays.equals(
                        bytes,
                        start + from,
                        start + from + pattern.length,
                        pattern,
                        0,
                        pattern.length);
    }
}

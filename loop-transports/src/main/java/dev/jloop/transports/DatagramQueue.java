package dev.jloop.transports;

import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;

import java.net.SocketAddress;
import java.util.ArrayDeque;

/// Datagrams that wait to be sent, in order. Owns their buffers.
final class DatagramQueue {
    /// What each counts beyond its bytes, so that empty ones cannot be queued without end.
    private static final int HEADER_BYTES = 8;

    /// A datagram with its recipient. It keeps what it counts, whatever becomes of the buffer.
    record Entry(ByteBuf data, int bytes, SocketAddress to) {
        private long cost() {
            return cost(bytes);
        }

        static long cost(int bytes) {
            return (long) bytes + HEADER_BYTES;
        }
    }

    private final ArrayDeque<Entry> entries = new ArrayDeque<>();
    private long size;

    /// {@return what is queued, in bytes}
    long size() {
        return size;
    }

    boolean isEmpty() {
        return entries.isEmpty();
    }

    /// {@return the size with one more datagram}
    long sizeWith(int bytes) {
        return size + Entry.cost(bytes);
    }

    /// Takes over a buffer.
    void add(ByteBuf data, SocketAddress to) {
        var entry = new Entry(data, data.readableBytes(), to);
        entries.add(entry);
        size += entry.cost();
    }

    @Nullable Entry first() {
        return entries.peek();
    }

    /// Forgets and releases the first one.
    void removeFirst() {
        var first = entries.remove();
        size -= first.cost();
        first.data().release();
    }

    /// Forgets and releases everything, also where a user has released a buffer that was not his
    /// any more.
    ///
    /// @return what went wrong with the first such buffer, or null
    @Nullable RuntimeException drop() {
        size = 0;
        RuntimeException first = null;
        while (!entries.isEmpty()) {
            try {
                entries.remove().data().release();
            } catch (RuntimeException failure) {
                first = first == null ? failure : first;
            }
        }
        return first;
    }
}

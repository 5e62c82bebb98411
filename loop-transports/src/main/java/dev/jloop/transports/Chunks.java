package dev.jloop.transports;

import dev.jloop.core.EventLoop;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/// Memory for copies that wait to be sent, used again and again by all connections of a loop.
///
/// Outside the heap, where the network takes bytes from without another copy, it holds 2 MiB at
/// most and keeps them until the loop closes. What waits beyond that, where many peers are slow, is
/// on the heap, and garbage once it is sent.
final class Chunks implements AutoCloseable {
    private static final int SMALL_BYTES = 2 * 1024;

    /// The most that one chunk holds.
    static final int MOST_BYTES = 16 * 1024;

    private static final int KEPT_BYTES_OF_EACH_SIZE = 1024 * 1024;

    private final ChunkPool small = new ChunkPool(SMALL_BYTES, KEPT_BYTES_OF_EACH_SIZE);
    private final ChunkPool large = new ChunkPool(MOST_BYTES, KEPT_BYTES_OF_EACH_SIZE);

    static Chunks of(EventLoop loop) {
        return loop.service(Chunks.class, _ -> new Chunks());
    }

    /// {@return an empty buffer that a release brings back here}
    ///
    /// @param leastBytes the least capacity, at most [#MOST_BYTES]
    ByteBuf take(int leastBytes) {
        var chunk = (leastBytes <= SMALL_BYTES ? small : large).take();
        return chunk == null ? Unpooled.buffer(leastBytes, leastBytes) : chunk;
    }

    @Override
    public void close() {
        small.close();
        large.close();
    }
}

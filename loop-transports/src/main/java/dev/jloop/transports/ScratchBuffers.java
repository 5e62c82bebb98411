package dev.jloop.transports;

import dev.jloop.core.EventLoop;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/// The memory in which all TLS connections of a loop encrypt and decrypt, one after the other. A
/// connection takes a buffer for the length of a call only; TLS within TLS takes several.
final class ScratchBuffers {
    /// Room for what one read gives, encrypted, and a record that was incomplete before it.
    static final int CAPACITY = 320 * 1024;

    private final ArrayDeque<ByteBuffer> free = new ArrayDeque<>();

    private ScratchBuffers() {}

    static ScratchBuffers of(EventLoop loop) {
        return loop.service(ScratchBuffers.class, _ -> new ScratchBuffers());
    }

    /// {@return an empty buffer, to be given back in this turn}
    ByteBuffer take() {
        var buffer = free.poll();
        return buffer == null ? ByteBuffer.allocateDirect(CAPACITY) : buffer.clear();
    }

    void giveBack(ByteBuffer buffer) {
        free.push(buffer);
    }
}

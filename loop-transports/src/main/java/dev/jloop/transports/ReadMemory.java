package dev.jloop.transports;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;

/// Memory that is received into, with views of it that all its parts share: so that to show a part
/// or to send it needs no view of its own.
final class ReadMemory {
    /// Without a byte.
    static final ReadMemory NONE = new ReadMemory(Unpooled.EMPTY_BUFFER, null);

    private final ByteBuf buffer;

    /// Used with absolute indexes only, so that threads do not disturb each other.
    private final ByteBuffer all;

    /// The only one to use `firstPart`, for one system call after the other.
    private final @Nullable Gather sender;

    private final ByteBuffer firstPart;

    /// @param buffer all of whose capacity is the memory, for ever
    /// @param sender of the loop whose memory it is; null if it has none
    ReadMemory(ByteBuf buffer, @Nullable Gather sender) {
        this.buffer = buffer;
        this.sender = sender;
        all = buffer.nioBuffer(0, buffer.capacity());
        firstPart = all.duplicate();
    }

    /// {@return the counted buffer, whose indexes are the caller's}
    ByteBuf buffer() {
        return buffer;
    }

    /// {@return a view of everything, to be used with absolute indexes only}
    ByteBuffer all() {
        return all;
    }

    /// {@return a view of some bytes, for `asking` to send as the first of its parts}
    ByteBuffer firstPartFor(Gather asking, int index, int count) {
        return asking == sender
                ? firstPart.limit(index + count).position(index)
                : all.slice(index, count);
    }
}

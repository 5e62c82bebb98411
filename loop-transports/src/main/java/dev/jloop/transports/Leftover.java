package dev.jloop.transports;

import java.io.IOException;
import java.nio.ByteBuffer;

/// Bytes that wait for later, in order. It holds no memory while there are none, so that an idle
/// connection costs nothing.
final class Leftover {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
    private static final int LEAST_CAPACITY = 512;

    /// From its position to its limit.
    private ByteBuffer bytes = NOTHING;

    boolean isEmpty() {
        return !bytes.hasRemaining();
    }

    int size() {
        return bytes.remaining();
    }

    /// {@return a view of the bytes, to look at}
    ByteBuffer peek() {
        return bytes.asReadOnlyBuffer();
    }

    /// Takes all the bytes of a buffer.
    void append(ByteBuffer more) {
        var count = more.remaining();
        if (count == 0) {
            return;
        }
        makeRoom(count);
        var end = bytes.limit();
        bytes.limit(end + count);
        bytes.put(end, more, more.position(), count);
        more.position(more.limit());
    }

    private void makeRoom(int count) {
        if (bytes.capacity() - bytes.limit() >= count) {
            return;
        }
        var needed = bytes.remaining() + count;
        if (needed <= bytes.capacity()) {
            bytes.compact().flip();
        } else {
            var capacity = Math.max(Math.max(needed, LEAST_CAPACITY), 2 * bytes.remaining());
            bytes = ByteBuffer.allocate(capacity).put(bytes).flip();
        }
    }

    /// Moves as many bytes as there is room for.
    ///
    /// @return how many
    int moveTo(ByteBuffer into) {
        var count = Math.min(bytes.remaining(), into.remaining());
        into.put(into.position(), bytes, bytes.position(), count);
        into.position(into.position() + count);
        bytes.position(bytes.position() + count);
        forgetIfEmpty();
        return count;
    }

    /// Sends as many bytes as a link takes.
    void sendTo(Network.Link link) throws IOException {
        if (!isEmpty()) {
            link.write(new ByteBuffer[] {bytes}, 0, 1);
            forgetIfEmpty();
        }
    }

    private void forgetIfEmpty() {
        if (!bytes.hasRemaining()) {
            bytes = NOTHING;
        }
    }

    void clear() {
        bytes = NOTHING;
    }
}

package dev.jloop.streams;

import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;

/// A received buffer on its way to the coroutine that waits for it, without a copy.
///
/// ```
/// IDLE -begin-> AWAITED -offer-> OFFERED -take-> AWAITED -end-> IDLE
///               AWAITED -end-> IDLE, OFFERED -end: back to the queue-> IDLE
/// ```
///
/// **Threading:** confined to the thread of the reader's loop.
final class Handover {
    private enum State {
        IDLE,
        AWAITED,
        OFFERED
    }

    /// Fewer bytes are copied: the memory that they were received in, 256 KiB at most, cannot be
    /// used again before the last of them is released. From here on a copy costs more.
    static final int LEAST_BYTES = 1024;

    private final int leastBytes;
    private State state = State.IDLE;
    private int atMost;
    private @Nullable ByteBuf piece;

    /// @param leastBytes fewer are not handed over
    Handover(int leastBytes) {
        this.leastBytes = leastBytes;
    }

    /// A coroutine waits from now on for up to so many bytes. To be called when nothing is queued.
    void begin(int mostBytes) {
        state = State.AWAITED;
        atMost = mostBytes;
    }

    /// Retains bytes for the coroutine, if one waits for them, and consumes them.
    ///
    /// @param data stays the caller's; what is left readable in it goes to the queue
    /// @return whether all were taken
    boolean offer(ByteBuf data) {
        if (state != State.AWAITED || data.readableBytes() < leastBytes) {
            return false;
        }
        state = State.OFFERED;
        if (data.readableBytes() <= atMost) {
            piece = data.retain();
            return true;
        }
        piece = data.readRetainedSlice(atMost);
        return false;
    }

    /// {@return how many bytes are offered and not taken yet}
    int size() {
        return piece == null ? 0 : piece.readableBytes();
    }

    /// {@return what was offered, which is the caller's from now on; null if nothing was}
    @Nullable ByteBuf take() {
        if (state == State.OFFERED) {
            state = State.AWAITED;
        }
        var taken = piece;
        piece = null;
        return taken;
    }

    /// Nobody waits any more. What was offered and not taken goes back, before what came later.
    void end(ByteQueue queue) {
        var left = take();
        state = State.IDLE;
        if (left != null) {
            queue.putBack(left);
        }
    }
}

package dev.jloop.transports;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.buffer.UnpooledDirectByteBuf;

import org.jspecify.annotations.Nullable;

/// Bytes of a [ReadBuffer] on loan to a protocol, during one call.
///
/// A loan counts its references by itself, so that a release too many cannot reach the memory below
/// it, which other connections use. And a loan is never lent again: whoever keeps one without
/// `retain()` gets an error from it later, and not the bytes of someone else.
final class Loan extends UnpooledDirectByteBuf {
    private final ByteBuf memory;

    /// Whether the call is still on; used by the loop's thread only.
    private boolean borrowed = true;

    Loan(ByteBuf memory, int index, int count) {
        super(UnpooledByteBufAllocator.DEFAULT, memory.nioBuffer(index, count), count);
        this.memory = memory.retain();
    }

    /// Refuses a buffer that is only borrowed and would be released twice if someone took it over:
    /// once by that one, and once when the call is over.
    ///
    /// @throws IllegalStateException if `data` is on loan, as it is or as a slice, and was not
    ///   retained
    static void refuseUnretained(ByteBuf data) {
        for (@Nullable ByteBuf buffer = data; buffer != null; buffer = buffer.unwrap()) {
            if (buffer instanceof Loan loan && loan.borrowed && loan.refCnt() == 1) {
                throw new IllegalStateException(
                        "this buffer is only borrowed: call retain() before write()");
            }
        }
    }

    /// Ends the call. What was retained lives on.
    ///
    /// @return whether the loan was in order: false if the borrower released what was not its own
    boolean giveBack() {
        borrowed = false;
        if (refCnt() == 0) {
            return false;
        }
        release();
        return true;
    }

    @Override
    protected void deallocate() {
        super.deallocate();
        memory.release();
    }
}

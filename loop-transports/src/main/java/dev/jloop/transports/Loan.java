package dev.jloop.transports;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;

import org.jspecify.annotations.Nullable;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// Bytes of a [ReadBuffer] on loan to a protocol, during one call.
///
/// A loan counts its references by itself, so that a release too many cannot reach the memory below
/// it, which other connections use.
///
/// ```
/// FREE -lend-> LENT -giveBack, last release-> FREE
/// ```
///
/// The object of a loan that is over may serve for the next loan to the same borrower, and for
/// nobody else: see [Lender].
final class Loan extends WindowBuffer {
    private static final VarHandle FREE;

    static {
        try {
            FREE = MethodHandles.lookup().findVarHandle(Loan.class, "free", boolean.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    /// Whether the call is still on; written by the loop's thread only, before the count.
    private boolean borrowed;

    /// Written last by whichever thread lets the last reference go; from then on the object may be
    /// lent again. Written in release mode: a fence for each message would buy nothing, as the only
    /// question is whether to make a new object.
    private volatile boolean free = true;

    /// Where it is retained, in debug mode.
    private final RetainedBuffers.@Nullable Watch watch;

    Loan() {
        watch = null;
    }

    /// For one loan only, which is reported if it is retained and never released.
    Loan(RetainedBuffers retained, RetainedBuffers.Borrower borrower) {
        watch = retained.watch(this, borrower);
    }

    /// Lends the `count` bytes of `memory` from `index` on.
    void lend(ReadMemory memory, int index, int count) {
        memory.buffer().retain();
        show(memory, index, count);
        borrowed = true;
        FREE.setRelease(this, false);
    }

    boolean isFree() {
        return free;
    }

    /// Refuses a buffer that is only borrowed and would be released twice if someone took it over:
    /// once by that one, and once when the call is over.
    ///
    /// @throws IllegalStateException if `data` is on loan, as it is, as a slice or as a part of a
    ///   composite buffer, and was not retained
    static void refuseUnretained(ByteBuf data) {
        for (@Nullable ByteBuf buffer = data; buffer != null; buffer = buffer.unwrap()) {
            // In this order: on the loop of another connection, whose write may come while the call
            // ends here, the count that shows the end shows that nothing is borrowed any more.
            if (buffer instanceof Loan loan && loan.refCnt() == 1 && loan.borrowed) {
                throw new IllegalStateException(
                        "this buffer is only borrowed: call retain() before giving it away");
            }
            if (buffer instanceof CompositeByteBuf composite && composite.refCnt() > 0) {
                refuseUnretainedParts(composite);
            }
        }
    }

    private static void refuseUnretainedParts(CompositeByteBuf composite) {
        for (var part = 0; part < composite.numComponents(); part++) {
            refuseUnretained(composite.internalComponent(part));
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
    public ByteBuf retain() {
        super.retain();
        seeRetain();
        return this;
    }

    @Override
    public ByteBuf retain(int increment) {
        super.retain(increment);
        seeRetain();
        return this;
    }

    private void seeRetain() {
        if (watch != null) {
            watch.retained();
        }
    }

    @Override
    protected void deallocate() {
        if (watch != null) {
            watch.released();
        }
        hide().buffer().release();
        FREE.setRelease(this, true);
    }
}

package dev.jloop.core;

import org.jspecify.annotations.Nullable;

/// Ends as another future does, and takes a cancellation upon itself.
///
/// @param <T> the type of the result
final class ShieldFuture<T extends @Nullable Object> extends DefaultFuture<T> {
    private final DefaultFuture<T> inner;
    private final Runnable innerDone = this::innerDone;

    private ShieldFuture(DefaultFuture<T> inner) {
        super(inner.loop());
        this.inner = inner;
    }

    static <T extends @Nullable Object> LoopFuture<T> around(LoopFuture<T> inner) {
        ((DefaultFuture<T>) inner).loop().checkThread("shield");
        if (inner.isDone()) {
            return inner;
        }
        var shield = new ShieldFuture<>((DefaultFuture<T>) inner);
        shield.inner.addWaiter(shield.innerDone);
        return shield;
    }

    /// Any thread. {@return what is shielded}
    DefaultFuture<T> inner() {
        return inner;
    }

    private void innerDone() {
        if (isDone()) {
            return; // cancelled in the turn in which the inner future ended
        }
        if (inner.isCancelled()) {
            endCancelled(Cancellation.of(Futures.cancellationOf(inner)), null);
        } else if (inner.hasFailed()) {
            fail(Futures.failureOf(inner));
        } else {
            finish(inner.result());
        }
    }

    /// Who waited has gone, so a failure of what goes on has nobody to go to but the exception
    /// handler: once, however many shields there were.
    @Override
    boolean cancelFor(Cancellation request) {
        if (!super.cancelFor(request)) {
            return false;
        }
        inner.removeWaiter(innerDone);
        inner.reportFailureOnce();
        return true;
    }
}

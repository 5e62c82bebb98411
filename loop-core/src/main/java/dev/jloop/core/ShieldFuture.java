package dev.jloop.core;

import org.jspecify.annotations.Nullable;

/// Ends as another future does, and takes a cancellation upon itself.
///
/// @param <T> the type of the result
final class ShieldFuture<T extends @Nullable Object> extends DefaultFuture<T> {
    private final LoopFuture<T> inner;

    private ShieldFuture(LoopFuture<T> inner) {
        super((SelectorEventLoop) inner.loop());
        this.inner = inner;
    }

    static <T extends @Nullable Object> LoopFuture<T> around(LoopFuture<T> inner) {
        if (inner.isDone()) {
            return inner;
        }
        var shield = new ShieldFuture<>(inner);
        Futures.whenDone(inner, shield::innerDone);
        return shield;
    }

    private void innerDone() {
        if (isDone()) {
            reportLost();
        } else if (inner.isCancelled()) {
            endCancelled(Futures.cancellationOf(inner).getMessage(), null);
        } else if (Futures.hasFailed(inner)) {
            fail(Futures.failureOf(inner));
        } else {
            finish(inner.result());
        }
    }

    /// Whoever waited was cancelled, so the failure of what went on has nobody to go to.
    private void reportLost() {
        if (Futures.hasFailed(inner)) {
            loop().callExceptionHandler(
                            LoopException.of(
                                            "a shielded future failed after its waiter was"
                                                    + " cancelled",
                                            Futures.failureOf(inner))
                                    .with("future", inner));
        }
    }
}

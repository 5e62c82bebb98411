package dev.jloop.core;

import org.jspecify.annotations.Nullable;

/// How a future ended.
///
/// @param <T> the type of the future's result
/// @since 0.1
public sealed interface Outcome<T extends @Nullable Object> {
    /// It has a result.
    ///
    /// @param value the result
    /// @param <T> the type of the result
    record Success<T extends @Nullable Object>(T value) implements Outcome<T> {}

    /// It failed.
    ///
    /// @param exception what it failed with, the same instance
    /// @param <T> the type of the result that did not come
    record Failure<T extends @Nullable Object>(Throwable exception) implements Outcome<T> {}

    /// It was cancelled.
    ///
    /// @param cancellation the cancellation, with its message
    /// @param <T> the type of the result that did not come
    record Cancelled<T extends @Nullable Object>(CancelledError cancellation)
            implements Outcome<T> {}

    /// {@return how `future` ended; its exception then counts as retrieved}
    ///
    /// @param future a future that is done
    /// @param <T> the type of the future's result
    /// @throws InvalidStateException if the future is not done
    static <T extends @Nullable Object> Outcome<T> of(LoopFuture<? extends T> future) {
        if (future.isCancelled()) {
            try {
                future.result();
                throw new AssertionError("a cancelled future gave a result: " + future);
            } catch (CancelledError cancellation) {
                return new Cancelled<>(cancellation);
            }
        }
        var exception = future.exception();
        return exception == null ? new Success<>(future.result()) : new Failure<>(exception);
    }
}

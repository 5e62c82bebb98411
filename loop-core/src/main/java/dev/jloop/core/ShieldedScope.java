package dev.jloop.core;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.Objects;

/// A scope whose body is not cancelled from outside, for a bounded time: for clean-up that has to
/// await.
///
/// ```java
/// try {
///     serve(connection);
/// } finally {
///     ShieldedScope.within(Duration.ofSeconds(5)).run(() -> connection.sayGoodbye());
/// }
/// ```
///
/// Requests to cancel the task that come while the body runs, or came before and are not delivered
/// yet, wait; they are counted by [Task#cancelling()] and delivered at the first await point after
/// the scope. Scopes inside the body, such as a [Timeout] or a [TaskGroup], work as ever. Once the
/// time is over the body is cancelled, and the scope throws [TimedOutException]. A loop that closes
/// cancels the body at once.
///
/// Where [Async#shield(LoopFuture)] keeps a future from being cancelled and lets the waiter go,
/// this scope keeps the waiter.
///
/// A scope serves once. **Threading:** the thread of its loop only.
///
/// The semantics are those of Trio's `CancelScope(shield=True)` with a deadline.
///
/// @since 0.1
public final class ShieldedScope {
    private final Timeout bound;

    private ShieldedScope(Timeout bound) {
        this.bound = bound;
    }

    /// {@return a scope that shields its body for `limit`, from when it is entered}
    ///
    /// @param limit zero or negative leaves time up to the first await point that suspends
    public static ShieldedScope within(Duration limit) {
        return new ShieldedScope(Timeout.after(Objects.requireNonNull(limit, "limit")));
    }

    /// Runs `body` in this scope. Suspends where the body does.
    ///
    /// @param body what to run, in the current task
    /// @param <X> what the body may throw
    /// @throws X whatever the body fails with
    /// @throws TimedOutException if the time was over and the body ended by the cancellation
    /// @throws IllegalStateException if the scope was used before, or this is no coroutine
    public <X extends Throwable> void run(ThrowingRunnable<X> body) throws X {
        this.<@Nullable Void, X>call(() -> {
            body.run();
            return null;
        });
    }

    /// Runs `body` in this scope, and gives its result. Suspends where the body does.
    ///
    /// @param body what to run, in the current task
    /// @param <T> the type of the result
    /// @param <X> what the body may throw
    /// @return the result of the body
    /// @throws X whatever the body fails with
    /// @throws TimedOutException if the time was over and the body ended by the cancellation
    /// @throws IllegalStateException if the scope was used before, or this is no coroutine
    public <T extends @Nullable Object, X extends Throwable> T call(
            ThrowingSupplier<? extends T, X> body) throws X {
        var task = CurrentLoop.require().execution().requireTask("a shielded scope");
        task.requests().enterShield();
        try {
            return bound.call(body);
        } finally {
            task.requests().leaveShield();
        }
    }

    @Override
    public String toString() {
        return "ShieldedScope[" + bound + "]";
    }
}

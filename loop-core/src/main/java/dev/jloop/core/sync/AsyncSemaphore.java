package dev.jloop.core.sync;

import dev.jloop.core.CancelledError;
import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopFuture;
import dev.jloop.core.ThrowingRunnable;
import dev.jloop.core.ThrowingSupplier;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.Deque;

/// A number of permits, for that many coroutines at a time.
///
/// Waiters get permits in the order they came, and nobody overtakes them. A waiter that is
/// cancelled while a permit is on its way to it passes the permit on.
///
/// **Threading:** the coroutines of one loop.
///
/// The semantics are those of Python's `asyncio.Semaphore`.
///
/// @since 0.1
public final class AsyncSemaphore {
    private final Deque<LoopFuture<@Nullable Void>> waiters = new ArrayDeque<>();
    private final int bound;
    private int permits;
    private @Nullable EventLoop loop;

    /// A semaphore that may be released more often than it was acquired.
    ///
    /// @param permits how many there are at first, zero or more
    /// @throws IllegalArgumentException if it is negative
    public AsyncSemaphore(int permits) {
        this(permits, Integer.MAX_VALUE);
    }

    private AsyncSemaphore(int permits, int bound) {
        if (permits < 0) {
            throw new IllegalArgumentException(
                    "a semaphore cannot have a negative number of permits: " + permits);
        }
        this.permits = permits;
        this.bound = bound;
    }

    /// {@return a semaphore that refuses to be released more often than it was acquired}
    ///
    /// @param permits how many there are at first and at most, zero or more
    /// @throws IllegalArgumentException if it is negative
    public static AsyncSemaphore bounded(int permits) {
        return new AsyncSemaphore(permits, permits);
    }

    /// Takes a permit. **Suspends** while there is none, or others have waited longer.
    ///
    /// @throws CancelledError if the task is cancelled meanwhile; it then holds no permit
    /// @throws IllegalStateException if it would have to wait and is no coroutine, or coroutines of
    ///   another loop have waited here
    public void acquire() {
        if (tryAcquire()) {
            return;
        }
        var turn = loopOfWaiters().<@Nullable Void>createFuture();
        waiters.add(turn);
        try {
            turn.await();
        } catch (Throwable interrupted) {
            waiters.remove(turn);
            if (turn.isDone() && !turn.isCancelled()) {
                release(); // the permit had been handed over already
            }
            throw interrupted;
        }
    }

    /// {@return the loop whose coroutines wait here: that of the first one that did}
    private EventLoop loopOfWaiters() {
        var current = EventLoop.current();
        if (loop == null) {
            loop = current;
        } else if (loop != current) {
            throw new IllegalStateException(
                    this
                            + " belongs to "
                            + loop
                            + ", and a coroutine of "
                            + current
                            + " waits for it; use one semaphore for each loop");
        }
        return current;
    }

    /// Takes a permit if one is free and nobody waits. Does not suspend.
    ///
    /// @return whether it was taken
    public boolean tryAcquire() {
        if (isLocked()) {
            return false;
        }
        permits--;
        return true;
    }

    /// Gives a permit back: to the one that has waited longest, if any.
    ///
    /// @throws IllegalStateException if a bounded semaphore would have more permits than it began
    ///   with
    public void release() {
        if (loop != null) {
            loop.checkThread("release");
        }
        var next = waiters.poll();
        while (next != null && next.isDone()) {
            next = waiters.poll(); // cancelled, and not run since
        }
        if (next != null) {
            next.setResult(null);
            return;
        }
        if (permits >= bound) {
            throw new IllegalStateException(
                    "the semaphore was released more often than acquired; it has all of its "
                            + bound
                            + " permits");
        }
        permits++;
    }

    /// {@return whether [#acquire()] would have to wait: no permit is free, or others wait}
    public boolean isLocked() {
        return permits == 0 || !waiters.isEmpty();
    }

    /// Runs `body` with a permit. **Suspends** as [#acquire()] does, and where the body does.
    ///
    /// @param body what to run
    /// @param <X> what the body may throw
    /// @throws X whatever the body fails with
    public <X extends Throwable> void run(ThrowingRunnable<X> body) throws X {
        acquire();
        try {
            body.run();
        } finally {
            release();
        }
    }

    /// Runs `body` with a permit, and gives its result. **Suspends** as [#acquire()] does, and
    /// where the body does.
    ///
    /// @param body what to run
    /// @param <T> the type of the result
    /// @param <X> what the body may throw
    /// @return the result of the body
    /// @throws X whatever the body fails with
    public <T extends @Nullable Object, X extends Throwable> T call(
            ThrowingSupplier<? extends T, X> body) throws X {
        acquire();
        try {
            return body.get();
        } finally {
            release();
        }
    }

    @Override
    public String toString() {
        return "AsyncSemaphore[permits=" + permits + ", waiters=" + waiters.size() + "]";
    }
}

package dev.jloop.core.sync;

import dev.jloop.core.CancelledError;
import dev.jloop.core.ThrowingRunnable;
import dev.jloop.core.ThrowingSupplier;

import org.jspecify.annotations.Nullable;

import java.util.OptionalInt;

/// A number of permits, for that many coroutines at a time.
///
/// Waiters get permits in the order they came, and nobody overtakes them. A waiter that is
/// cancelled while a permit is on its way to it passes the permit on.
///
/// **Threading:** the coroutines of one loop, that of the first one that had to wait; a coroutine
/// of another is refused. In debug mode a call from a wrong thread throws `WrongThreadException`.
///
/// The semantics are those of Python's `asyncio.Semaphore`.
///
/// @since 0.1
public final class AsyncSemaphore {
    /// A semaphore at one moment.
    ///
    /// @param permits how many are free
    /// @param bound how many there can be; empty unless the semaphore is bounded
    /// @param waiters how many coroutines wait for one
    /// @since 0.1
    public record Statistics(int permits, OptionalInt bound, int waiters) {}

    private static final int UNBOUNDED = Integer.MAX_VALUE;

    private final LoopBinding binding = new LoopBinding();
    private final Permits permits;
    private final int bound;

    /// A semaphore that may be released more often than it was acquired.
    ///
    /// @param permits how many there are at first, zero or more
    /// @throws IllegalArgumentException if it is negative
    public AsyncSemaphore(int permits) {
        this(permits, UNBOUNDED);
    }

    private AsyncSemaphore(int permits, int bound) {
        if (permits < 0) {
            throw new IllegalArgumentException(
                    "a semaphore cannot have a negative number of permits: " + permits);
        }
        this.permits = new Permits(permits, binding, this);
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
        binding.checkThread("acquire");
        permits.take();
    }

    /// Takes a permit if one is free and nobody waits. Does not suspend.
    ///
    /// @return whether it was taken
    public boolean tryAcquire() {
        binding.checkThread("tryAcquire");
        return permits.tryTake();
    }

    /// Gives a permit back: to the one that has waited longest, if any.
    ///
    /// @throws IllegalStateException if a bounded semaphore would have more permits than it began
    ///   with
    public void release() {
        binding.checkThread("release");
        if (permits.free() >= bound) {
            throw new IllegalStateException(
                    "the semaphore was released more often than acquired; it has all of its "
                            + bound
                            + " permits");
        }
        permits.give();
    }

    /// {@return whether [#acquire()] would have to wait} A permit that is given back while others
    /// wait is never free: it belongs to the first of them at once.
    public boolean isLocked() {
        binding.checkThread("isLocked");
        return permits.free() == 0;
    }

    /// Runs `body` with a permit. **Suspends** as [#acquire()] does, and where the body does.
    ///
    /// @param body what to run
    /// @param <X> what the body may throw
    /// @throws X whatever the body fails with
    public <X extends Throwable> void run(ThrowingRunnable<X> body) throws X {
        acquire();
        try (Release _ = this::release) {
            body.run();
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
        try (Release _ = this::release) {
            return body.get();
        }
    }

    /// {@return what is known of the semaphore now}
    public Statistics statistics() {
        binding.checkThread("statistics");
        return new Statistics(
                permits.free(),
                bound == UNBOUNDED ? OptionalInt.empty() : OptionalInt.of(bound),
                permits.waiters());
    }

    @Override
    public String toString() {
        return "AsyncSemaphore[permits=" + permits.free() + ", waiters=" + permits.waiters() + "]";
    }
}

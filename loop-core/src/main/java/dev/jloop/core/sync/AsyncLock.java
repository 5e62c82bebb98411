package dev.jloop.core.sync;

import dev.jloop.core.CancelledError;
import dev.jloop.core.EventLoop;
import dev.jloop.core.Task;
import dev.jloop.core.ThrowingRunnable;
import dev.jloop.core.ThrowingSupplier;
import dev.jloop.core.spi.Held;

import org.jspecify.annotations.Nullable;

import java.util.Optional;

/// Lets one coroutine at a time in, also across its await points.
///
/// ```java
/// lock.run(() -> {
///     var balance = account.read();   // suspends
///     account.write(balance - 1);     // nobody came in between
/// });
/// ```
///
/// Waiters get it in the order they came, and nobody overtakes them: a released lock goes straight
/// to the first of them. A waiter that is cancelled while the lock is on its way to it passes it
/// on.
///
/// It is not reentrant: a coroutine that waits for a lock it holds would wait for itself, and gets
/// an exception. Any coroutine or callback may release it, though, not only the one that took it.
///
/// **Threading:** the coroutines of one loop, that of the first one that had to wait; a coroutine
/// of another is refused. In debug mode a call from a wrong thread throws `WrongThreadException`.
///
/// The semantics are those of Python's `asyncio.Lock`, with the check of `trio.Lock` against
/// waiting for oneself.
///
/// @since 0.1
public final class AsyncLock implements Held {
    /// A lock at one moment.
    ///
    /// @param locked whether somebody holds it: see [AsyncLock#isLocked()]
    /// @param holder the name of the task that holds it; empty if none does, or a callback took it
    /// @param waiters how many coroutines wait
    /// @since 0.1
    public record Statistics(boolean locked, Optional<String> holder, int waiters) {}

    private final LoopBinding binding = new LoopBinding();
    private final Permits permit = new Permits(1, binding, this);
    private @Nullable Task<?> holder;

    /// A lock that is free.
    public AsyncLock() {}

    /// Takes the lock. **Suspends** while another coroutine holds it or has waited longer; else it
    /// goes on at once.
    ///
    /// @throws CancelledError if the task is cancelled meanwhile; it then does not hold the lock
    /// @throws IllegalStateException if this task holds the lock already, if it would have to wait
    ///   and is no coroutine, or if coroutines of another loop have waited here
    public void acquire() {
        binding.checkThread("acquire");
        var task = currentTask();
        if (task != null && task == holder) {
            throw new IllegalStateException(
                    "task '"
                            + task.name()
                            + "' would wait for itself: it holds "
                            + this
                            + " already, and a lock is not reentrant; release it first");
        }
        permit.take();
        holder = task;
    }

    /// Takes the lock if it is free and nobody waits for it. Does not suspend.
    ///
    /// @return whether it was taken; false too where this task holds it already
    public boolean tryAcquire() {
        binding.checkThread("tryAcquire");
        if (!permit.tryTake()) {
            return false;
        }
        holder = currentTask();
        return true;
    }

    /// Gives the lock back: to the one that has waited longest, if any.
    ///
    /// @throws IllegalStateException if nobody holds it
    public void release() {
        binding.checkThread("release");
        if (!isHeld()) {
            throw new IllegalStateException("nobody holds the lock that is released: " + this);
        }
        holder = null;
        permit.give();
    }

    /// {@return whether somebody holds the lock}
    ///
    /// Between [#release()] and the next step of the waiter that gets the lock nobody does, and yet
    /// nobody else can take it then.
    public boolean isLocked() {
        binding.checkThread("isLocked");
        return isHeld();
    }

    private boolean isHeld() {
        return permit.free() == 0 && permit.onTheWay() == 0;
    }

    /// {@return the task that holds the lock, or null if none does or a callback took it} Any
    /// thread may ask, but another than the loop's may be told what held a while ago.
    @Override
    public @Nullable Task<?> holder() {
        return holder;
    }

    /// Runs `body` with the lock. **Suspends** as [#acquire()] does, and where the body does.
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

    /// Runs `body` with the lock, and gives its result. **Suspends** as [#acquire()] does, and
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

    /// {@return what is known of the lock now}
    public Statistics statistics() {
        binding.checkThread("statistics");
        return new Statistics(
                isHeld(), Optional.ofNullable(holder).map(Task::name), permit.waiters());
    }

    /// {@return for conditions, which belong to the loop of their lock}
    LoopBinding binding() {
        return binding;
    }

    private static @Nullable Task<?> currentTask() {
        var loop = EventLoop.currentOrNull();
        return loop == null ? null : loop.currentTask();
    }

    @Override
    public String toString() {
        return "AsyncLock[" + describeState() + ", waiters=" + permit.waiters() + "]";
    }

    private String describeState() {
        if (permit.onTheWay() > 0) {
            return "handed over";
        }
        if (!isHeld()) {
            return "free";
        }
        return holder == null ? "held" : "held by '" + holder.name() + "'";
    }
}

package dev.jloop.core.sync;

import dev.jloop.core.CancelledError;
import dev.jloop.core.ThrowingRunnable;
import dev.jloop.core.ThrowingSupplier;

import org.jspecify.annotations.Nullable;

import java.util.Objects;
import java.util.function.BooleanSupplier;

/// A lock, and coroutines that hold it and wait for a change of what it protects.
///
/// ```java
/// condition.run(() -> {
///     condition.await(() -> !stock.isEmpty());   // lets others in while it waits
///     stock.removeFirst();
/// });
/// ```
///
/// Waiters are signalled in the order they came. One that was signalled and then cancelled passes
/// the signal on to the next, so that none is lost; that is why [#await()] may return without a
/// change, and should stand in a loop, or be given what to wait for.
///
/// Several conditions may share a lock.
///
/// **Threading:** the coroutines of one loop, that of the first one that had to wait for the
/// condition or its lock; a coroutine of another is refused. In debug mode a call from a wrong
/// thread throws `WrongThreadException`.
///
/// The semantics are those of Python's `asyncio.Condition`.
///
/// @since 0.1
public final class AsyncCondition {
    /// A condition at one moment.
    ///
    /// @param waiters how many coroutines wait to be signalled
    /// @param lock its lock
    /// @since 0.1
    public record Statistics(int waiters, AsyncLock.Statistics lock) {}

    private final AsyncLock lock;
    private final Waiters<@Nullable Void> waiters;

    /// A condition with a lock of its own.
    public AsyncCondition() {
        this(new AsyncLock());
    }

    /// A condition with a given lock.
    ///
    /// @param lock may be shared with other conditions
    public AsyncCondition(AsyncLock lock) {
        this.lock = Objects.requireNonNull(lock, "lock");
        this.waiters = new Waiters<>(lock.binding(), this);
    }

    /// Takes the lock. **Suspends** as [AsyncLock#acquire()] does.
    ///
    /// @throws CancelledError if the task is cancelled meanwhile; it then does not hold the lock
    /// @throws IllegalStateException as for [AsyncLock#acquire()]
    public void acquire() {
        lock.acquire();
    }

    /// Gives the lock back: see [AsyncLock#release()].
    ///
    /// @throws IllegalStateException if nobody holds it
    public void release() {
        lock.release();
    }

    /// {@return whether somebody holds the lock: see [AsyncLock#isLocked()]}
    public boolean isLocked() {
        return lock.isLocked();
    }

    /// Releases the lock, waits for a signal, and takes the lock again. **Suspends.**
    ///
    /// It holds the lock again when it returns, and when it throws too: a cancellation comes out
    /// once the lock is back, however long that takes and how often the task is cancelled
    /// meanwhile; the last cancellation is thrown. It may return without a signal.
    ///
    /// @throws CancelledError if the task is cancelled meanwhile
    /// @throws IllegalStateException if nobody holds the lock, this is no coroutine, or coroutines
    ///   of another loop have waited here; the lock is then left as it is
    public void await() {
        requireLocked("await");
        waiters.checkCanWait();
        lock.release();
        try {
            waiters.await(_ -> waiters.wakeNext(null));
        } catch (Throwable failure) {
            var cancellation = reacquire();
            if (cancellation == null) {
                throw failure;
            }
            cancellation.addSuppressed(failure);
            throw cancellation;
        }
        var cancellation = reacquire();
        if (cancellation != null) {
            waiters.wakeNext(null); // the signal has come, and is not going to be used
            throw cancellation;
        }
    }

    /// Takes the lock, however often the task is cancelled meanwhile.
    ///
    /// @return the last cancellation, or null
    private @Nullable CancelledError reacquire() {
        CancelledError last = null;
        while (true) {
            try {
                lock.acquire();
                return last;
            } catch (CancelledError cancellation) {
                last = cancellation;
            }
        }
    }

    /// Waits until `until` holds: returns at once if it does, else looks again after each signal.
    /// **Suspends** as [#await()] does.
    ///
    /// @param until called with the lock held; may not suspend
    /// @throws CancelledError if the task is cancelled meanwhile
    /// @throws IllegalStateException as for [#await()], where it has to wait
    public void await(BooleanSupplier until) {
        Objects.requireNonNull(until, "until");
        lock.binding().checkThread("await");
        while (!until.getAsBoolean()) {
            await();
        }
    }

    /// Wakes the one that has waited longest, if any; it goes on when it has the lock.
    ///
    /// @throws IllegalStateException if nobody holds the lock
    public void signal() {
        signal(1);
    }

    /// Wakes up to `count` of those that have waited longest; they go on one by one, as they get
    /// the lock.
    ///
    /// @param count how many at most, zero or more
    /// @throws IllegalArgumentException if it is negative
    /// @throws IllegalStateException if nobody holds the lock
    public void signal(int count) {
        requireLocked("signal");
        if (count < 0) {
            throw new IllegalArgumentException("cannot wake a negative number: " + count);
        }
        var left = count;
        while (left > 0 && waiters.wakeNext(null)) {
            left--;
        }
    }

    /// Wakes all that wait now; they go on one by one, as they get the lock.
    ///
    /// @throws IllegalStateException if nobody holds the lock
    public void signalAll() {
        requireLocked("signalAll");
        waiters.wakeAll(null);
    }

    private void requireLocked(String what) {
        lock.binding().checkThread(what);
        if (!lock.isLocked()) {
            throw new IllegalStateException(
                    what
                            + " needs the lock of the condition, which nobody holds: "
                            + this
                            + "; call it inside run, or after acquire");
        }
    }

    /// Runs `body` with the lock. **Suspends** as [#acquire()] does, and where the body does.
    ///
    /// @param body what to run
    /// @param <X> what the body may throw
    /// @throws X whatever the body fails with
    public <X extends Throwable> void run(ThrowingRunnable<X> body) throws X {
        lock.run(body);
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
        return lock.call(body);
    }

    /// {@return what is known of the condition now}
    public Statistics statistics() {
        return new Statistics(waiters.size(), lock.statistics());
    }

    @Override
    public String toString() {
        return "AsyncCondition[waiters=" + waiters.size() + ", " + lock + "]";
    }
}

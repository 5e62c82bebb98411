package dev.jloop.core.sync;

import dev.jloop.core.CancelledError;

import org.jspecify.annotations.Nullable;

/// A flag that coroutines wait for.
///
/// Setting it wakes all that wait at that moment, even if it is cleared again before they run.
///
/// **Threading:** the coroutines and callbacks of one loop, that of the first coroutine that had to
/// wait; a coroutine of another is refused. In debug mode a call from a wrong thread throws
/// `WrongThreadException`; another thread sets it by `loop.callSoonThreadsafe(event::set)`.
///
/// The semantics are those of Python's `asyncio.Event`.
///
/// @since 0.1
public final class AsyncEvent {
    /// An event at one moment.
    ///
    /// @param set whether the flag is set
    /// @param waiters how many coroutines wait for it
    /// @since 0.1
    public record Statistics(boolean set, int waiters) {}

    private final LoopBinding binding = new LoopBinding();
    private final Waiters<@Nullable Void> waiters = new Waiters<>(binding, this);
    private boolean set;

    /// An event that is not set.
    public AsyncEvent() {}

    /// Sets the flag and wakes all that wait. It stays set until [#clear()]. Setting it again does
    /// nothing.
    public void set() {
        binding.checkThread("set");
        set = true;
        waiters.wakeAll(null);
    }

    /// Clears the flag, so that [#await()] waits again.
    public void clear() {
        binding.checkThread("clear");
        set = false;
    }

    /// {@return whether the flag is set}
    public boolean isSet() {
        binding.checkThread("isSet");
        return set;
    }

    /// Waits until the flag is set. **Suspends**, unless it is already. When this returns the flag
    /// may have been cleared again.
    ///
    /// @throws CancelledError if the task is cancelled meanwhile
    /// @throws IllegalStateException if it would have to wait and is no coroutine, or coroutines of
    ///   another loop have waited here
    public void await() {
        binding.checkThread("await");
        if (!set) {
            waiters.await();
        }
    }

    /// {@return what is known of the event now}
    public Statistics statistics() {
        binding.checkThread("statistics");
        return new Statistics(set, waiters.size());
    }

    @Override
    public String toString() {
        return "AsyncEvent[" + (set ? "set" : "not set") + ", waiters=" + waiters.size() + "]";
    }
}

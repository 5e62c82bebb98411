package dev.jloop.testkit;

import dev.jloop.core.EventLoop;

import org.assertj.core.api.AbstractAssert;
import org.jspecify.annotations.Nullable;

import java.time.Duration;

/// Assertions about a loop: see [LoopAssert#assertThat(VirtualTimeLoop)].
///
/// @since 0.1
public final class VirtualTimeLoopAssert
        extends AbstractAssert<VirtualTimeLoopAssert, VirtualTimeLoop> {
    VirtualTimeLoopAssert(@Nullable VirtualTimeLoop actual) {
        super(actual, VirtualTimeLoopAssert.class);
    }

    /// Fails unless this much virtual time has passed since the loop was made.
    ///
    /// @param expected to the nanosecond
    /// @return this
    public VirtualTimeLoopAssert hasTime(Duration expected) {
        isNotNull();
        var time = Duration.ofNanos(actual.time());
        if (!time.equals(expected)) {
            throw failureWithActualExpected(
                    time,
                    expected,
                    "virtual time was to be %s, and is %s%s",
                    expected,
                    time,
                    LoopAssert.tasksOf(actual));
        }
        return this;
    }

    /// Fails if something can still happen by itself: a callback or a step is ready, a timer is
    /// still to come, or something goes on outside. Timers of background tasks do not count, and
    /// neither does what runs at this moment. Tasks may be left that wait for something else.
    ///
    /// @return this
    public VirtualTimeLoopAssert isIdle() {
        isNotNull();
        var unfinished = actual.unfinished();
        if (!unfinished.isEmpty()) {
            throw failure(
                    "the loop was to be idle, and is not: %s%s",
                    String.join("; ", unfinished), LoopAssert.tasksOf(actual));
        }
        return this;
    }

    /// Fails unless this many tasks are not done, without those of the background, and without the
    /// one that asks.
    ///
    /// @param expected how many
    /// @return this
    public VirtualTimeLoopAssert hasPendingTasks(int expected) {
        isNotNull();
        var asking = EventLoop.currentOrNull() == actual ? actual.currentTask() : null;
        var pending = actual.pendingTasks(false).stream().filter(task -> task != asking).count();
        if (pending != expected) {
            throw failureWithActualExpected(
                    pending,
                    expected,
                    "%s tasks were to be pending, and %s are%s",
                    expected,
                    pending,
                    LoopAssert.tasksOf(actual));
        }
        return this;
    }
}

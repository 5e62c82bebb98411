package dev.jloop.testkit;

import dev.jloop.core.Task;
import dev.jloop.core.TimerHandle;

import org.jspecify.annotations.Nullable;

import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/// Timers that belong together: those that keep a loop from being idle, which are all but those of
/// background tasks, or those of one host.
final class ForegroundTimers {
    /// One timer, and who has set it.
    ///
    /// @param setBy the task that did; null outside tasks
    /// @param ofJloop whether it serves a part of jloop, such as a sleep or a transport
    /// @param createdAt where; null where that is not kept
    record Entry(
            TimerHandle timer,
            @Nullable Task<?> setBy,
            boolean ofJloop,
            @Nullable Throwable createdAt) {
        private boolean isOver(long nowNanos) {
            return timer.isCancelled() || timer.when() <= nowNanos;
        }
    }

    private static final int SMALLEST_TO_SWEEP = 64;

    private static final Comparator<Entry> BY_DEADLINE =
            Comparator.comparingLong(entry -> entry.timer().when());

    /// Some of them may be over; the first in line is looked at whenever it matters.
    private final PriorityQueue<Entry> timers = new PriorityQueue<>(BY_DEADLINE);

    private int sweepAt = SMALLEST_TO_SWEEP;
    private boolean ended;

    void add(Entry entry, long nowNanos) {
        if (ended) {
            entry.timer().cancel();
            return;
        }
        timers.add(entry);
        if (timers.size() >= sweepAt) {
            sweep(nowNanos);
            sweepAt = Math.max(SMALLEST_TO_SWEEP, timers.size() * 2);
        }
    }

    /// {@return whether one of them is still to come}
    boolean anyAfter(long nowNanos) {
        for (var first = timers.peek(); first != null; first = timers.peek()) {
            if (!first.isOver(nowNanos)) {
                return true;
            }
            timers.remove();
        }
        return false;
    }

    /// {@return those still to come that were set by nobody who could still cancel them, by
    /// deadline}
    List<Entry> forgotten(long nowNanos) {
        sweep(nowNanos);
        return timers.stream()
                .filter(entry -> !entry.ofJloop)
                .filter(entry -> entry.setBy == null || entry.setBy.isDone())
                .sorted(BY_DEADLINE)
                .toList();
    }

    /// Cancels all that are still to come, and those that are added from now on.
    void end() {
        ended = true;
        timers.forEach(entry -> entry.timer().cancel());
        timers.clear();
    }

    private void sweep(long nowNanos) {
        timers.removeIf(entry -> entry.isOver(nowNanos));
    }
}

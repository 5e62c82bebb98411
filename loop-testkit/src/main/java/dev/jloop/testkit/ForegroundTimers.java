package dev.jloop.testkit;

import dev.jloop.core.TimerHandle;

import java.util.ArrayList;
import java.util.List;

/// The timers that keep a loop from being idle: all but those of background tasks.
final class ForegroundTimers {
    private static final int SMALLEST_TO_SWEEP = 64;

    private final List<TimerHandle> timers = new ArrayList<>();
    private int sweepAt = SMALLEST_TO_SWEEP;

    void add(TimerHandle timer, long nowNanos) {
        timers.add(timer);
        if (timers.size() >= sweepAt) {
            sweep(nowNanos);
            sweepAt = Math.max(SMALLEST_TO_SWEEP, timers.size() * 2);
        }
    }

    /// {@return whether one of them is still to come}
    boolean anyAfter(long nowNanos) {
        sweep(nowNanos);
        return !timers.isEmpty();
    }

    private void sweep(long nowNanos) {
        timers.removeIf(timer -> timer.isCancelled() || timer.when() <= nowNanos);
    }
}

package dev.jloop.examples.cpu;

import dev.jloop.core.Async;
import dev.jloop.core.EventLoop;

import java.time.Duration;

/// Ticks on the loop, and knows how late it was at worst: what a user of the program would feel.
///
/// **Threading:** loop thread only.
public final class Heartbeat {
    /// From one tick to the next.
    public static final Duration PERIOD = Duration.ofMillis(10);

    private int ticks;
    private long latestNanos;

    /// Ticks until the task is cancelled. Suspends.
    public void run() {
        var loop = EventLoop.current();
        while (true) {
            var due = loop.time() + PERIOD.toNanos();
            Async.sleep(PERIOD);
            ticks++;
            latestNanos = Math.max(latestNanos, loop.time() - due);
        }
    }

    /// {@return how often it has ticked}
    public int ticks() {
        return ticks;
    }

    /// {@return how late the latest of all ticks was}
    public Duration latest() {
        return Duration.ofNanos(latestNanos);
    }
}

package dev.jloop.core;

import dev.jloop.core.spi.Clock;

import java.time.Duration;

/// Virtual time. It stands still until it is moved.
final class FakeClock implements Clock {
    private volatile long now;

    @Override
    public long nanos() {
        return now;
    }

    void advance(Duration step) {
        advanceNanos(step.toNanos());
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // only the loop's thread moves it
    void advanceNanos(long step) {
        now += step;
    }

    void moveTo(long nanos) {
        now = nanos;
    }
}

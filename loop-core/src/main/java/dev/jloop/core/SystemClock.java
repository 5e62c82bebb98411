package dev.jloop.core;

import dev.jloop.core.spi.Clock;

/// Monotonic real time. It starts near zero, so that it cannot wrap round.
final class SystemClock implements Clock {
    private static final long ORIGIN = System.nanoTime();

    @Override
    public long nanos() {
        return System.nanoTime() - ORIGIN;
    }
}

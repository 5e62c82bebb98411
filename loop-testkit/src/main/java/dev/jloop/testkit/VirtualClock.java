package dev.jloop.testkit;

import dev.jloop.core.spi.Clock;

/// Time that moves only when it is told to. Starts at zero; moved by the loop's thread or while the
/// loop does not run, read by any.
final class VirtualClock implements Clock {
    private volatile long nanos;

    @Override
    public long nanos() {
        return nanos;
    }

    void moveTo(long newNanos) {
        if (newNanos < nanos) {
            throw new IllegalArgumentException(
                    "time cannot go back from " + nanos + " to " + newNanos + " ns");
        }
        nanos = newNanos;
    }
}

package dev.jloop.testkit;

import java.io.IOException;

/// Ties virtual time to real time while a loop has nothing to do.
final class ClockRate {
    /// The real time, and a way to let it pass.
    interface RealTime {
        long nanos();

        /// Waits.
        ///
        /// @param nanos at most
        /// @return whether something came from outside before
        boolean await(long nanos) throws IOException;
    }

    private final double rate;
    private final RealTime real;
    private long virtualStart;
    private long realStart;

    /// @param rate virtual seconds in a real one, positive
    /// @param now the virtual time
    ClockRate(double rate, RealTime real, long now) {
        this.rate = rate;
        this.real = real;
        start(now);
    }

    private void start(long now) {
        virtualStart = now;
        realStart = real.nanos();
    }

    /// {@return what virtual time it should be, at least `now`} Where somebody has moved time ahead
    /// it goes on from there.
    ///
    /// @param now the virtual time it is
    long due(long now) {
        var due = virtualStart + (long) ((real.nanos() - realStart) * rate);
        if (due < now) {
            start(now);
            return now;
        }
        return due;
    }

    /// Waits until it should be `deadline`.
    ///
    /// @param now the virtual time it is
    /// @return whether something came from outside before
    boolean await(long deadline, long now) throws IOException {
        var virtual = deadline - due(now);
        return virtual > 0 && real.await((long) Math.ceil(virtual / rate));
    }
}

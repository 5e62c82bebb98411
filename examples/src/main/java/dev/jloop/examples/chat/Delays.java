package dev.jloop.examples.chat;

import java.time.Duration;
import java.util.Arrays;

/// Delays, all of which are kept, so that percentiles are exact. Confined to the loop's thread.
final class Delays {
    private static final int PERCENT = 100;

    private long[] nanos = new long[1_024];
    private int count;

    void add(long delayNanos) {
        if (count == nanos.length) {
            nanos = Arrays.copyOf(nanos, 2 * count);
        }
        nanos[count++] = delayNanos;
    }

    /// {@return the shortest delay that so many percent of all do not exceed; zero if there is
    /// none}
    ///
    /// @param percent from 1 to 100
    Duration percentile(int percent) {
        if (count == 0) {
            return Duration.ZERO;
        }
        Arrays.sort(nanos, 0, count);
        var rank = (int) Math.ceilDiv((long) count * percent, PERCENT);
        return Duration.ofNanos(nanos[rank - 1]);
    }
}

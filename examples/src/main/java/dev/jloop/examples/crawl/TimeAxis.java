package dev.jloop.examples.crawl;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// A time axis from zero, with marks at round times.
///
/// @param end where the axis ends: at least the time asked for, and more than zero
/// @param ticks the marks, zero included
record TimeAxis(Duration end, List<Duration> ticks) {
    private static final int MOST_TICKS = 12;
    private static final long SHORTEST_NANOS = 1_000_000;

    static TimeAxis upTo(Duration time) {
        long end = Math.max(SHORTEST_NANOS, time.toNanos());
        long step = roundStep(end);
        var ticks = new ArrayList<Duration>();
        for (long at = 0; at <= end; at += step) {
            ticks.add(Duration.ofNanos(at));
        }
        return new TimeAxis(Duration.ofNanos(end), List.copyOf(ticks));
    }

    /// 1, 2 or 5 times a power of ten.
    private static long roundStep(long end) {
        for (long decade = SHORTEST_NANOS / 10; ; decade *= 10) {
            for (long factor : new long[] {1, 2, 5}) {
                if (end / (factor * decade) < MOST_TICKS) {
                    return factor * decade;
                }
            }
        }
    }
}

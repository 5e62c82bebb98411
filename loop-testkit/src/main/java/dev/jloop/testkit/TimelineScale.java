package dev.jloop.testkit;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;

/// Where times stand on a line of some length, which begins at zero.
///
/// @param endNanos the time at its end, more than zero
/// @param left where it begins
/// @param width how long it is
record TimelineScale(long endNanos, double left, double width) {
    private static final int MOST_TICKS = 12;

    double x(long nanos) {
        return left + width * nanos / endNanos;
    }

    /// {@return times to be marked: multiples of 1, 2 or 5 times a power of ten}
    List<Long> ticks() {
        var step = step();
        var ticks = new ArrayList<Long>();
        for (var tick = 0L; ; tick += step) {
            ticks.add(tick);
            if (tick > endNanos - step) {
                return ticks;
            }
        }
    }

    private long step() {
        for (var decade = 1L; ; decade *= 10) {
            for (var factor : new int[] {1, 2, 5}) {
                if (endNanos / (factor * decade) < MOST_TICKS) {
                    return factor * decade;
                }
            }
        }
    }

    /// {@return a time for people, such as `2.5 ms`}
    static String text(long nanos) {
        if (nanos < 1_000) {
            return nanos + " ns";
        } else if (nanos < 1_000_000) {
            return inUnits(nanos, 3) + " us";
        } else if (nanos < 1_000_000_000) {
            return inUnits(nanos, 6) + " ms";
        }
        return inUnits(nanos, 9) + " s";
    }

    private static String inUnits(long nanos, int digits) {
        return BigDecimal.valueOf(nanos, digits)
                .setScale(3, RoundingMode.HALF_UP)
                .stripTrailingZeros()
                .toPlainString();
    }
}

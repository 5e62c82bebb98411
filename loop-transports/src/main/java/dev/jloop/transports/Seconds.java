package dev.jloop.transports;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// Spans of time in the form people write them.
final class Seconds {
    private static final int NANO_DIGITS = 9;
    private static final int MILLI_DIGITS = 3;

    private Seconds() {}

    /// {@return `0.25 s` or `5 s`, to the millisecond}
    static String text(long nanos) {
        return BigDecimal.valueOf(nanos, NANO_DIGITS)
                        .setScale(MILLI_DIGITS, RoundingMode.HALF_UP)
                        .stripTrailingZeros()
                        .toPlainString()
                + " s";
    }

    static String text(Duration span) {
        return text(TimeUnit.NANOSECONDS.convert(span));
    }
}

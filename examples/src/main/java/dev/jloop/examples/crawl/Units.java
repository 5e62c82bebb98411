package dev.jloop.examples.crawl;

import java.time.Duration;
import java.util.Locale;

/// Writes quantities for people, the same in every locale.
public final class Units {
    private Units() {}

    /// {@return a time in the unit that fits, such as `850 ms`, `1.21 s` or `2 min 5 s`}
    ///
    /// @param time not negative
    public static String duration(Duration time) {
        double millis = time.toNanos() / 1e6;
        if (millis < 10) {
            return trimmed("%.1f", millis) + " ms";
        }
        if (millis < 1000) {
            return String.format(Locale.ROOT, "%.0f ms", millis);
        }
        if (millis < 60_000) {
            return trimmed("%.2f", millis / 1000) + " s";
        }
        return time.toMinutes() + " min " + time.toSecondsPart() + " s";
    }

    /// {@return a number of bytes in the unit that fits, such as `512 B`, `1.5 kB` or `3.2 MB`}
    ///
    /// @param count not negative
    public static String bytes(long count) {
        if (count < 1000) {
            return count + " B";
        }
        return count < 1_000_000
                ? trimmed("%.1f", count / 1e3) + " kB"
                : trimmed("%.1f", count / 1e6) + " MB";
    }

    private static String trimmed(String format, double value) {
        var text = String.format(Locale.ROOT, format, value);
        return text.replaceFirst("\\.?0+$", "");
    }
}

package dev.jloop.examples.site;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.zip.CRC32;

/// How long a server waits before it answers: a time between two bounds that depends on the path
/// alone, so that runs are alike.
///
/// @param shortest the lower bound, not negative
/// @param longest the upper bound, not below the lower one
public record DelayRange(Duration shortest, Duration longest) {
    /// No delay.
    public static final DelayRange NONE = new DelayRange(Duration.ZERO, Duration.ZERO);

    /// 20 to 300 milliseconds.
    public static final DelayRange DEFAULT =
            new DelayRange(Duration.ofMillis(20), Duration.ofMillis(300));

    /// Checks the bounds.
    public DelayRange {
        if (shortest.isNegative() || longest.compareTo(shortest) < 0) {
            throw new IllegalArgumentException(
                    "not a range of delays: from " + shortest + " to " + longest);
        }
    }

    /// {@return the delay of a path}
    ///
    /// @param path any text
    public Duration of(String path) {
        var hash = new CRC32();
        hash.update(path.getBytes(StandardCharsets.UTF_8));
        long steps = longest.minus(shortest).toMillis() + 1;
        return shortest.plusMillis(hash.getValue() % steps);
    }
}

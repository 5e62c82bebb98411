package dev.jloop.core.spi;

import org.jspecify.annotations.Nullable;

import java.time.Duration;

/// What happens at a fault point that was reached: first the wait, if there is one, and then the
/// fault.
///
/// @param delay how long the coroutine waits on the loop's clock; zero lets others run once; null
///   means no wait at all
/// @param fires whether the fault happens
/// @since 0.1
public record FaultDecision(@Nullable Duration delay, boolean fires) {
    /// Nothing happens.
    public static final FaultDecision PASS = new FaultDecision(null, false);

    /// The fault happens, at once.
    public static final FaultDecision FIRE = new FaultDecision(null, true);

    /// Checks the delay.
    public FaultDecision {
        if (delay != null && delay.isNegative()) {
            throw new IllegalArgumentException("the delay must not be negative, was " + delay);
        }
    }
}

package dev.jloop.executor;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.Executor;

/// Where offloaded work goes.
///
/// @param executor runs it
/// @param limiter lends it a token, unless the call names another one; null for none
/// @param isDefault whether the end of the loop's default executor waits for it
record Destination(Executor executor, @Nullable CapacityLimiter limiter, boolean isDefault) {
    /// {@return an executor of the user's}
    static Destination of(Executor executor) {
        return new Destination(executor, null, false);
    }
}

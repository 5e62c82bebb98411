package dev.jloop.testkit;

import org.jspecify.annotations.Nullable;

/// What is ready in a turn.
///
/// @param place how many came before it
/// @param task of which it is a step, or null where it is a callback
record Arrival(Runnable callback, int place, @Nullable TaskLabel task) {
    boolean isStep() {
        return task != null;
    }
}

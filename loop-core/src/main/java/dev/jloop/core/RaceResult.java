package dev.jloop.core;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;

/// How a race went: see [Async#staggeredRace(List, java.time.Duration)].
///
/// @param winner the place of the coroutine that has won in the list given, from 0; empty if none
///   has
/// @param value what the winner returned; null where there is none
/// @param exceptions one for each coroutine that was started, in the order of the list: null for
///   the winner, a [CancelledError] for one that was cancelled because another had won, else the
///   failure; unmodifiable
/// @param <T> the type of the value
/// @since 0.1
public record RaceResult<T extends @Nullable Object>(
        OptionalInt winner, @Nullable T value, List<@Nullable Throwable> exceptions) {
    /// A result with a copy of the list.
    public RaceResult {
        exceptions = Collections.unmodifiableList(new ArrayList<>(exceptions));
    }
}

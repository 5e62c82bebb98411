package dev.jloop.core;

import org.jspecify.annotations.Nullable;

/// Takes what a [Generator] makes, one item at a time.
///
/// @param <T> the type of the items
/// @since 0.1
@FunctionalInterface
public interface Emitter<T extends @Nullable Object> {
    /// Hands `value` to whoever iterates, and waits until the next item is asked for. **Suspends.**
    ///
    /// A deadline or a failed task group of the body's own that comes due meanwhile is felt here
    /// when the next item is asked for, or when the generator is closed.
    ///
    /// @param value the item; null where the type allows it
    /// @throws CancelledError if the generator is closed, or a scope around this call ends; let it
    ///   pass, after clean-up that may await
    /// @throws IllegalStateException if the generator was closed before, or this is not called by
    ///   the generator's body itself: a task started there hands its items over by a queue
    void emit(T value);
}

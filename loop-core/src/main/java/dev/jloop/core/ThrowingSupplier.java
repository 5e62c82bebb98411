package dev.jloop.core;

import org.jspecify.annotations.Nullable;

/// A body with a result whose failure type the compiler knows, so that scopes can pass a checked
/// exception on.
///
/// @param <T> the type of the result
/// @param <X> what the body may throw
/// @since 0.1
@FunctionalInterface
public interface ThrowingSupplier<T extends @Nullable Object, X extends Throwable> {
    /// Runs the body.
    ///
    /// @return the result of the body
    /// @throws X whatever the body fails with
    T get() throws X;
}

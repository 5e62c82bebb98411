package dev.jloop.core;

/// A body whose failure type the compiler knows, so that scopes can pass a checked exception on.
///
/// @param <X> what the body may throw
/// @since 0.1
@FunctionalInterface
public interface ThrowingRunnable<X extends Throwable> {
    /// Runs the body.
    ///
    /// @throws X whatever the body fails with
    void run() throws X;
}

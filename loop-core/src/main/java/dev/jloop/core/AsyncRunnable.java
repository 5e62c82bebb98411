package dev.jloop.core;

/// The body of a coroutine that gives no result. It may await and may throw anything.
///
/// @since 0.1
@FunctionalInterface
public interface AsyncRunnable {
    /// Runs as a coroutine.
    ///
    /// @throws Exception whatever the body fails with; it becomes the failure of the task
    void run() throws Exception;
}

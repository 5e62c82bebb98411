package dev.jloop.core;

import org.jspecify.annotations.Nullable;

/// A coroutine that tells its starter when it is ready: see [TaskGroup#start(Startable)].
///
/// @param <T> the type of what it reports
/// @since 0.1
@FunctionalInterface
public interface Startable<T extends @Nullable Object> {
    /// Runs the coroutine.
    ///
    /// @param status takes the report
    /// @throws Exception whatever the coroutine fails with
    void run(TaskStatus<T> status) throws Exception;
}

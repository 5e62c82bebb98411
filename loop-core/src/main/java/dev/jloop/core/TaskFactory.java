package dev.jloop.core;

import java.util.concurrent.Callable;

/// Makes the tasks of a loop, in place of the loop itself: to wrap every body, to name or count
/// tasks.
///
/// A factory usually changes `body` or `options` and hands them to [EventLoop#newTask(Callable,
/// TaskOptions)], which is how the loop itself would have made the task.
///
/// @since 0.1
@FunctionalInterface
public interface TaskFactory {
    /// Makes one task.
    ///
    /// @param loop the loop the task belongs to
    /// @param body the coroutine
    /// @param options name, context and eager start asked for by the caller
    /// @param <T> the type of the task's result
    /// @return a task of `loop`
    <T> Task<T> create(EventLoop loop, Callable<T> body, TaskOptions options);
}

package dev.jloop.core;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.concurrent.Callable;

/// A coroutine that a loop runs, and the future of its result.
///
/// A cancellation is a request: the task gets [CancelledError] at the await point it is at or comes
/// to next, may clean up, and may even go on. A task cancelled before its first step never runs its
/// body. A result is set by the end of the body only: `setResult` and `setException` throw
/// `UnsupportedOperationException`.
///
/// **Threading:** the thread of its loop only; any thread may ask for [#name()] and [#context()],
/// and what [LoopFuture] says.
///
/// The semantics are those of Python's `asyncio.Task`.
///
/// @param <T> the type of the body's result
/// @since 0.1
public sealed interface Task<T extends @Nullable Object> extends LoopFuture<T>
        permits CoroutineTask {
    /// {@return the task's name}
    String name();

    /// Gives the task another name; its thread shows it too.
    ///
    /// @param name the new name
    void rename(String name);

    /// Asks the task to cancel.
    ///
    /// If the task awaits a future, that future is cancelled; otherwise the request is kept and
    /// delivered when the task continues or next awaits. If the body ends before that, the task
    /// ends cancelled.
    ///
    /// @param message the reason, found in the message of the error; null for none
    /// @return false if the task is done already
    @Override
    boolean cancel(@Nullable String message);

    /// Takes one request to cancel back, for code that has dealt with it, as scopes do. If none is
    /// left, a request that was not delivered yet is dropped.
    ///
    /// @return the requests left
    int uncancel();

    /// {@return the requests to cancel that were made and not taken back}
    int cancelling();

    /// {@return what the task runs, as it was given to `createTask`; null once it has ended}
    @Nullable Callable<? extends T> getCoroutine();

    /// {@return the context in which each step runs}
    Context context();

    /// {@return the frames of the suspended coroutine, innermost first; empty before the first step
    /// and after the end} What suspends and starts coroutines is left out; the call that awaits,
    /// such as `Async.sleep`, is there.
    List<StackTraceElement> stack();
}

package dev.jloop.core;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/// A value that will come to a loop: pending, finished (with a result or an exception) or
/// cancelled.
///
/// Whoever looks at a failed future, by [#result()], [#exception()] or [#await()], has retrieved
/// its exception. One that nobody retrieved is reported to the loop's exception handler, when the
/// future has become unreachable or the loop closes.
///
/// **Threading:** the thread of its loop only, where a method does not say otherwise.
///
/// The semantics are those of Python's `asyncio.Future`.
///
/// @param <T> the type of the result
/// @since 0.1
public sealed interface LoopFuture<T extends @Nullable Object> permits DefaultFuture, Task {
    /// {@return whether the future is finished or cancelled} Any thread may ask, but another than
    /// the loop's may be told what held a while ago; there [#toCompletableFuture()] tells of the
    /// end.
    boolean isDone();

    /// {@return whether the future was cancelled} Any thread may ask, as for [#isDone()].
    boolean isCancelled();

    /// {@return the result of a finished future}
    ///
    /// @throws InvalidStateException if the future is pending
    /// @throws CancelledError if the future was cancelled
    /// @throws java.util.concurrent.CompletionException if it failed with a checked exception,
    ///   which is the cause; an unchecked exception or an error is thrown as it is
    T result();

    /// {@return the exception of a future that failed, or null if it has a result}
    ///
    /// @throws InvalidStateException if the future is pending
    /// @throws CancelledError if the future was cancelled
    @Nullable Throwable exception();

    /// Finishes the future with a result. Done callbacks run on the next turn.
    ///
    /// @param value the result
    /// @throws InvalidStateException if the future is done
    /// @throws UnsupportedOperationException on a task
    void setResult(T value);

    /// Finishes the future with an exception. Done callbacks run on the next turn.
    ///
    /// @param exception the failure
    /// @throws InvalidStateException if the future is done
    /// @throws UnsupportedOperationException on a task
    void setException(Throwable exception);

    /// Cancels without a message: see [#cancel(String)].
    ///
    /// @return false if the future is done already
    boolean cancel();

    /// Cancels the future at once; awaiting it throws [CancelledError]. A [Task] is only asked to
    /// cancel.
    ///
    /// @param message the reason, found in the message of the error; null for none
    /// @return false if the future is done already
    boolean cancel(@Nullable String message);

    /// Runs `callback` once the future is done, by [EventLoop#callSoon(Runnable)] and so never
    /// inside this call or the call that finishes the future, in a copy of the current context.
    ///
    /// @param callback gets this future; callbacks run in the order they were added
    void addDoneCallback(Consumer<? super LoopFuture<T>> callback);

    /// Runs `callback` once the future is done, in the given context.
    ///
    /// @param callback gets this future
    /// @param context used as it is, without a copy
    void addDoneCallback(Consumer<? super LoopFuture<T>> callback, Context context);

    /// Removes all callbacks equal to `callback` that were not scheduled yet.
    ///
    /// @param callback the callback
    /// @return how many were removed
    int removeDoneCallback(Consumer<? super LoopFuture<T>> callback);

    /// Suspends the current coroutine until the future is done. On a done future it returns at once
    /// and nothing else runs in between.
    ///
    /// If the task is cancelled meanwhile, the future is cancelled with it; see
    /// [Async#shield(LoopFuture)].
    ///
    /// @return the result
    /// @throws CancelledError if the future or the waiting task was cancelled
    /// @throws java.util.concurrent.CompletionException if the future failed with a checked
    ///   exception, which is the cause; an unchecked exception or an error is thrown as it is
    /// @throws IllegalStateException if not called in a coroutine of this future's loop, if a task
    ///   awaits itself, or if the coroutine cannot be suspended here (in a static initialiser, or
    ///   below a native frame)
    T await();

    /// {@return the loop this future belongs to}
    EventLoop loop();

    /// {@return a `CompletableFuture` that ends as this one does} Cancelling it cancels this one.
    /// Any thread may use what is returned; to block on it on the loop's own thread stops the loop
    /// for good.
    CompletableFuture<T> toCompletableFuture();

    /// {@return a future of the current loop that ends as `stage` does} Cancelling it cancels the
    /// stage.
    ///
    /// @param stage any stage; it may end on any thread
    /// @param <T> the type of its result
    /// @throws IllegalStateException if no loop runs on this thread
    static <T extends @Nullable Object> LoopFuture<T> from(CompletionStage<T> stage) {
        return CurrentLoop.require().stageFutures().from(stage);
    }
}

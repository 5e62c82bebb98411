package dev.jloop.executor;

import dev.jloop.core.AsyncRunnable;
import dev.jloop.core.CancelledError;
import dev.jloop.core.Context;
import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopFuture;
import dev.jloop.core.Outcome;
import dev.jloop.core.ThrowingRunnable;
import dev.jloop.core.ThrowingSupplier;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;

/// Blocking work from a loop, and coroutines from other threads.
///
/// ```java
/// var report = Offload.toThread(() -> Files.readString(path));        // in a coroutine
/// var answer = Offload.runCoroutineThreadsafe(() -> ask(peer), loop);  // on another thread
/// answer.get(5, TimeUnit.SECONDS);
/// ```
///
/// **The default executor.** Each loop has one, made on first use: a pool of daemon threads, at
/// most as many as there are processors and four more, and 32 in all, named after the loop with
/// `-worker-` and a number. Work beyond that waits in a queue without a bound, as the coroutines
/// that wait for it are the bound. It is meant for work that blocks; for work that computes, pass
/// an executor of the size that suits it. [dev.jloop.core.Runner] waits up to five minutes for the
/// work in it when it closes, after all hooks of [EventLoop#onShutdown]. [EventLoop#close()] alone
/// shuts it down without waiting.
///
/// **Cancellation.** Cancelling what was returned, or the task that suspends here, takes work back
/// that has not started. Work that has started goes on, without an interrupt, and its result or
/// failure is dropped.
///
/// An executor that drops work it has accepted, as `shutdownNow` does, leaves its future pending.
///
/// **Virtual time.** A loop on a virtual clock lets no time pass while work it waits for is under
/// way.
///
/// @since 0.1
public final class Offload {
    private Offload() {}

    /// Runs `body` in an executor. The result comes to the current loop.
    ///
    /// The body runs in the context of its thread; [#toThread(ThrowingSupplier)] carries the
    /// caller's over.
    ///
    /// @param executor runs the body; one that runs it inside this call keeps the loop waiting
    /// @param body what to run, on a thread of the executor
    /// @param <T> the type of the result
    /// @return the future result, of the current loop
    /// @throws RejectedExecutionException if the executor takes no more work
    /// @throws IllegalStateException if no loop runs on this thread
    public static <T extends @Nullable Object> LoopFuture<T> runInExecutor(
            Executor executor, Callable<T> body) {
        Objects.requireNonNull(executor, "executor");
        return OffloadedCall.submit(executor, body, body, EventLoop.current());
    }

    /// Runs `body`, which gives no result, in an executor: see [#runInExecutor(Executor,
    /// Callable)].
    ///
    /// @param executor runs the body; one that runs it inside this call keeps the loop waiting
    /// @param body what to run, on a thread of the executor
    /// @return a future whose result is null, of the current loop
    /// @throws RejectedExecutionException if the executor takes no more work
    /// @throws IllegalStateException if no loop runs on this thread
    @SuppressWarnings(
            "overloads") // a lambda with a value and one without are told apart by their body
    public static LoopFuture<@Nullable Void> runInExecutor(
            Executor executor, ThrowingRunnable<? extends Exception> body) {
        Objects.requireNonNull(executor, "executor");
        return OffloadedCall.submit(executor, withoutResult(body), body, EventLoop.current());
    }

    /// Runs `body` in the default executor of the current loop: see [#runInExecutor(Executor,
    /// Callable)].
    ///
    /// @param body what to run, on a thread of the executor
    /// @param <T> the type of the result
    /// @return the future result, of the current loop
    /// @throws IllegalStateException if the default executor was shut down, or no loop runs on this
    ///   thread
    /// @throws RejectedExecutionException if an executor given to
    ///   [#setDefaultExecutor(ExecutorService)] takes no more work
    public static <T extends @Nullable Object> LoopFuture<T> runInExecutor(Callable<T> body) {
        var loop = EventLoop.current();
        return OffloadedCall.submit(DefaultExecutor.of(loop).executor(), body, body, loop);
    }

    /// Runs `body`, which gives no result, in the default executor of the current loop: see
    /// [#runInExecutor(Executor, Callable)].
    ///
    /// @param body what to run, on a thread of the executor
    /// @return a future whose result is null, of the current loop
    /// @throws IllegalStateException if the default executor was shut down, or no loop runs on this
    ///   thread
    /// @throws RejectedExecutionException if an executor given to
    ///   [#setDefaultExecutor(ExecutorService)] takes no more work
    @SuppressWarnings("overloads")
    public static LoopFuture<@Nullable Void> runInExecutor(
            ThrowingRunnable<? extends Exception> body) {
        var loop = EventLoop.current();
        return OffloadedCall.submit(
                DefaultExecutor.of(loop).executor(), withoutResult(body), body, loop);
    }

    /// Runs `body` in the default executor, in a copy of the current context, and waits for it.
    /// **Suspends.**
    ///
    /// What the body throws comes out here as the same instance, with the stack of the thread it
    /// was thrown on. An overloaded method reference is ambiguous here; write a lambda.
    ///
    /// @param body what to run, on a thread of the executor
    /// @param <T> the type of the result
    /// @param <X> what the body may throw
    /// @return the result of the body
    /// @throws X whatever the body fails with
    /// @throws CancelledError if the task was cancelled; a body that has started goes on alone
    /// @throws IllegalStateException if the default executor was shut down, or this is no coroutine
    /// @throws RejectedExecutionException if an executor given to
    ///   [#setDefaultExecutor(ExecutorService)] takes no more work
    public static <T extends @Nullable Object, X extends Throwable> T toThread(
            ThrowingSupplier<? extends T, X> body) throws X {
        return inThread(Objects.requireNonNull(body, "body"), body);
    }

    private static <T extends @Nullable Object, X extends Throwable> T inThread(
            ThrowingSupplier<? extends T, X> body, Object described) throws X {
        var loop = EventLoop.current();
        if (loop.currentTask() == null) {
            throw new IllegalStateException(
                    "toThread works in a coroutine only, and this is a callback of "
                            + loop
                            + "; use runInExecutor, which gives a future, or start a coroutine with"
                            + " createTask");
        }
        var context = Context.copyCurrent();
        Callable<Outcome<T>> call = () -> outcomeOf(context, body);
        var executor = DefaultExecutor.of(loop).executor();
        return valueOf(OffloadedCall.submit(executor, call, described, loop).await());
    }

    /// Runs `body`, which gives no result, in the default executor, in a copy of the current
    /// context, and waits for it: see [#toThread(ThrowingSupplier)]. **Suspends.**
    ///
    /// @param body what to run, on a thread of the executor
    /// @param <X> what the body may throw
    /// @throws X whatever the body fails with
    /// @throws CancelledError if the task was cancelled; a body that has started goes on alone
    /// @throws IllegalStateException if the default executor was shut down, or this is no coroutine
    /// @throws RejectedExecutionException if an executor given to
    ///   [#setDefaultExecutor(ExecutorService)] takes no more work
    @SuppressWarnings("overloads")
    public static <X extends Throwable> void toThread(ThrowingRunnable<X> body) throws X {
        Objects.requireNonNull(body, "body");
        ThrowingSupplier<Boolean, X> withResult =
                () -> {
                    body.run();
                    return true;
                };
        inThread(withResult, body);
    }

    /// A failure travels beside the value, so that it needs no wrapping on the way.
    private static <T extends @Nullable Object, X extends Throwable> Outcome<T> outcomeOf(
            Context context, ThrowingSupplier<? extends T, X> body) {
        try {
            return new Outcome.Success<>(context.call(body));
        } catch (Throwable failure) {
            return new Outcome.Failure<>(failure); // thrown again where the coroutine waits
        }
    }

    @SuppressWarnings("unchecked") // besides unchecked failures a body can only throw X
    private static <T extends @Nullable Object, X extends Throwable> T valueOf(Outcome<T> outcome)
            throws X {
        return switch (outcome) {
            case Outcome.Success<T>(var value) -> value;
            case Outcome.Failure<T>(var failure) -> throw (X) failure;
            case Outcome.Cancelled<T>(var cancellation) -> throw cancellation;
        };
    }

    /// Runs a coroutine on a loop, from another thread.
    ///
    /// Completing or cancelling what is returned, a timeout of [CompletableFuture#orTimeout] too,
    /// cancels the task in the loop. If the task is cancelled, or the loop is closed before it has
    /// ended, the future is cancelled. If the task cannot be created, because the loop's task
    /// factory fails, the future fails with the same exception, which the loop reports too.
    ///
    /// The loop has to run, now or later. If it is closed before it came to the body, the future is
    /// cancelled.
    ///
    /// **Threading:** any thread but the loop's own. To wait for the future there would stop the
    /// loop for good, so the call itself is refused.
    ///
    /// @param body the coroutine; runs in a copy of the calling thread's context
    /// @param loop where to run it
    /// @param <T> the type of the result
    /// @return the result to come; it fails with the exception of the body itself
    /// @throws IllegalStateException if called on the thread of `loop` while it runs, or the loop
    ///   is closed
    public static <T extends @Nullable Object> CompletableFuture<T> runCoroutineThreadsafe(
            Callable<T> body, EventLoop loop) {
        Objects.requireNonNull(body, "body");
        if (EventLoop.currentOrNull() == loop) {
            throw new IllegalStateException(
                    "runCoroutineThreadsafe was called on the thread of "
                            + loop
                            + " itself, and to wait for its future there would stop the loop for"
                            + " good; use createTask and await()");
        }
        return ThreadsafeCall.submit(body, loop);
    }

    /// Runs a coroutine without a result on a loop, from another thread: see
    /// [#runCoroutineThreadsafe(Callable, EventLoop)].
    ///
    /// @param body the coroutine; runs in a copy of the calling thread's context
    /// @param loop where to run it
    /// @return the end to come, with null
    /// @throws IllegalStateException if called on the thread of `loop` while it runs, or the loop
    ///   is closed
    @SuppressWarnings("overloads")
    public static CompletableFuture<@Nullable Void> runCoroutineThreadsafe(
            AsyncRunnable body, EventLoop loop) {
        Objects.requireNonNull(body, "body");
        return runCoroutineThreadsafe(withoutResult(body::run), loop);
    }

    private static Callable<@Nullable Void> withoutResult(
            ThrowingRunnable<? extends Exception> body) {
        Objects.requireNonNull(body, "body");
        return () -> {
            body.run();
            return null;
        };
    }

    /// Sets the default executor of the current loop, which owns it from now on and shuts it down.
    ///
    /// An executor that was set before goes back to who set it; the pool of the loop's own is shut
    /// down, and finishes the work it has. The executor may be one of virtual threads.
    ///
    /// @param executor runs the work of `toThread` and of `runInExecutor` without an executor
    /// @throws IllegalArgumentException if the executor was shut down already
    /// @throws IllegalStateException if the default executor of the loop was shut down, or no loop
    ///   runs on this thread
    public static void setDefaultExecutor(ExecutorService executor) {
        Objects.requireNonNull(executor, "executor");
        DefaultExecutor.of(EventLoop.current()).replaceBy(executor);
    }

    /// Shuts the default executor of the current loop down and waits for the work in it. Later
    /// submissions to it fail; a second call waits too. **Suspends.**
    ///
    /// When the time is over, that is reported to the loop's exception handler, and the work goes
    /// on alone. If the waiting task is cancelled, the executor stays shut down.
    ///
    /// @param timeout how long to wait at most, in real time whatever the loop's clock is; zero
    ///   only looks
    /// @throws IllegalArgumentException if the timeout is negative
    /// @throws CancelledError if the task was cancelled
    /// @throws IllegalStateException if this is no coroutine
    public static void shutdownDefaultExecutor(Duration timeout) {
        if (timeout.isNegative()) {
            throw new IllegalArgumentException("the timeout is negative: " + timeout);
        }
        DefaultExecutor.of(EventLoop.current()).shutdown(timeout);
    }
}

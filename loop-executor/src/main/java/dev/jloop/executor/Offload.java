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
import java.util.function.Function;

/// Work on other threads from a loop, and coroutines from other threads.
///
/// ```java
/// var report = Offload.toThread(() -> database.report());             // a coroutine: it blocks
/// var digest = Offload.compute(() -> sha256(block));                   // a coroutine: it computes
/// var answer = Offload.callFromThread(() -> ask(peer));                // in a body of toThread
/// var future = Offload.runCoroutineThreadsafe(() -> ask(peer), loop);  // on any other thread
/// ```
///
/// **Work that blocks** goes to the default executor of the loop: threads named after the loop with
/// `-worker-` and a number, for 64 pieces of work at a time. Further work waits, first in, first
/// out, for a token of [#defaultLimiter()], whose total can be changed; a call may name a
/// [CapacityLimiter] of its own instead, see [OffloadOptions]. The queue has no bound, as the
/// coroutines that wait for the work are the bound.
///
/// On the engine `mounted` each piece of work has a virtual thread of its own. On `baton`, where
/// the loop is a virtual thread itself and work that holds its carrier could stop it, they are
/// platform threads, started when needed and kept for a minute.
///
/// **Work that computes** goes to [#compute(ThrowingSupplier)], a pool of as many platform threads
/// as there are processors, named with `-compute-`. It has no place among work that blocks: a
/// virtual thread that computes does not let go of the carrier it is on, there are as many carriers
/// as processors, and all virtual threads of the JVM wait behind it; 64 platform threads that
/// compute share the processors with the loop's thread, which then runs late.
///
/// **Shutdown.** [dev.jloop.core.Runner] waits up to five minutes for the work when it closes,
/// after all hooks of [EventLoop#onShutdown], and reports what is left: see
/// [#shutdownDefaultExecutor(Duration)]. [EventLoop#close()] alone does not wait; work that still
/// waits for a token is dropped then, and reported. No thread of this class keeps the JVM alive.
///
/// **Cancellation.** Cancelling what was returned, or the task that suspends here, takes work back
/// that has not started. Work that has started goes on, and its result or failure is dropped; its
/// thread is interrupted only where [OffloadOptions#withInterruptOnCancel(boolean)] says so. A body
/// hears of it by [#checkCancelled()], and by its next [#callFromThread(ThrowingSupplier)]. Its
/// token comes back when it has ended.
///
/// An executor that drops work it has accepted, as `shutdownNow` does, leaves its future pending.
///
/// **Virtual time.** A loop on a virtual clock lets no time pass while work it waits for is on a
/// thread, unless that waits for a coroutine of the loop.
///
/// @since 0.1
public final class Offload {
    /// How long a loop for which its own work waits may give no sign before it is looked at.
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private Offload() {}

    // ---- a future of the result

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
        return runInExecutor(executor, body, OffloadOptions.DEFAULTS);
    }

    /// Runs `body` in an executor, with options: see [#runInExecutor(Executor, Callable)].
    ///
    /// @param executor runs the body; one that runs it inside this call keeps the loop waiting
    /// @param body what to run, on a thread of the executor
    /// @param options limiter, interrupt, name. While the work waits for a token of a limiter that
    ///   they name, it is not handed to the executor; one that refuses it then fails the future
    /// @param <T> the type of the result
    /// @return the future result, of the current loop
    /// @throws RejectedExecutionException if the executor takes no more work
    /// @throws IllegalStateException if no loop runs on this thread
    public static <T extends @Nullable Object> LoopFuture<T> runInExecutor(
            Executor executor, Callable<T> body, OffloadOptions options) {
        Objects.requireNonNull(executor, "executor");
        Objects.requireNonNull(options, "options");
        return OffloadedCall.submit(
                Destination.of(executor), body, body, options, EventLoop.current());
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
        return OffloadedCall.submit(
                Destination.of(executor),
                withoutResult(body),
                body,
                OffloadOptions.DEFAULTS,
                EventLoop.current());
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
        return runInExecutor(body, OffloadOptions.DEFAULTS);
    }

    /// Runs `body` in the default executor of the current loop, with options: see
    /// [#runInExecutor(Executor, Callable, OffloadOptions)].
    ///
    /// @param body what to run, on a thread of the executor
    /// @param options limiter, interrupt, name
    /// @param <T> the type of the result
    /// @return the future result, of the current loop
    /// @throws IllegalStateException if the default executor was shut down, or no loop runs on this
    ///   thread
    /// @throws RejectedExecutionException if an executor given to
    ///   [#setDefaultExecutor(ExecutorService)] takes no more work
    public static <T extends @Nullable Object> LoopFuture<T> runInExecutor(
            Callable<T> body, OffloadOptions options) {
        Objects.requireNonNull(options, "options");
        var loop = EventLoop.current();
        return OffloadedCall.submit(DefaultExecutor.of(loop).blocking(), body, body, options, loop);
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
                DefaultExecutor.of(loop).blocking(),
                withoutResult(body),
                body,
                OffloadOptions.DEFAULTS,
                loop);
    }

    // ---- waiting for the result

    /// Runs `body`, which may block, in the default executor, in a copy of the current context, and
    /// waits for it. **Suspends.**
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
        return toThread(body, OffloadOptions.DEFAULTS);
    }

    /// Runs `body` in the default executor, with options, and waits for it: see
    /// [#toThread(ThrowingSupplier)]. **Suspends**, also while it waits for a token of the limiter.
    ///
    /// @param body what to run, on a thread of the executor
    /// @param options limiter, interrupt, name
    /// @param <T> the type of the result
    /// @param <X> what the body may throw
    /// @return the result of the body
    /// @throws X whatever the body fails with
    /// @throws CancelledError if the task was cancelled; a body that has started goes on alone,
    ///   interrupted if the options say so
    /// @throws IllegalStateException if the default executor was shut down, or this is no coroutine
    /// @throws RejectedExecutionException if an executor given to
    ///   [#setDefaultExecutor(ExecutorService)] takes no more work
    public static <T extends @Nullable Object, X extends Throwable> T toThread(
            ThrowingSupplier<? extends T, X> body, OffloadOptions options) throws X {
        Objects.requireNonNull(body, "body");
        return inThread(DefaultExecutor::blocking, body, body, options);
    }

    /// Runs `body` in the default executor with a token of `limiter`, and waits for it: see
    /// [#toThread(ThrowingSupplier, OffloadOptions)]. **Suspends.**
    ///
    /// @param body what to run, on a thread of the executor
    /// @param limiter takes the place of [#defaultLimiter()]
    /// @param <T> the type of the result
    /// @param <X> what the body may throw
    /// @return the result of the body
    /// @throws X whatever the body fails with
    /// @throws CancelledError if the task was cancelled; a body that has started goes on alone
    /// @throws IllegalStateException if the default executor was shut down, or this is no coroutine
    /// @throws RejectedExecutionException if an executor given to
    ///   [#setDefaultExecutor(ExecutorService)] takes no more work
    public static <T extends @Nullable Object, X extends Throwable> T toThread(
            ThrowingSupplier<? extends T, X> body, CapacityLimiter limiter) throws X {
        return toThread(body, OffloadOptions.DEFAULTS.withLimiter(limiter));
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
        toThread(body, OffloadOptions.DEFAULTS);
    }

    /// Runs `body`, which gives no result, in the default executor, with options, and waits for it:
    /// see [#toThread(ThrowingSupplier, OffloadOptions)]. **Suspends.**
    ///
    /// @param body what to run, on a thread of the executor
    /// @param options limiter, interrupt, name
    /// @param <X> what the body may throw
    /// @throws X whatever the body fails with
    /// @throws CancelledError if the task was cancelled; a body that has started goes on alone,
    ///   interrupted if the options say so
    /// @throws IllegalStateException if the default executor was shut down, or this is no coroutine
    /// @throws RejectedExecutionException if an executor given to
    ///   [#setDefaultExecutor(ExecutorService)] takes no more work
    @SuppressWarnings("overloads")
    public static <X extends Throwable> void toThread(
            ThrowingRunnable<X> body, OffloadOptions options) throws X {
        Objects.requireNonNull(body, "body");
        var _ = inThread(DefaultExecutor::blocking, withValue(body), body, options);
    }

    /// Runs `body`, which gives no result, in the default executor with a token of `limiter`, and
    /// waits for it: see [#toThread(ThrowingSupplier, CapacityLimiter)]. **Suspends.**
    ///
    /// @param body what to run, on a thread of the executor
    /// @param limiter takes the place of [#defaultLimiter()]
    /// @param <X> what the body may throw
    /// @throws X whatever the body fails with
    /// @throws CancelledError if the task was cancelled; a body that has started goes on alone
    /// @throws IllegalStateException if the default executor was shut down, or this is no coroutine
    /// @throws RejectedExecutionException if an executor given to
    ///   [#setDefaultExecutor(ExecutorService)] takes no more work
    @SuppressWarnings("overloads")
    public static <X extends Throwable> void toThread(
            ThrowingRunnable<X> body, CapacityLimiter limiter) throws X {
        toThread(body, OffloadOptions.DEFAULTS.withLimiter(limiter));
    }

    /// Runs `body`, which computes, in the pool for computing of the current loop, in a copy of the
    /// current context, and waits for it: as [#toThread(ThrowingSupplier)], but on one of as many
    /// platform threads as there are processors. **Suspends.**
    ///
    /// Further work waits in a queue, first in, first out. A body should not block, as it keeps a
    /// processor's place meanwhile.
    ///
    /// @param body what to run, on a thread of the pool
    /// @param <T> the type of the result
    /// @param <X> what the body may throw
    /// @return the result of the body
    /// @throws X whatever the body fails with
    /// @throws CancelledError if the task was cancelled; a body that has started goes on alone, and
    ///   may end early where it asks [#checkCancelled()]
    /// @throws IllegalStateException if the default executor was shut down, or this is no coroutine
    public static <T extends @Nullable Object, X extends Throwable> T compute(
            ThrowingSupplier<? extends T, X> body) throws X {
        return compute(body, OffloadOptions.DEFAULTS);
    }

    /// Runs `body` in the pool for computing, with options, and waits for it: see
    /// [#compute(ThrowingSupplier)]. **Suspends.**
    ///
    /// @param body what to run, on a thread of the pool
    /// @param options limiter, interrupt, name; without a limiter the pool is the bound
    /// @param <T> the type of the result
    /// @param <X> what the body may throw
    /// @return the result of the body
    /// @throws X whatever the body fails with
    /// @throws CancelledError if the task was cancelled; a body that has started goes on alone, and
    ///   may end early where it asks [#checkCancelled()]
    /// @throws IllegalStateException if the default executor was shut down, or this is no coroutine
    public static <T extends @Nullable Object, X extends Throwable> T compute(
            ThrowingSupplier<? extends T, X> body, OffloadOptions options) throws X {
        Objects.requireNonNull(body, "body");
        return inThread(DefaultExecutor::computing, body, body, options);
    }

    private static <T extends @Nullable Object, X extends Throwable> T inThread(
            Function<DefaultExecutor, Destination> destination,
            ThrowingSupplier<? extends T, X> body,
            Object described,
            OffloadOptions options)
            throws X {
        Objects.requireNonNull(options, "options");
        var loop = EventLoop.current();
        if (loop.currentTask() == null) {
            throw new IllegalStateException(
                    "toThread and compute work in a coroutine only, and this is a callback of "
                            + loop
                            + "; use runInExecutor, which gives a future, or start a coroutine with"
                            + " createTask");
        }
        var context = Context.copyCurrent();
        Callable<Outcome<T>> call = () -> outcomeOf(context, body);
        return valueOf(
                OffloadedCall.submit(
                                destination.apply(DefaultExecutor.of(loop)),
                                call,
                                described,
                                options,
                                loop)
                        .await());
    }

    private static <X extends Throwable> ThrowingSupplier<Boolean, X> withValue(
            ThrowingRunnable<X> body) {
        return () -> {
            body.run();
            return true;
        };
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

    // ---- from a thread to the loop

    /// Runs a coroutine on the loop for which this thread works, and blocks until it has ended: for
    /// a body given to `toThread`, `compute` or `runInExecutor`.
    ///
    /// The coroutine runs in a copy of this thread's context. What it throws comes out here as the
    /// same instance.
    ///
    /// **Cancellation** goes both ways. Where the future of the body, or the task that waits for
    /// it, is cancelled, so is the coroutine. If no coroutine is under way then, the next call here
    /// throws [CancelledError] and runs nothing; later ones work, for clean-up. An interrupt of
    /// this thread cancels the coroutine too; this call then waits for its clean-up, and leaves
    /// with the flag set.
    ///
    /// **Deadlock.** The call is refused where it could not end: on the thread of a loop, and where
    /// the loop is closed or does not run. While it waits it looks each second whether the loop
    /// gives a sign. A loop that blocks in one and the same callback without a limit of time, in a
    /// lock, a future or a latch, most likely waits for this very work; after about three seconds
    /// of that the call fails, and cancels the coroutine. If the loop stops, it waits on for the
    /// next run or the close.
    ///
    /// @param body the coroutine
    /// @param <T> the type of the result
    /// @param <X> what the coroutine may throw
    /// @return the result of the coroutine
    /// @throws X whatever the coroutine fails with
    /// @throws CancelledError if the coroutine was cancelled, nobody waits for this work any more,
    ///   or the loop was closed meanwhile
    /// @throws IllegalStateException if this is the thread of a loop, or does no work of one, or
    ///   the loop is closed, does not run, or is stuck
    /// @see #runCoroutineThreadsafe(Callable, EventLoop)
    public static <T extends @Nullable Object, X extends Throwable> T callFromThread(
            ThrowingSupplier<? extends T, X> body) throws X {
        Objects.requireNonNull(body, "body");
        return CallFromThread.run(body, PATIENCE);
    }

    /// Runs a coroutine without a result on the loop for which this thread works, and blocks until
    /// it has ended: see [#callFromThread(ThrowingSupplier)].
    ///
    /// @param body the coroutine
    /// @param <X> what the coroutine may throw
    /// @throws X whatever the coroutine fails with
    /// @throws CancelledError if the coroutine was cancelled, nobody waits for this work any more,
    ///   or the loop was closed meanwhile
    /// @throws IllegalStateException if this is the thread of a loop, or does no work of one, or
    ///   the loop is closed, does not run, or is stuck
    @SuppressWarnings("overloads")
    public static <X extends Throwable> void callFromThread(ThrowingRunnable<X> body) throws X {
        Objects.requireNonNull(body, "body");
        var _ = CallFromThread.run(withValue(body), PATIENCE);
    }

    /// Ends a body that nobody waits for: for long bodies, now and then. Costs a few nanoseconds.
    ///
    /// @throws CancelledError if this thread runs a body given to `toThread`, `compute` or
    ///   `runInExecutor`, and its future, or the task that waits for it, was cancelled
    public static void checkCancelled() {
        var work = OffloadedCall.current();
        if (work != null && work.isAbandoned()) {
            throw new CancelledError("nobody waits any more for " + work.label());
        }
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
        return new ThreadsafeCall<>(body, loop).submit();
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

    // ---- the default executor

    /// {@return the limiter of the default executor of the current loop: of its own threads for
    /// work that blocks, in use by work that names no other} Its total is 64 unless changed.
    ///
    /// @throws IllegalStateException if no loop runs on this thread
    public static CapacityLimiter defaultLimiter() {
        return DefaultExecutor.of(EventLoop.current()).limiter();
    }

    /// Sets the default executor of the current loop for work that blocks. The loop owns it from
    /// now on and shuts it down.
    ///
    /// It brings its own bound: [#defaultLimiter()] is not asked for it. An executor that was set
    /// before goes back to who set it; work on the loop's own threads ends there.
    ///
    /// @param executor runs the work of `toThread` and of `runInExecutor` without an executor
    /// @throws IllegalArgumentException if the executor was shut down already
    /// @throws IllegalStateException if the default executor of the loop was shut down, or no loop
    ///   runs on this thread
    public static void setDefaultExecutor(ExecutorService executor) {
        Objects.requireNonNull(executor, "executor");
        DefaultExecutor.of(EventLoop.current()).replaceBy(executor);
    }

    /// Shuts the default executor of the current loop down, with the pool for computing, and waits
    /// for the work in them, that which waits for a token too. Later submissions to them fail; a
    /// second call waits too. **Suspends.**
    ///
    /// When the time is over, what is left goes on alone, and is reported to the loop's exception
    /// handler: the message has a line for each piece of work, 20 at most, with its name, for how
    /// long it has run, on which thread and where that stands; all lines are in the details, a list
    /// under the key `work`. If the waiting task is cancelled, the executor stays shut down.
    ///
    /// On a virtual clock time passes while the last work waits for coroutines, and stands still
    /// while it works, also where its future was cancelled.
    ///
    /// @param timeout how long to wait at most, in real time whatever the loop's clock is; zero
    ///   only looks. Where no work is left, threads without any get up to 100 ms to end
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

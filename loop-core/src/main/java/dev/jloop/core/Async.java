package dev.jloop.core;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;

/// The everyday calls, for a static import. All but [#run(Callable)] act on the loop that runs on
/// the calling thread and throw `IllegalStateException` where none does.
///
/// **Suspends** marks an await point: only there can other callbacks and coroutines run, and only
/// there is a cancellation delivered.
///
/// @since 0.1
public final class Async {
    private Async() {}

    // ---- running

    /// Runs a coroutine as the main task of a new loop, and closes the loop when it is done.
    ///
    /// Tasks that are left are cancelled and awaited, generators that were left are closed,
    /// shutdown hooks are run. SIGINT and SIGTERM cancel the main task and, when everything has
    /// cleaned up, end the JVM: see [Runner].
    ///
    /// @param body the coroutine
    /// @param <T> the type of its result
    /// @return its result
    /// @throws java.util.concurrent.CompletionException if the body threw a checked exception,
    ///   which is its cause; an unchecked one or an error is thrown as it is
    /// @throws IllegalStateException if a loop runs on this thread already
    public static <T extends @Nullable Object> T run(Callable<T> body) {
        try (var runner = new Runner()) {
            return runner.run(body);
        }
    }

    /// Runs a coroutine without a result as the main task of a new loop: see [#run(Callable)].
    ///
    /// @param body the coroutine
    /// @throws java.util.concurrent.CompletionException if the body threw a checked exception,
    ///   which is its cause; an unchecked one or an error is thrown as it is
    /// @throws IllegalStateException if a loop runs on this thread already
    @SuppressWarnings(
            "overloads") // a lambda with a value and one without are told apart by their body
    public static void run(AsyncRunnable body) {
        run(Bodies.withoutResult(body));
    }

    // ---- tasks

    /// Starts a coroutine as a task: see [EventLoop#createTask(Callable)].
    ///
    /// @param body the coroutine
    /// @param <T> the type of the task's result
    /// @return the task
    public static <T extends @Nullable Object> Task<T> createTask(Callable<T> body) {
        return EventLoop.current().createTask(body);
    }

    /// Starts a coroutine as a task: see [EventLoop#createTask(Callable, String)].
    ///
    /// @param body the coroutine
    /// @param name the task's name
    /// @param <T> the type of the task's result
    /// @return the task
    public static <T extends @Nullable Object> Task<T> createTask(Callable<T> body, String name) {
        return EventLoop.current().createTask(body, name);
    }

    /// Starts a coroutine as a task: see [EventLoop#createTask(Callable, TaskOptions)].
    ///
    /// @param body the coroutine
    /// @param options name, context, eager start
    /// @param <T> the type of the task's result
    /// @return the task
    public static <T extends @Nullable Object> Task<T> createTask(
            Callable<T> body, TaskOptions options) {
        return EventLoop.current().createTask(body, options);
    }

    /// Starts a coroutine without a result as a task: see [EventLoop#createTask(AsyncRunnable)].
    ///
    /// @param body the coroutine
    /// @return the task
    @SuppressWarnings("overloads")
    public static Task<@Nullable Void> createTask(AsyncRunnable body) {
        return EventLoop.current().createTask(body);
    }

    /// Starts a coroutine without a result as a task: see [EventLoop#createTask(AsyncRunnable,
    /// String)].
    ///
    /// @param body the coroutine
    /// @param name the task's name
    /// @return the task
    @SuppressWarnings("overloads")
    public static Task<@Nullable Void> createTask(AsyncRunnable body, String name) {
        return EventLoop.current().createTask(body, name);
    }

    /// Starts a coroutine without a result as a task: see [EventLoop#createTask(AsyncRunnable,
    /// TaskOptions)].
    ///
    /// @param body the coroutine
    /// @param options name, context, eager start
    /// @return the task
    @SuppressWarnings("overloads")
    public static Task<@Nullable Void> createTask(AsyncRunnable body, TaskOptions options) {
        return EventLoop.current().createTask(body, options);
    }

    /// {@return the task whose coroutine calls this, or null in a callback}
    public static @Nullable Task<?> currentTask() {
        return EventLoop.current().currentTask();
    }

    /// {@return a snapshot of the loop's tasks that are not done}
    public static Set<Task<?>> allTasks() {
        return EventLoop.current().allTasks();
    }

    // ---- time

    /// Lets at least `delay` pass on the loop's clock. **Suspends**, even for no time at all.
    ///
    /// @param delay how long; zero or negative is [#yieldNow()]
    /// @throws CancelledError if the task is cancelled meanwhile
    public static void sleep(Duration delay) {
        if (!delay.isPositive()) {
            yieldNow();
            return;
        }
        var loop = CurrentLoop.require();
        var over = new DefaultFuture<@Nullable Void>(loop, "sleep");
        var timer = loop.callLater(delay, () -> over.finishUnlessDone(null));
        try {
            over.await();
        } finally {
            timer.cancel();
        }
    }

    /// Lets everything else that is ready run once. **Suspends.**
    ///
    /// @throws CancelledError if the task is cancelled
    public static void yieldNow() {
        CurrentLoop.require().execution().requireTask("yieldNow").yieldNow();
    }

    /// Runs `body` in the current task, for `timeout` at most: see [Timeout#after(Duration)].
    /// Suspends where the body does.
    ///
    /// @param timeout zero or negative expires at the first await point that suspends
    /// @param body what to run
    /// @param <T> the type of the result
    /// @param <X> what the body may throw
    /// @return the result of the body
    /// @throws X whatever the body fails with
    /// @throws TimedOutException if the time passed
    public static <T extends @Nullable Object, X extends Throwable> T withTimeout(
            Duration timeout, ThrowingSupplier<? extends T, X> body) throws X {
        return Timeout.after(timeout).call(body);
    }

    /// Awaits `future`, for `timeout` at most; when the time has passed, the future is cancelled
    /// and its clean-up awaited. **Suspends.**
    ///
    /// @param future shield it, if it shall go on: see [#shield(LoopFuture)]
    /// @param timeout zero or negative only looks whether the future is done
    /// @param <T> the type of the result
    /// @return the result, even one that the future gives in place of being cancelled
    /// @throws TimedOutException if the time passed
    public static <T extends @Nullable Object> T waitFor(LoopFuture<T> future, Duration timeout) {
        if (timeout.isPositive()) {
            return Timeout.after(timeout).call(future::await);
        }
        if (future.isDone()) {
            return future.await();
        }
        var task = CurrentLoop.require().execution().requireTask("waitFor");
        var request = new ScopeRequest(task);
        Futures.cancel(future, Cancellation.atDeadline());
        try {
            return future.await();
        } catch (CancelledError cancellation) {
            if (request.othersCame()) {
                throw cancellation;
            }
            throw timedOutBy(cancellation, future, timeout);
        }
    }

    private static TimedOutException timedOutBy(
            CancelledError cancellation, LoopFuture<?> future, Duration timeout) {
        var timedOut =
                new TimedOutException(future + " was not done, with a timeout of " + timeout);
        timedOut.initCause(cancellation);
        return timedOut;
    }

    /// Runs `body` in the current task, for `timeout` at most. Suspends where the body does.
    ///
    /// @param body what to run; not started at all where the timeout is zero or negative
    /// @param timeout how long
    /// @param <T> the type of the result
    /// @param <X> what the body may throw
    /// @return the result of the body
    /// @throws X whatever the body fails with
    /// @throws TimedOutException if the time passed
    public static <T extends @Nullable Object, X extends Throwable> T waitFor(
            ThrowingSupplier<? extends T, X> body, Duration timeout) throws X {
        if (!timeout.isPositive()) {
            throw new TimedOutException("the body was not started, with a timeout of " + timeout);
        }
        return withTimeout(timeout, body);
    }

    // ---- several at once

    /// {@return a future of all results, in the order of `futures`} It fails with the first
    /// failure; the other futures go on, and their failures are dropped. Cancelling it cancels
    /// them.
    ///
    /// @param futures of one loop; one that comes twice is awaited once
    /// @param <T> the type of the results
    /// @throws IllegalArgumentException if they belong to different loops
    public static <T extends @Nullable Object> LoopFuture<List<T>> gather(
            Collection<? extends LoopFuture<? extends T>> futures) {
        return GatherFuture.ofResults(futures);
    }

    /// {@return a future of all outcomes, in the order of `futures`} It waits for all, however they
    /// end. Cancelling it cancels them.
    ///
    /// @param futures of one loop; one that comes twice is awaited once
    /// @param <T> the type of the results
    /// @throws IllegalArgumentException if they belong to different loops
    public static <T extends @Nullable Object> LoopFuture<List<Outcome<T>>> gatherSettled(
            Collection<? extends LoopFuture<? extends T>> futures) {
        return GatherFuture.ofOutcomes(futures);
    }

    /// Waits until all are done, however they end. Cancelling the wait leaves them alone.
    /// **Suspends.**
    ///
    /// @param futures of one loop, at least one
    /// @param <F> the type of the futures
    /// @return all as done
    /// @throws IllegalArgumentException if there are none, or they belong to different loops
    public static <F extends LoopFuture<?>> WaitResult<F> waitAll(Collection<? extends F> futures) {
        return Wait.until(Wait.Until.ALL_DONE, futures, null);
    }

    /// Waits until all are done or the time has passed, which throws nothing. **Suspends.**
    ///
    /// @param futures of one loop, at least one
    /// @param timeout how long to wait at most
    /// @param <F> the type of the futures
    /// @return which are done and which are not
    /// @throws IllegalArgumentException if there are none, or they belong to different loops
    public static <F extends LoopFuture<?>> WaitResult<F> waitAll(
            Collection<? extends F> futures, Duration timeout) {
        return Wait.until(Wait.Until.ALL_DONE, futures, Objects.requireNonNull(timeout, "timeout"));
    }

    /// Waits until at least one is done. **Suspends.**
    ///
    /// @param futures of one loop, at least one
    /// @param <F> the type of the futures
    /// @return which are done and which are not
    /// @throws IllegalArgumentException if there are none, or they belong to different loops
    public static <F extends LoopFuture<?>> WaitResult<F> waitAny(Collection<? extends F> futures) {
        return Wait.until(Wait.Until.FIRST_DONE, futures, null);
    }

    /// Waits until at least one is done or the time has passed, which throws nothing. **Suspends.**
    ///
    /// @param futures of one loop, at least one
    /// @param timeout how long to wait at most
    /// @param <F> the type of the futures
    /// @return which are done and which are not
    /// @throws IllegalArgumentException if there are none, or they belong to different loops
    public static <F extends LoopFuture<?>> WaitResult<F> waitAny(
            Collection<? extends F> futures, Duration timeout) {
        return Wait.until(
                Wait.Until.FIRST_DONE, futures, Objects.requireNonNull(timeout, "timeout"));
    }

    /// Waits until one has failed or all are done; a cancelled one has not failed. **Suspends.**
    ///
    /// @param futures of one loop, at least one
    /// @param <F> the type of the futures
    /// @return which are done and which are not
    /// @throws IllegalArgumentException if there are none, or they belong to different loops
    public static <F extends LoopFuture<?>> WaitResult<F> waitFirstException(
            Collection<? extends F> futures) {
        return Wait.until(Wait.Until.FIRST_FAILED, futures, null);
    }

    /// Waits until one has failed, all are done, or the time has passed, which throws nothing.
    /// **Suspends.**
    ///
    /// @param futures of one loop, at least one
    /// @param timeout how long to wait at most
    /// @param <F> the type of the futures
    /// @return which are done and which are not
    /// @throws IllegalArgumentException if there are none, or they belong to different loops
    public static <F extends LoopFuture<?>> WaitResult<F> waitFirstException(
            Collection<? extends F> futures, Duration timeout) {
        return Wait.until(
                Wait.Until.FIRST_FAILED, futures, Objects.requireNonNull(timeout, "timeout"));
    }

    /// {@return the futures in the order in which they are done, for one pass} Its iterator
    /// **suspends** in `next()` and gives the very futures that were passed in.
    ///
    /// @param futures of one loop; one that comes twice is given once
    /// @param <F> the type of the futures
    /// @throws IllegalArgumentException if they belong to different loops
    public static <F extends LoopFuture<?>> Iterable<F> asCompleted(
            Collection<? extends F> futures) {
        var order = new CompletionOrder<F>(futures, null);
        return () -> order;
    }

    /// {@return the futures in the order in which they are done, for one pass} Once `timeout` has
    /// passed, counted from this call, `next()` throws [TimedOutException] for each that is left,
    /// and leaves it alone.
    ///
    /// @param futures of one loop; one that comes twice is given once
    /// @param timeout for all of them together
    /// @param <F> the type of the futures
    /// @throws IllegalArgumentException if they belong to different loops
    public static <F extends LoopFuture<?>> Iterable<F> asCompleted(
            Collection<? extends F> futures, Duration timeout) {
        var order = new CompletionOrder<F>(futures, Objects.requireNonNull(timeout, "timeout"));
        return () -> order;
    }

    /// Starts coroutines one after the other until one returns. **Suspends** until that one has won
    /// and the others have ended, or all have failed.
    ///
    /// The next one is started when `delay` has passed since the one before, or that one has
    /// failed. The winner cancels the others. If the current task is cancelled, so are all.
    ///
    /// The semantics are those of `staggered_race` in Python's `asyncio`, which stands behind
    /// connecting to several addresses at once.
    ///
    /// @param starters the coroutines, in the order in which they start; each runs as a task
    /// @param delay between two starts; zero starts them one each turn
    /// @param <T> the type of the result
    /// @return who has won, and what the others failed with
    /// @throws IllegalArgumentException if the delay is negative
    public static <T extends @Nullable Object> RaceResult<T> staggeredRace(
            List<? extends Callable<? extends T>> starters, Duration delay) {
        return new StaggeredRace<T>(starters, Objects.requireNonNull(delay, "delay")).run();
    }

    /// Runs coroutines one after the other until one returns: the next one is started when the one
    /// before has failed. **Suspends.** See [#staggeredRace(List, Duration)].
    ///
    /// @param starters the coroutines, in the order in which they start; each runs as a task
    /// @param <T> the type of the result
    /// @return who has won, and what the others failed with
    public static <T extends @Nullable Object> RaceResult<T> staggeredRace(
            List<? extends Callable<? extends T>> starters) {
        return new StaggeredRace<T>(starters, null).run();
    }

    /// {@return a future that ends as `inner` does, and can be cancelled without cancelling it} If
    /// `inner` fails after that, its failure is reported to the exception handler.
    ///
    /// @param inner goes on whatever happens to who waits
    /// @param <T> the type of the result
    public static <T extends @Nullable Object> LoopFuture<T> shield(LoopFuture<T> inner) {
        return ShieldFuture.around(inner);
    }

    /// {@return `future` itself}
    ///
    /// @param future a future of the current loop
    /// @param <T> the type of the result
    /// @throws IllegalArgumentException if it belongs to another loop
    public static <T extends @Nullable Object> LoopFuture<T> ensureFuture(LoopFuture<T> future) {
        var loop = EventLoop.current();
        if (future.loop() != loop) {
            throw new IllegalArgumentException(
                    future + " belongs to " + future.loop() + ", not to " + loop);
        }
        return future;
    }

    /// {@return a task that runs `body`}
    ///
    /// @param body the coroutine
    /// @param <T> the type of the result
    public static <T extends @Nullable Object> LoopFuture<T> ensureFuture(Callable<T> body) {
        return createTask(body);
    }

    // ---- generators

    /// {@return the items that `body` emits, for a plain for-each}
    ///
    /// ```java
    /// for (var page : Async.<Page>generate(emitter -> {
    ///     for (var url = first; url != null; ) {
    ///         var page = fetch(url);
    ///         emitter.emit(page);
    ///         url = page.next();
    ///     }
    /// })) {
    ///     show(page);
    /// }
    /// ```
    ///
    /// The body is a coroutine in lock-step with whoever iterates: it begins when the first item is
    /// asked for, is suspended in [Emitter#emit(Object)] until the next one is, and makes nothing
    /// ahead. Each iterator runs it anew. `hasNext()` and `next()` **suspend** until it has emitted
    /// or ended, and throw what it fails with. A cancellation of the task that waits there is
    /// thrown in the body, at its await point.
    ///
    /// The body runs for the task that iterates, so it sees and sets that task's context variables,
    /// and [#currentTask()] is that task. Scopes such as [Timeout] and [TaskGroup] may have an
    /// `emit` inside: they end the body and not the task, when the next item is asked for at the
    /// earliest.
    ///
    /// **Closing.** A generator that is left before its end waits in its `emit`, and its `finally`
    /// blocks have not run. Closing the iterator runs them, by [CancelledError] from `emit`; they
    /// may await. A for-each does not close, so one that may be left early is better written with
    /// try-with-resources:
    ///
    /// ```java
    /// try (var pages = generator.iterator()) {
    ///     show(pages.next());
    /// }
    /// ```
    ///
    /// Generators left behind are closed some time after nothing refers to their iterator, and at
    /// the latest by [EventLoop#shutdownAsyncGenerators()], which every [#run(Callable)] ends with.
    ///
    /// In a for-each the compiler cannot tell the type of the items by itself; write it as above.
    ///
    /// @param body makes the items
    /// @param <T> the type of the items
    public static <T extends @Nullable Object> AsyncIterable<T> generate(Generator<T> body) {
        return new GeneratorIterable<>(body);
    }
}

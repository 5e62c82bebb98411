package dev.jloop.executor;

import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopException;
import dev.jloop.core.LoopFuture;
import dev.jloop.core.Outcome;
import dev.jloop.core.Task;

import org.jspecify.annotations.Nullable;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;

/// A coroutine on a loop that another thread asked for, and that thread's future of it.
///
/// @param <T> the type of the result
final class ThreadsafeCall<T extends @Nullable Object> {
    private final Callable<T> body;
    private final EventLoop loop;
    private final CompletableFuture<T> result = new CompletableFuture<>();

    /// Once started. Loop thread.
    private @Nullable Task<T> task;

    /// Loop thread.
    private boolean cancelRequested;

    /// Set before the loop itself completes the result.
    private volatile boolean ended;

    /// Why the task was cancelled, where that is known. Set before the result is cancelled.
    private volatile @Nullable String cancelReason;

    ThreadsafeCall(Callable<T> body, EventLoop loop) {
        this.body = body;
        this.loop = loop;
    }

    /// Hands it to the loop. Any thread but the loop's.
    ///
    /// @return the thread's future; completing it cancels the coroutine
    CompletableFuture<T> submit() {
        loop.cancelOnClose(result); // for a loop that closes before it comes to it
        loop.callSoonThreadsafe(this::start);
        return result;
    }

    /// {@return why the task was cancelled; null if it was not, or no reason is known. Any thread,
    /// once the result is cancelled}
    @Nullable String cancelReason() {
        return cancelReason;
    }

    /// Asks the coroutine to cancel; the result tells how it has ended. Only once, as one reason
    /// may come by two ways, and a second cancel would cut its clean-up. Loop thread.
    void requestCancel(String reason) {
        if (cancelRequested) {
            return;
        }
        cancelRequested = true;
        if (task == null) {
            result.cancel(false); // so that it never starts
        } else {
            task.cancel(reason);
        }
    }

    /// Loop thread.
    private void start() {
        if (result.isDone()) {
            return; // the caller gave up before the loop came to it
        }
        var created = createTask();
        task = created;
        Pending.on(loop).add(this);
        created.addDoneCallback(this::taskDone);
        var _ = result.whenComplete((_, _) -> resultDone(created));
    }

    private Task<T> createTask() {
        try {
            return loop.createTask(body);
        } catch (RuntimeException | Error failure) {
            result.completeExceptionally(failure);
            throw failure; // so that the loop reports it
        }
    }

    /// Loop thread.
    private void taskDone(LoopFuture<T> task) {
        Pending.on(loop).remove(this);
        ended = true;
        switch (Outcome.of(task)) {
            case Outcome.Success<T>(var value) -> result.complete(value);
            case Outcome.Failure<T>(var failure) -> fail(failure, task);
            case Outcome.Cancelled<T>(var cancellation) -> {
                cancelReason = cancellation.reason();
                result.cancel(false);
            }
        }
    }

    private void fail(Throwable failure, LoopFuture<T> task) {
        if (!result.completeExceptionally(failure)) {
            loop.callExceptionHandler(
                    LoopException.of(
                                    "a coroutine failed after the caller of runCoroutineThreadsafe"
                                            + " had given up",
                                    failure)
                            .with("task", task));
        }
    }

    /// On whatever thread has completed the result.
    private void resultDone(Task<T> task) {
        if (!ended) {
            Handover.submitUnlessClosed(
                    loop, () -> task.cancel("the caller of runCoroutineThreadsafe gave up"));
        }
    }

    /// Loop thread, in a loop that closes.
    private void loopCloses() {
        if (task != null && task.isDone()) {
            taskDone(task); // which no turn is left for
        } else {
            ended = true;
            result.cancel(false);
        }
    }

    /// The calls of one loop that have started and not ended. A loop that closes ends its tasks
    /// without another turn, so their callers are told by this. Confined to the loop's thread.
    private static final class Pending implements AutoCloseable {
        private final Set<ThreadsafeCall<?>> calls = new LinkedHashSet<>();

        static Pending on(EventLoop loop) {
            return loop.service(Pending.class, _ -> new Pending());
        }

        void add(ThreadsafeCall<?> call) {
            calls.add(call);
        }

        void remove(ThreadsafeCall<?> call) {
            calls.remove(call);
        }

        @Override
        public void close() {
            var left = List.copyOf(calls);
            calls.clear();
            left.forEach(ThreadsafeCall::loopCloses);
        }
    }
}

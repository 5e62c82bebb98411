package dev.jloop.core;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Supplier;

/// Runs several main coroutines, one after the other, on one loop, and closes the loop properly.
///
/// The loop is made on first use. [#close()] cancels the tasks that are left and waits for them,
/// closes generators that were left early, runs the hooks of [EventLoop#onShutdown(AsyncRunnable)]
/// and closes the loop.
///
/// **Signals.** While a run is on, SIGINT and SIGTERM cancel its main task; a second one, during
/// the run or in [#close()], ends the JVM at once, with the tree of the tasks and the stack of what
/// the loop was doing on standard error. If the main task ended by that cancellation, [#close()]
/// ends the JVM with 130 or 143 after the clean-up, as the signal would have done without it; so it
/// does where the first signal comes during the clean-up. A further run means that the signal was
/// dealt with. Only one runner of a JVM sees to signals at a time; [#handleSignals(boolean)]
/// switches it off.
///
/// **Threading:** one thread at a time.
///
/// The semantics are those of Python's `asyncio.Runner`.
///
/// @since 0.1
public final class Runner implements AutoCloseable {
    private enum State {
        CREATED,
        OPEN,
        CLOSED
    }

    private final Supplier<? extends EventLoop> loops;
    private final Context context = Context.copyCurrent();
    private State state = State.CREATED;
    private boolean handleSignals = true;
    private @Nullable EventLoop loop;
    private @Nullable Interruption interruption;

    /// A runner of an ordinary loop.
    public Runner() {
        this(() -> SelectorEventLoop.builder().build());
    }

    /// A runner of a loop of the caller's own.
    ///
    /// @param loops makes the loop, on first use
    public Runner(Supplier<? extends EventLoop> loops) {
        this.loops = Objects.requireNonNull(loops, "loops");
    }

    /// Says whether SIGINT and SIGTERM cancel the main task; they do unless switched off.
    ///
    /// @param on false to leave signals alone
    /// @return this runner
    public Runner handleSignals(boolean on) {
        handleSignals = on;
        return this;
    }

    /// {@return the loop}
    ///
    /// @throws IllegalStateException if the runner is closed
    public EventLoop loop() {
        if (state == State.CLOSED) {
            throw new IllegalStateException("the runner is closed; make a new one");
        }
        if (loop == null) {
            loop = Objects.requireNonNull(loops.get(), "the supplier of loops gave null");
            state = State.OPEN;
        }
        return loop;
    }

    /// Runs a coroutine as the main task. All runs share one context, which began as a copy of that
    /// in which the runner was made.
    ///
    /// @param body the coroutine
    /// @param <T> the type of its result
    /// @return its result
    /// @throws java.util.concurrent.CompletionException if the body threw a checked exception,
    ///   which is its cause; an unchecked one or an error is thrown as it is
    /// @throws CancelledError if the main task was cancelled, by a signal too
    /// @throws IllegalStateException if the runner is closed, or a loop runs on this thread already
    public <T extends @Nullable Object> T run(Callable<T> body) {
        Objects.requireNonNull(body, "body");
        var running = EventLoop.currentOrNull();
        if (running != null) {
            throw new IllegalStateException(
                    "cannot start a run inside a running loop: "
                            + running
                            + " is running on this thread; call await() or createTask instead");
        }
        var current = loop();
        if (current.isRunning()) {
            throw new IllegalStateException(current + " is already running, on another thread");
        }
        var main = current.createTask(body, "main", context);
        stopWatching(); // whoever runs on after a signal has dealt with it
        var watch = handleSignals ? Interruption.watch(current, main) : null;
        try {
            return current.runUntilComplete(main);
        } finally {
            if (watch != null) {
                runEnded(watch, main);
            }
        }
    }

    /// After a signal has ended the run, a second one shall end the clean-up too.
    private void runEnded(Interruption watch, Task<?> main) {
        if (watch.hasEnded(main)) {
            interruption = watch;
        } else {
            watch.close();
        }
    }

    private void stopWatching() {
        if (interruption != null) {
            interruption.close();
            interruption = null;
        }
    }

    /// Runs a coroutine without a result as the main task: see [#run(Callable)].
    ///
    /// @param body the coroutine
    /// @throws java.util.concurrent.CompletionException if the body threw a checked exception,
    ///   which is its cause; an unchecked one or an error is thrown as it is
    /// @throws CancelledError if the main task was cancelled, by a signal too
    /// @throws IllegalStateException if the runner is closed, or a loop runs on this thread already
    @SuppressWarnings(
            "overloads") // a lambda with a value and one without are told apart by their body
    public void run(AsyncRunnable body) {
        run(Bodies.withoutResult(body));
    }

    /// Cancels the tasks that are left, waits for them, closes generators that were left early,
    /// runs the shutdown hooks and closes the loop; a second call does nothing. What fails in it is
    /// reported to the loop's exception handler.
    ///
    /// If a run was ended by SIGINT or SIGTERM, this ends the JVM with exit code 130 or 143 and
    /// does not return.
    ///
    /// @throws IllegalStateException if called inside a run
    @Override
    public void close() {
        var current = loop;
        if (current != null && current.isRunning()) {
            throw new IllegalStateException(
                    "cannot close a runner while " + current + " runs; end the main task first");
        }
        var wasOpen = state == State.OPEN;
        state = State.CLOSED;
        if (!wasOpen || current == null) {
            return;
        }
        if (interruption == null && handleSignals) {
            interruption = Interruption.watch(current, null);
        }
        try (current) {
            cancelAll(current);
            current.runUntilComplete(() -> {
                current.shutdownAsyncGenerators();
                current.runShutdownHooks();
            });
        } finally {
            if (interruption != null) {
                interruption.exit();
            }
            stopWatching();
        }
    }

    private static void cancelAll(EventLoop loop) {
        var left = List.copyOf(loop.allTasks());
        if (left.isEmpty()) {
            return;
        }
        var closing = Cancellation.byShutdown("the runner is closing");
        left.forEach(task -> Futures.cancel(task, closing));
        loop.runUntilComplete(() -> {
            Async.waitAll(left);
        });
        for (var task : left) {
            if (Futures.hasFailed(task)) {
                loop.callExceptionHandler(
                        LoopException.of(
                                        "a task failed while its runner closed",
                                        Futures.failureOf(task))
                                .with("task", task));
            }
        }
    }
}

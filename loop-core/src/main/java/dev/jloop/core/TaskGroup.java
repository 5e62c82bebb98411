package dev.jloop.core;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;

/// A scope that ends when all tasks started in it have ended.
///
/// ```java
/// var group = new TaskGroup();
/// group.run(() -> {
///     for (var url : urls) group.createTask(() -> fetch(url));
/// });
/// ```
///
/// The first failure, of a task or of the body, cancels everything else in the scope; when all have
/// ended, the failures come out as one [ExceptionGroup]. Cancellations are no failures. If the task
/// that runs the scope is cancelled, so are the tasks in it.
///
/// A group serves once. **Threading:** the thread of its loop only.
///
/// The semantics are those of Python's `asyncio.TaskGroup`.
///
/// @since 0.1
public final class TaskGroup {
    /// ```
    /// CREATED -cancel-> CANCELLED_BEFORE -run-> ABORTING_BODY
    /// CREATED -run-> OPEN -body ends-> JOINING -last task ends-> FINISHED
    /// OPEN -task fails, or cancel-> ABORTING_BODY -body ends-> ABORTING -last task ends-> FINISHED
    /// OPEN -body fails-> ABORTING, JOINING -task fails, or cancel-> ABORTING
    /// ```
    private enum State {
        CREATED,
        CANCELLED_BEFORE,
        OPEN,
        ABORTING_BODY,
        JOINING,
        ABORTING,
        FINISHED
    }

    private static final String SHUTS_DOWN = "a task group shuts down";

    private final Set<Task<?>> tasks = new LinkedHashSet<>();
    private final List<Throwable> failures = new ArrayList<>();
    private State state = State.CREATED;
    private @Nullable SelectorEventLoop loop;
    private @Nullable CoroutineTask<?> parent;
    private @Nullable DefaultFuture<@Nullable Void> lastTaskEnded;

    /// This group has cancelled the parent, to get it out of the body.
    private boolean parentCancelled;

    /// Of the parent, when the group was entered.
    private int requestsBefore;

    private boolean undeliveredBefore;

    /// A group that is not entered yet.
    public TaskGroup() {}

    /// Runs `body` and waits for all tasks of the group. Suspends.
    ///
    /// @param body starts tasks by the `createTask` of this group, in the current task
    /// @throws ExceptionGroup if the body or a task failed
    /// @throws CancelledError if the current task was cancelled and nothing failed
    /// @throws IllegalStateException if the group was used before, or this is no coroutine
    public void run(AsyncRunnable body) {
        call(Bodies.withoutResult(body));
    }

    /// Runs `body`, waits for all tasks of the group, and gives the result of the body. Suspends.
    ///
    /// @param body starts tasks by the `createTask` of this group, in the current task
    /// @param <T> the type of the result
    /// @return the result of the body; null if [#cancel()] ended it early
    /// @throws ExceptionGroup if the body or a task failed
    /// @throws CancelledError if the current task was cancelled and nothing failed
    /// @throws IllegalStateException if the group was used before, or this is no coroutine
    public <T extends @Nullable Object> @Nullable T call(Callable<? extends T> body) {
        enter();
        T result = null;
        Throwable bodyFailure = null;
        try {
            result = body.call();
        } catch (Throwable failure) {
            bodyFailure = failure; // sorted out in leave(), when the tasks have ended
        }
        bodyEnded(bodyFailure != null);
        var cancellation = bodyFailure == null ? null : parent().cancellationIn(bodyFailure);
        var passed = join(cancellation);
        if (bodyFailure != null && cancellation == null) {
            failures.add(bodyFailure);
        }
        leave(passed);
        return result;
    }

    private void enter() {
        var cancelled = state == State.CANCELLED_BEFORE;
        if (state != State.CREATED && !cancelled) {
            throw new IllegalStateException(
                    "a task group serves once, and this one is " + describeState());
        }
        loop = CurrentLoop.require();
        parent = loop.execution().requireTask("a task group");
        requestsBefore = parent.cancelling();
        undeliveredBefore = parent.isCancelUndelivered();
        state = State.OPEN;
        if (cancelled) {
            abort();
        }
    }

    private void bodyEnded(boolean failed) {
        if (state == State.ABORTING_BODY) {
            state = State.ABORTING;
            return;
        }
        state = State.JOINING;
        if (failed) {
            abort();
        }
    }

    /// Waits for the tasks, and cancels them when the parent is cancelled.
    ///
    /// @return the cancellation of the parent, now or before, or null
    private @Nullable CancelledError join(@Nullable CancelledError before) {
        var cancellation = before;
        while (!tasks.isEmpty()) {
            lastTaskEnded = new DefaultFuture<@Nullable Void>(loop(), this);
            try {
                lastTaskEnded.await();
            } catch (CancelledError fromOutside) {
                if (cancelledFromOutside()) {
                    cancellation = fromOutside;
                }
                abort();
            }
        }
        state = State.FINISHED;
        return cancellation;
    }

    private boolean cancelledFromOutside() {
        return parent().cancelling() > requestsBefore + (parentCancelled ? 1 : 0);
    }

    private void leave(@Nullable CancelledError cancellation) {
        // What this group has requested it takes back; a request that is left came from outside.
        var ours = parentCancelled && parent().takeBack(requestsBefore, undeliveredBefore);
        if (failures.isEmpty()) {
            if (cancellation != null && !ours) {
                throw cancellation;
            }
            return;
        }
        throwIfFatal();
        if (parent().cancelling() > requestsBefore) {
            // The group of failures goes first; the request from outside is made again, so that it
            // is not lost.
            parent().uncancel();
            parent().cancel(cancellation == null ? null : cancellation.getMessage());
        }
        throw new ExceptionGroup("failures in a task group", failures);
    }

    /// An error of the JVM itself goes alone, with the others suppressed.
    private void throwIfFatal() {
        for (var failure : failures) {
            if (failure instanceof Error error && Failures.isFatal(error)) {
                failures.stream().filter(other -> other != error).forEach(error::addSuppressed);
                throw error;
            }
        }
    }

    /// Starts a coroutine as a task of this group.
    ///
    /// @param body the coroutine
    /// @param <T> the type of the task's result
    /// @return the task
    /// @throws IllegalStateException if the group is not entered yet, shuts down, or is finished
    public <T extends @Nullable Object> Task<T> createTask(Callable<T> body) {
        return createTask(body, TaskOptions.DEFAULTS);
    }

    /// Starts a coroutine as a task of this group.
    ///
    /// @param body the coroutine
    /// @param name the task's name
    /// @param <T> the type of the task's result
    /// @return the task
    /// @throws IllegalStateException if the group is not entered yet, shuts down, or is finished
    public <T extends @Nullable Object> Task<T> createTask(Callable<T> body, String name) {
        return createTask(body, TaskOptions.DEFAULTS.withName(name));
    }

    /// Starts a coroutine as a task of this group.
    ///
    /// @param body the coroutine
    /// @param options name, context, eager start
    /// @param <T> the type of the task's result
    /// @return the task
    /// @throws IllegalStateException if the group is not entered yet, shuts down, or is finished
    public <T extends @Nullable Object> Task<T> createTask(Callable<T> body, TaskOptions options) {
        switch (state) {
            case OPEN, JOINING -> {}
            case CREATED, CANCELLED_BEFORE, ABORTING_BODY, ABORTING, FINISHED ->
                    throw new IllegalStateException(
                            "a task cannot be started in a task group that is " + describeState());
        }
        var task = Objects.requireNonNull(loop).createTask(body, options);
        tasks.add(task);
        Futures.whenDone(task, () -> taskEnded(task));
        return task;
    }

    /// Starts a coroutine without a result as a task of this group.
    ///
    /// @param body the coroutine
    /// @return the task
    /// @throws IllegalStateException if the group is not entered yet, shuts down, or is finished
    @SuppressWarnings(
            "overloads") // a lambda with a value and one without are told apart by their body
    public Task<@Nullable Void> createTask(AsyncRunnable body) {
        return createTask(Bodies.withoutResult(body), TaskOptions.DEFAULTS);
    }

    /// Starts a coroutine without a result as a task of this group.
    ///
    /// @param body the coroutine
    /// @param name the task's name
    /// @return the task
    /// @throws IllegalStateException if the group is not entered yet, shuts down, or is finished
    @SuppressWarnings("overloads")
    public Task<@Nullable Void> createTask(AsyncRunnable body, String name) {
        return createTask(Bodies.withoutResult(body), TaskOptions.DEFAULTS.withName(name));
    }

    /// Starts a coroutine without a result as a task of this group.
    ///
    /// @param body the coroutine
    /// @param options name, context, eager start
    /// @return the task
    /// @throws IllegalStateException if the group is not entered yet, shuts down, or is finished
    @SuppressWarnings("overloads")
    public Task<@Nullable Void> createTask(AsyncRunnable body, TaskOptions options) {
        return createTask(Bodies.withoutResult(body), options);
    }

    private void taskEnded(Task<?> task) {
        tasks.remove(task);
        if (tasks.isEmpty() && lastTaskEnded != null) {
            lastTaskEnded.finishUnlessDone(null);
        }
        if (!task.isCancelled() && Futures.hasFailed(task)) {
            taskFailed(task, Futures.failureOf(task));
        }
    }

    private void taskFailed(Task<?> task, Throwable failure) {
        failures.add(failure);
        if (parent().isDone()) {
            loop().callExceptionHandler(
                            LoopException.of(
                                            "a task failed after the owner of its group had ended",
                                            failure)
                                    .with("task", task));
        } else {
            abort();
        }
    }

    /// Ends the group early, without an exception: cancels its tasks and, if it is still running,
    /// the body. Before the group is entered, it is cancelled on entry; afterwards this does
    /// nothing.
    public void cancel() {
        if (state == State.CREATED) {
            state = State.CANCELLED_BEFORE;
        } else {
            abort();
        }
    }

    /// Cancels the tasks and gets the parent out of the body: once, as a second request would cut
    /// their clean-up short.
    private void abort() {
        switch (state) {
            case OPEN -> {
                state = State.ABORTING_BODY;
                cancelTasks();
                parentCancelled = true;
                parent().cancel(SHUTS_DOWN);
            }
            case JOINING -> {
                state = State.ABORTING;
                cancelTasks();
            }
            case CREATED, CANCELLED_BEFORE, ABORTING_BODY, ABORTING, FINISHED -> {}
        }
    }

    private void cancelTasks() {
        for (var task : List.copyOf(tasks)) {
            task.cancel(SHUTS_DOWN);
        }
    }

    private SelectorEventLoop loop() {
        return Objects.requireNonNull(loop);
    }

    private CoroutineTask<?> parent() {
        return Objects.requireNonNull(parent);
    }

    private String describeState() {
        return switch (state) {
            case CREATED -> "not entered yet";
            case CANCELLED_BEFORE -> "cancelled before it was entered";
            case OPEN -> "open";
            case JOINING -> "waiting for its tasks";
            case ABORTING_BODY, ABORTING -> "shutting down";
            case FINISHED -> "finished";
        };
    }

    @Override
    public String toString() {
        return "TaskGroup["
                + describeState()
                + ", tasks="
                + tasks.size()
                + ", failures="
                + failures.size()
                + "]";
    }
}

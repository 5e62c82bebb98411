package dev.jloop.core;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.BiConsumer;

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
/// [#start(Startable)] starts a task and waits until it says that it is ready. In a group made by
/// [#supervisor()] a failing task leaves its siblings alone.
///
/// A group serves once. **Threading:** the thread of its loop only.
///
/// The semantics are those of Python's `asyncio.TaskGroup`; `start` is that of Trio's nurseries,
/// the supervisor that of Kotlin's `supervisorScope`.
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

    private final @Nullable BiConsumer<? super Task<?>, ? super Throwable> supervisor;
    private final Set<Task<?>> tasks = new LinkedHashSet<>();
    private final List<Throwable> failures = new ArrayList<>();
    private State state = State.CREATED;
    private @Nullable SelectorEventLoop loop;

    /// Made of the owner, to get it out of the body.
    private @Nullable ScopeRequest request;

    private @Nullable DefaultFuture<@Nullable Void> lastTaskEnded;

    /// What its tasks are cancelled by, once it shuts down.
    private @Nullable Cancellation shutDownBy;

    /// A group that is not entered yet, in which the first failure ends everything.
    public TaskGroup() {
        this(null);
    }

    private TaskGroup(@Nullable BiConsumer<? super Task<?>, ? super Throwable> supervisor) {
        this.supervisor = supervisor;
    }

    /// {@return a group in which the failure of a task does not touch the others} It is reported to
    /// the loop's exception handler, also where somebody awaits the task and gets it too. A failure
    /// of the body ends the group as it does in any other.
    public static TaskGroup supervisor() {
        return supervisor(TaskGroup::reportFailure);
    }

    /// {@return a group in which the failure of a task does not touch the others, but goes to
    /// `onFailure`} A failure of the body ends the group as it does in any other.
    ///
    /// @param onFailure called with each task that has failed and its failure, as a callback of the
    ///   loop, in the context in which the group was entered; what it throws goes to the loop's
    ///   exception handler
    public static TaskGroup supervisor(BiConsumer<? super Task<?>, ? super Throwable> onFailure) {
        return new TaskGroup(Objects.requireNonNull(onFailure, "onFailure"));
    }

    private static void reportFailure(Task<?> task, Throwable failure) {
        task.loop()
                .callExceptionHandler(
                        LoopException.of("a task of a supervising task group failed", failure)
                                .with("task", task));
    }

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
        bodyEnded(bodyFailure);
        var cancellation =
                bodyFailure == null ? null : owner().requests().cancellationIn(bodyFailure);
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
        request = new ScopeRequest(loop.execution().requireTask("a task group"));
        state = State.OPEN;
        if (cancelled) {
            abort(cancelledByCall());
        }
    }

    private void bodyEnded(@Nullable Throwable failure) {
        if (state == State.ABORTING_BODY) {
            state = State.ABORTING;
            return;
        }
        state = State.JOINING;
        if (failure != null) {
            var cancellation = owner().requests().cancellationIn(failure);
            abort(
                    cancellation == null
                            ? shutDown("its body failed with " + Descriptions.of(failure), owner())
                            : ownerCancelled(cancellation));
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
                if (request().othersCame()) {
                    cancellation = fromOutside;
                }
                abort(ownerCancelled(fromOutside));
            }
        }
        state = State.FINISHED;
        return cancellation;
    }

    private void leave(@Nullable CancelledError cancellation) {
        // What this group has requested it takes back; a request that is left came from outside.
        var ours = request().takeBack();
        if (failures.isEmpty()) {
            if (cancellation != null && !ours) {
                throw cancellation;
            }
            return;
        }
        throwIfFatal();
        if (request().othersCame()) {
            // The group of failures goes first; the request from outside is made again, so that it
            // is not lost.
            owner().repeatRequest(cancellation);
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
        checkAcceptsTasks();
        var task = loop().createTask(body, options);
        add(task);
        Futures.whenDone(task, () -> taskEnded(task));
        return task;
    }

    private void add(Task<?> task) {
        tasks.add(task);
        ((CoroutineTask<?>) task).belongTo(owner());
        if (shutDownBy != null) {
            Futures.cancel(task, shutDownBy); // by its own first step, an eager one
        }
    }

    private void checkAcceptsTasks() {
        switch (state) {
            case OPEN, JOINING -> {}
            case CREATED, CANCELLED_BEFORE, ABORTING_BODY, ABORTING, FINISHED ->
                    throw new IllegalStateException(
                            "a task cannot be started in a task group that is " + describeState());
        }
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

    /// Starts a coroutine as a task of this group, and waits until it says that it is ready.
    /// **Suspends.**
    ///
    /// ```java
    /// int port = group.start(status -> {
    ///     try (var server = listen()) {
    ///         status.started(server.port());
    ///         server.serve();
    ///     }
    /// });
    /// ```
    ///
    /// Until it is ready, its failure is thrown here, and the group goes on. If the current task is
    /// cancelled while it waits, so is the new one.
    ///
    /// @param body the coroutine
    /// @param <T> the type of what it reports
    /// @return what the coroutine gave to [TaskStatus#started(Object)]
    /// @throws java.util.concurrent.CompletionException if the coroutine threw a checked exception
    ///   before it was ready, which is its cause; an unchecked one or an error is thrown as it is
    /// @throws CancelledError if the current task is cancelled meanwhile, or the new one before it
    ///   was ready
    /// @throws IllegalStateException if the coroutine ended without a report; if the group is not
    ///   entered yet, shuts down, or is finished; or if this is no coroutine
    public <T extends @Nullable Object> T start(Startable<T> body) {
        return start(body, TaskOptions.DEFAULTS);
    }

    /// Starts a coroutine as a task of this group, and waits until it says that it is ready: see
    /// [#start(Startable)]. **Suspends.**
    ///
    /// @param body the coroutine
    /// @param options name, context, eager start
    /// @param <T> the type of what it reports
    /// @return what the coroutine gave to [TaskStatus#started(Object)]
    /// @throws java.util.concurrent.CompletionException if the coroutine threw a checked exception
    ///   before it was ready, which is its cause; an unchecked one or an error is thrown as it is
    /// @throws CancelledError if the current task is cancelled meanwhile, or the new one before it
    ///   was ready
    /// @throws IllegalStateException if the coroutine ended without a report; if the group is not
    ///   entered yet, shuts down, or is finished; or if this is no coroutine
    public <T extends @Nullable Object> T start(Startable<T> body, TaskOptions options) {
        Objects.requireNonNull(body, "body");
        checkAcceptsTasks();
        loop().execution().requireTask("TaskGroup.start");
        var start = new TaskStart<T>(loop());
        var task = loop().createTask(Bodies.withoutResult(() -> body.run(start)), options);
        add(task);
        Futures.whenDone(
                task,
                () -> {
                    if (start.taskEnded(task)) {
                        taskGone(task);
                    } else {
                        taskEnded(task);
                    }
                });
        return start.await(task);
    }

    /// {@return the tasks that have not ended; may be read by another thread where the loop is at
    /// rest}
    Set<Task<?>> tasks() {
        return tasks;
    }

    private void taskEnded(Task<?> task) {
        taskGone(task);
        if (!task.isCancelled() && Futures.hasFailed(task)) {
            taskFailed(task, Futures.failureOf(task));
        }
    }

    private void taskGone(Task<?> task) {
        tasks.remove(task);
        if (tasks.isEmpty() && lastTaskEnded != null) {
            lastTaskEnded.finishUnlessDone(null);
        }
    }

    private void taskFailed(Task<?> task, Throwable failure) {
        if (supervisor != null && !Failures.isFatal(failure)) {
            loop().execution()
                    .run(() -> supervisor.accept(task, failure), owner().contextOfReports(), this);
            return;
        }
        failures.add(failure);
        if (owner().isDone()) {
            loop().callExceptionHandler(
                            LoopException.of(
                                            "a task failed after the owner of its group had ended",
                                            failure)
                                    .with("task", task));
        } else {
            abort(
                    shutDown(
                            "task '" + task.name() + "' failed with " + Descriptions.of(failure),
                            task));
        }
    }

    /// Ends the group early, without an exception: cancels its tasks and, if it is still running,
    /// the body. Before the group is entered, it is cancelled on entry; afterwards this does
    /// nothing.
    public void cancel() {
        if (state == State.CREATED) {
            state = State.CANCELLED_BEFORE;
        } else if (state != State.CANCELLED_BEFORE) {
            loop().checkThread("cancel");
            abort(cancelledByCall());
        }
    }

    private Cancellation cancelledByCall() {
        return Cancellation.by(
                loop(), CancelledError.Source.TASK_GROUP, "the task group was cancelled");
    }

    private static Cancellation shutDown(String why, Task<?> by) {
        return new Cancellation(
                CancelledError.Source.TASK_GROUP, "a task group shuts down: " + why, by.name());
    }

    private static Cancellation ownerCancelled(CancelledError cancellation) {
        var reason = cancellation.reason();
        return new Cancellation(
                CancelledError.Source.TASK_GROUP,
                "a task group shuts down: its owner was cancelled"
                        + (reason == null ? "" : ": " + reason),
                cancellation.requestedBy().orElse(null));
    }

    /// Cancels the tasks and gets the owner out of the body: once, as a second request would cut
    /// their clean-up short.
    private void abort(Cancellation cancellation) {
        switch (state) {
            case OPEN -> {
                state = State.ABORTING_BODY;
                cancelTasks(cancellation);
                request().make(cancellation);
            }
            case JOINING -> {
                state = State.ABORTING;
                cancelTasks(cancellation);
            }
            case CREATED, CANCELLED_BEFORE, ABORTING_BODY, ABORTING, FINISHED -> {}
        }
    }

    private void cancelTasks(Cancellation cancellation) {
        shutDownBy = cancellation;
        for (var task : List.copyOf(tasks)) {
            Futures.cancel(task, cancellation);
        }
    }

    private SelectorEventLoop loop() {
        return Objects.requireNonNull(loop);
    }

    private ScopeRequest request() {
        return Objects.requireNonNull(request);
    }

    /// The task that runs the body.
    private CoroutineTask<?> owner() {
        return request().task();
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

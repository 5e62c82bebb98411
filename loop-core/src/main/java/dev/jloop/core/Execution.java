package dev.jloop.core;

import org.jspecify.annotations.Nullable;

/// What runs on a loop at this moment: on which thread, which task, in which context. Confined to
/// the loop's thread, except where said.
final class Execution {
    private final SelectorEventLoop loop;

    /// Of the loop's own code between callbacks and steps.
    private final Context idle = Context.empty();

    /// Of what runs; null where that is a handle, which knows its context, or nothing. To note it
    /// here for each handle would cost the write barrier of the default collector.
    private @Nullable Context context;

    private @Nullable CoroutineTask<?> task;

    /// To be run up to its first await point before the current task goes on.
    private @Nullable CoroutineTask<?> startingEagerly;

    /// The thread inside a run. Read by any thread, to tell whether it is that one.
    private volatile @Nullable Thread hostThread;

    /// The fatal error that has come out of a run last. It does so once: who awaited the task that
    /// failed with it fails with it too, perhaps only when the loop closes, and what closes the
    /// loop must not throw what is on its way out already.
    private @Nullable Error endedRun;

    Execution(SelectorEventLoop loop) {
        this.loop = loop;
    }

    /// Runs `body` as the loop, on the thread that the engine has chosen.
    void host(Runnable body) {
        hostThread = Thread.currentThread();
        try {
            CurrentLoop.runIn(loop, body);
        } finally {
            hostThread = null;
        }
    }

    @Nullable Thread hostThread() {
        return hostThread;
    }

    /// {@return whether `thread` is the one that runs the loop, or the coroutine whose step is
    /// running} Any thread may ask about itself: what it reads of the task is right if the answer
    /// is yes.
    boolean runsOn(Thread thread) {
        if (thread == hostThread) {
            return true;
        }
        var current = task;
        return current != null && current.thread() == thread;
    }

    /// {@return the thread whose stack shows what the loop is doing; any thread may ask}
    @Nullable Thread busyThread() {
        var current = task;
        var ofTask = current == null ? null : current.thread();
        return ofTask == null ? hostThread : ofTask;
    }

    @Nullable CoroutineTask<?> task() {
        return task;
    }

    Context context() {
        if (context != null) {
            return context;
        }
        return loop.running() instanceof ScheduledCallback handle && handle.isRunning()
                ? handle.context()
                : idle;
    }

    /// {@return the one to be given back; null where it is that of a handle}
    @Nullable Context replaceContext(@Nullable Context next) {
        var before = context;
        context = next;
        return before;
    }

    /// Runs the callback of `handle` in its context: see [#context()].
    void run(Runnable callback, ScheduledCallback handle) {
        runReporting(callback, handle.context(), handle);
    }

    /// Runs user code for `handle` in a context that the handle does not know.
    void run(Runnable callback, Context itsContext, Object handle) {
        var outer = replaceContext(itsContext);
        try {
            runReporting(callback, itsContext, handle);
        } finally {
            context = outer;
        }
    }

    /// Reports what user code throws while its context is still in place.
    private void runReporting(Runnable callback, Context itsContext, Object handle) {
        var outerMdc = itsContext.enterMdc();
        try {
            callback.run();
        } catch (Throwable failure) { // checked ones too, which some compilers let through
            Failures.rethrowIfFatal(failure);
            callbackFailed(failure, handle);
        } finally {
            itsContext.leaveMdc(outerMdc);
        }
    }

    private void callbackFailed(Throwable failure, Object handle) {
        var report =
                LoopException.of("exception in callback " + Descriptions.of(handle), failure)
                        .with("handle", handle);
        var createdAt =
                switch (handle) {
                    case ScheduledCallback scheduled -> scheduled.createdAt();
                    case RecurringCallback recurring -> recurring.scheduledAt();
                    default -> null;
                };
        loop.callExceptionHandler(Failures.withSite(report, createdAt));
    }

    /// Runs one step of `stepping`, and those of tasks that it starts eagerly.
    void step(CoroutineTask<?> stepping) {
        var outerTask = task;
        var outerContext = context;
        Throwable fatal;
        try {
            enter(stepping);
            if (stepping.resumeCoroutine()) {
                while (startingEagerly != null) {
                    var child = startingEagerly;
                    startingEagerly = null;
                    stepping.leaveIn(context());
                    startFor(stepping, child);
                    enter(stepping);
                    stepping.resumeCoroutine();
                }
            }
            stepping.leaveIn(context());
            fatal = stepping.hasEnded() ? loop.settle(stepping) : null;
        } finally {
            task = outerTask;
            context = outerContext;
        }
        if (fatal instanceof Error error && error != endedRun) {
            endedRun = error;
            throw error;
        }
    }

    private void startFor(CoroutineTask<?> parent, CoroutineTask<?> child) {
        try {
            step(child);
        } catch (Error fatal) {
            parent.continueLater(); // in another run, if there is one
            throw fatal;
        }
    }

    private void enter(CoroutineTask<?> stepping) {
        task = stepping;
        context = stepping.activeContext();
    }

    /// Runs `child` up to its first await point: at once in a callback; in a coroutine, which
    /// cannot carry another, while that one is suspended.
    void startEagerly(CoroutineTask<?> child) {
        if (task == null || task.thread() != Thread.currentThread()) {
            step(child); // an observer starts it, who is told of the end of a task
            return;
        }
        startingEagerly = child;
        try {
            task.suspendForChild();
        } catch (IllegalStateException _) {
            // The coroutine cannot be suspended here, so the child starts like any other.
            startingEagerly = null;
            child.continueLater();
        }
    }

    /// {@return the task that is about to suspend on `future`}
    CoroutineTask<?> taskAwaiting(LoopFuture<?> future) {
        var current = task;
        if (current == null || current.thread() != Thread.currentThread()) {
            throw Misuse.awaitOutsideCoroutine(future);
        }
        return current;
    }

    /// {@return the current task, for a call that needs one}
    CoroutineTask<?> requireTask(String what) {
        var current = task;
        if (current == null || current.thread() != Thread.currentThread()) {
            throw new IllegalStateException(
                    what
                            + " works in a coroutine only, and this is a callback; start one with"
                            + " createTask");
        }
        return current;
    }
}

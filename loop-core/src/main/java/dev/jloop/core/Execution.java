package dev.jloop.core;

import org.jspecify.annotations.Nullable;

/// What runs on a loop at this moment: on which thread, which task, in which context. Confined to
/// the loop's thread, except where said.
final class Execution {
    private final SelectorEventLoop loop;
    private final ScopedValue.Carrier currentLoop;

    /// Of the loop's own code between callbacks and steps.
    private final Context idle = Context.empty();

    /// An object of its own, which [#renew()] replaces before it grows old: a reference written
    /// into an old object costs the default collector a memory fence, and these are written for
    /// each callback.
    private static final class Present {
        /// What the loop has taken from its queue last; null between turns.
        @Nullable Runnable callback;

        /// Of what runs; null where that is a task in a context of its own, a handle, which both
        /// know it, or nothing.
        @Nullable Context context;

        @Nullable CoroutineTask<?> task;
    }

    private Present present = new Present();

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
        this.currentLoop = CurrentLoop.binding(loop);
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

    /// {@return what makes this loop the current one, for bodies that run on it}
    ScopedValue.Carrier currentLoop() {
        return currentLoop;
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
        if (!thread.isVirtual()) {
            return false; // and no look at what the loop's thread is writing all the time
        }
        var current = present.task;
        return current != null && current.thread() == thread;
    }

    /// {@return the thread whose stack shows what the loop is doing; any thread may ask}
    @Nullable Thread busyThread() {
        var current = present.task;
        var ofTask = current == null ? null : current.thread();
        return ofTask == null ? hostThread : ofTask;
    }

    @Nullable CoroutineTask<?> task() {
        return present.task;
    }

    /// Run by a busy loop after each garbage collection, between callbacks.
    void renew() {
        var renewed = new Present();
        renewed.callback = present.callback;
        renewed.context = present.context;
        renewed.task = present.task;
        present = renewed;
    }

    void callbackStarts(Runnable callback) {
        present.callback = callback;
    }

    /// An idle loop must not keep its last task.
    void callbacksEnd() {
        present.callback = null;
    }

    /// {@return what the loop has taken from its queue and runs} Any thread may ask; exact while
    /// the loop is stuck, which is when it matters.
    @Nullable Runnable callback() {
        return present.callback;
    }

    Context context() {
        var context = present.context;
        if (context != null) {
            return context;
        }
        if (present.task != null) {
            return present.task.context();
        }
        var handle = runningHandle();
        return handle == null ? idle : handle.context();
    }

    /// {@return what the variables are in the context; quicker than to ask that}
    ContextValues contextValues() {
        var context = present.context;
        if (context != null) {
            return context.values();
        }
        if (present.task != null) {
            return present.task.contextCopy().values();
        }
        var handle = runningHandle();
        return handle == null ? idle.values() : handle.contextCopy().values();
    }

    private @Nullable ScheduledCallback runningHandle() {
        return present.callback instanceof ScheduledCallback handle ? handle : null;
    }

    /// {@return the one to be given back; null where it is that of a task or a handle}
    @Nullable Context replaceContext(@Nullable Context next) {
        var before = present.context;
        if (before != next) { // in a turn it is null nearly always, and to write costs more
            present.context = next;
        }
        return before;
    }

    /// Replaces the context by that of the loop's own code: see [#replaceContext(Context)].
    @Nullable Context leaveContext() {
        return replaceContext(idle);
    }

    /// Runs the callback of `handle` in its context: see [#context()].
    void run(Runnable callback, ScheduledCallback handle) {
        runReporting(callback, handle.contextCopy(), handle);
    }

    /// Runs user code for `handle` in a context that the handle does not know.
    void run(Runnable callback, Context itsContext, Object handle) {
        var outer = replaceContext(itsContext);
        try {
            runReporting(callback, itsContext, handle);
        } finally {
            present.context = outer;
        }
    }

    /// Reports what user code throws while its context is still in place.
    private void runReporting(Runnable callback, ContextCopy itsContext, Object handle) {
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
        var outerTask = present.task;
        var outerContext = present.context;
        Throwable fatal;
        try {
            enter(stepping);
            if (stepping.resumeCoroutine()) {
                while (startingEagerly != null) {
                    var child = startingEagerly;
                    startingEagerly = null;
                    stepping.leaveIn(present.context);
                    startFor(stepping, child);
                    enter(stepping);
                    stepping.resumeCoroutine();
                }
            }
            stepping.leaveIn(present.context);
            fatal = stepping.hasEnded() ? loop.settle(stepping) : null;
        } finally {
            present.task = outerTask;
            present.context = outerContext;
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
        present.task = stepping;
        present.context = stepping.activeContext();
    }

    /// Runs `child` up to its first await point: at once in a callback; in a coroutine, which
    /// cannot carry another, while that one is suspended.
    void startEagerly(CoroutineTask<?> child) {
        var task = present.task;
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
        var current = present.task;
        if (current == null || current.thread() != Thread.currentThread()) {
            throw Misuse.awaitOutsideCoroutine(future);
        }
        return current;
    }

    /// {@return the current task, for a call that needs one}
    CoroutineTask<?> requireTask(String what) {
        var current = present.task;
        if (current == null || current.thread() != Thread.currentThread()) {
            throw new IllegalStateException(
                    what
                            + " works in a coroutine only, and this is a callback; start one with"
                            + " createTask");
        }
        return current;
    }
}

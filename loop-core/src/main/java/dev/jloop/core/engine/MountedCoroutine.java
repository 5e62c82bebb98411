package dev.jloop.core.engine;

import org.jspecify.annotations.Nullable;

import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;

/// A virtual thread whose scheduler is this object, which runs it only when the loop says so.
///
/// The JDK hands the same continuation to [#execute(Runnable)] each time the thread has become
/// runnable. It suspends by `Thread.yield()`: unlike a parked thread, one that yielded stays
/// runnable, so that no stray `unpark` or interrupt can resume it and no lost one can strand it.
final class MountedCoroutine implements Coroutine, Executor, Runnable {
    /// Dropped at the end: a virtual thread that the body has made keeps this object, its
    /// scheduler.
    private @Nullable Body body;

    private final Thread thread;

    /// What runs or continues the thread; set by the first `execute`, which `Thread.start` calls.
    private @Nullable Runnable continuation;

    /// At an await point. Written by whichever of loop and coroutine is running.
    private boolean suspended;

    private boolean done;

    /// The JDK has said that the continuation can run. Written by any thread.
    private volatile boolean runnable;

    /// The thread inside `resume`, while it waits for a coroutine that blocks in foreign code.
    private volatile @Nullable Thread waitingHost;

    MountedCoroutine(String name, Body body) {
        this.body = body;
        this.thread = VirtualThreadAccess.newThread(this, name, this);
        thread.setContextClassLoader(Thread.currentThread().getContextClassLoader());
    }

    /// What the thread does, called by it.
    @Override
    public void run() {
        try {
            Objects.requireNonNull(body).runBody();
        } finally {
            body = null;
            done = true;
        }
    }

    @Override
    public void execute(Runnable command) {
        if (continuation == null) {
            continuation = command;
        } else if (command != continuation) {
            // A virtual thread first created inside this coroutine, which has inherited its
            // scheduler.
            VirtualThreadAccess.defaultScheduler().execute(command);
            return;
        }
        runnable = true;
        var host = waitingHost;
        if (host != null) {
            LockSupport.unpark(host);
        }
    }

    @Override
    public void resume() {
        if (continuation == null) {
            thread.start();
        }
        suspended = false;
        runnable = false;
        mount();
        // Neither at an await point nor done: it blocks in foreign code, or another thread was
        // reading its
        // stack, when running the continuation has no effect. Nothing else of the loop may run
        // meanwhile.
        while (!suspended && !done) {
            awaitRunnable();
            runnable = false;
            mount();
        }
    }

    private void mount() {
        var current = continuation;
        if (current == null) {
            throw new IllegalStateException("the JDK has not scheduled coroutine thread " + thread);
        }
        current.run();
    }

    private void awaitRunnable() {
        if (runnable) {
            return;
        }
        waitingHost = Thread.currentThread();
        try {
            while (!runnable) {
                LockSupport.park(this);
                // An interrupt of the loop's thread is a wake-up; left set it would make park spin.
                Thread.interrupted();
            }
        } finally {
            waitingHost = null;
        }
    }

    @Override
    @SuppressWarnings("ThreadPriorityCheck") // the scheduler relied on is this object
    public void suspend() {
        suspended = true;
        Thread.yield();
        if (suspended) {
            suspended = false;
            throw new IllegalStateException(
                    "cannot await here: the coroutine's thread is pinned to the loop's thread, "
                            + "because a static initialiser or a native frame is on its stack; "
                            + "await before or after it, or start a task from it");
        }
    }

    @Override
    public boolean isDone() {
        return done;
    }

    @Override
    public Thread thread() {
        return thread;
    }
}

package dev.jloop.core.engine;

import org.jspecify.annotations.Nullable;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;

/// A virtual thread whose scheduler is this object, which runs it only when the loop says so.
///
/// The JDK hands the same continuation to [#execute(Runnable)] each time the thread has become
/// runnable. It suspends by `Thread.yield()`: unlike a parked thread, one that yielded stays
/// runnable, so that no stray `unpark` or interrupt can resume it and no lost one can strand it.
final class MountedCoroutine implements Coroutine, Executor, Runnable {
    private static final VarHandle RUNNABLE;
    private static final VarHandle HOST;

    static {
        try {
            RUNNABLE =
                    MethodHandles.lookup()
                            .findVarHandle(MountedCoroutine.class, "runnable", boolean.class);
            HOST =
                    MethodHandles.lookup()
                            .findVarHandle(MountedCoroutine.class, "host", Thread.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    /// Dropped at the end: a virtual thread that the body has made keeps this object, its
    /// scheduler.
    private @Nullable Body body;

    private final Thread thread;

    /// What runs or continues the thread; set by the first `execute`, which `Thread.start` calls.
    private @Nullable Runnable continuation;

    /// At an await point. Written by whichever of loop and coroutine is running.
    private boolean suspended;

    private boolean done;

    /// The JDK has said that the continuation can run. Written by any thread; by the host through
    /// RUNNABLE, since a volatile write is a fence, and nobody else looks at what the host writes.
    /// May be true without a reason, as after each await: to run a continuation that cannot run has
    /// no effect.
    private volatile boolean runnable;

    /// The thread that was inside `resume` last. Read through HOST where that may be another: the
    /// JDK has written the thread's state before, and the two must not change places.
    private @Nullable Thread host;

    /// The host is inside `resume` and waits for the coroutine, which blocks in foreign code.
    private volatile boolean hostWaits;

    MountedCoroutine(String name, Body body) {
        this.body = body;
        this.thread = VirtualThreadAccess.newThread(this, name, this);
        var loader = Thread.currentThread().getContextClassLoader();
        if (thread.getContextClassLoader() != loader) { // else a volatile write for nothing
            thread.setContextClassLoader(loader);
        }
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
        if (Thread.currentThread() == (Thread) HOST.getVolatile(this)) {
            RUNNABLE.setRelease(this, true); // it looks when it is back
            return;
        }
        runnable = true;
        if (hostWaits) {
            LockSupport.unpark(host);
        }
    }

    @Override
    public void resume() {
        var current = Thread.currentThread();
        if (continuation == null) {
            host = current;
            thread.start();
        } else if (host != current) {
            host = current;
            // The former host may be reading the stack at this moment, and hand the continuation
            // over when it has done so. Either it sees the new host then, or the continuation can
            // run now.
            VarHandle.fullFence();
        }
        suspended = false;
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
        hostWaits = true;
        try {
            while (!runnable) {
                LockSupport.park(this);
                // An interrupt of the loop's thread is a wake-up; left set it would make park spin.
                Thread.interrupted();
            }
        } finally {
            hostWaits = false;
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

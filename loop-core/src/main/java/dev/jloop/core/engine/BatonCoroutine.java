package dev.jloop.core.engine;

import org.jspecify.annotations.Nullable;

import java.lang.management.ClassLoadingMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.locks.LockSupport;

/// A virtual thread that runs only while it holds the baton; the loop's thread waits meanwhile.
final class BatonCoroutine implements Coroutine {
    private static final ClassLoadingMXBean CLASSES = ManagementFactory.getClassLoadingMXBean();
    private static final StackWalker STACK = StackWalker.getInstance();

    private final Body body;
    private final Thread thread;
    private @Nullable Thread host;
    private boolean done;

    /// How many classes the JVM had loaded when this coroutine last suspended.
    private long classesLoaded;

    /// True while the coroutine runs, false while the loop does. Its writes publish everything
    /// else.
    private volatile boolean coroutineHasBaton;

    BatonCoroutine(String name, Body body) {
        this.body = body;
        this.thread =
                Thread.ofVirtual()
                        .name(name)
                        .inheritInheritableThreadLocals(false)
                        .unstarted(this::runBody);
        thread.setContextClassLoader(Thread.currentThread().getContextClassLoader());
    }

    private void runBody() {
        try {
            body.runBody();
        } finally {
            done = true;
            giveBatonToHost();
        }
    }

    @Override
    public void resume() {
        var starting = host == null;
        host = Thread.currentThread();
        coroutineHasBaton = true;
        if (starting) {
            thread.start();
        } else {
            LockSupport.unpark(thread);
        }
        // An interrupt of the loop's thread is a wake-up and no more, so what was swallowed stays
        // so.
        awaitBaton(false);
    }

    @Override
    public void suspend() {
        refuseInStaticInitialiser();
        giveBatonToHost();
        if (awaitBaton(true)) {
            Thread.currentThread().interrupt();
        }
    }

    /// A thread that waits in a static initialiser keeps its carrier, and everybody who needs the
    /// class waits for it: with bad luck for ever, and the loop with them.
    ///
    /// Only a walk over the stack can tell, at many times the cost of the whole switch. So it is
    /// made only if a class was loaded since the last time, which almost always goes before its
    /// initialisation.
    private void refuseInStaticInitialiser() {
        var loaded = CLASSES.getTotalLoadedClassCount();
        if (loaded == classesLoaded) {
            return;
        }
        classesLoaded = loaded;
        var initialised =
                STACK.walk(frames ->
                        frames.filter(frame -> frame.getMethodName().equals("<clinit>"))
                                .map(StackWalker.StackFrame::getClassName)
                                .findFirst());
        if (initialised.isPresent()) {
            throw new IllegalStateException(
                    "cannot await here: the static initialiser of "
                            + initialised.get()
                            + " is on the coroutine's stack; await before or after it, or start a"
                            + " task from it");
        }
    }

    private void giveBatonToHost() {
        var waiting = host;
        coroutineHasBaton = false;
        LockSupport.unpark(waiting);
    }

    /// {@return whether an interrupt came meanwhile} It is cleared, because it would make park
    /// spin.
    private boolean awaitBaton(boolean forCoroutine) {
        var interrupted = false;
        while (coroutineHasBaton != forCoroutine) {
            LockSupport.park(this);
            interrupted |= Thread.interrupted();
        }
        return interrupted;
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

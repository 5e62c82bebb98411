package dev.jloop.core;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.Callable;

/// Finds the loop that runs on this thread.
///
/// Forks of a `StructuredTaskScope` inherit the scoped value though they run on threads of their
/// own, so the thread is checked too.
final class CurrentLoop {
    /// Of loops, and [#NONE] where it is not bound: that takes one look instead of two.
    private static final ScopedValue<Object> LOOP = ScopedValue.newInstance();

    private static final Object NONE = new Object();

    private CurrentLoop() {}

    static @Nullable SelectorEventLoop get() {
        return LOOP.orElse(NONE) instanceof SelectorEventLoop loop
                        && loop.execution().runsOn(Thread.currentThread())
                ? loop
                : null;
    }

    static SelectorEventLoop require() {
        return (SelectorEventLoop) EventLoop.current();
    }

    static void runIn(SelectorEventLoop loop, Runnable body) {
        loop.execution().currentLoop().run(body);
    }

    static <T extends @Nullable Object> T callIn(SelectorEventLoop loop, Callable<T> body)
            throws Exception {
        return loop.execution().currentLoop().call(body::call);
    }

    /// {@return what makes `loop` the current one; a single one serves for all bodies}
    static ScopedValue.Carrier binding(SelectorEventLoop loop) {
        return ScopedValue.where(LOOP, loop);
    }
}

package dev.jloop.core;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.Callable;

/// Finds the loop that runs on this thread.
///
/// Forks of a `StructuredTaskScope` inherit the scoped value though they run on threads of their
/// own, so the thread is checked too.
final class CurrentLoop {
    private static final ScopedValue<SelectorEventLoop> LOOP = ScopedValue.newInstance();

    private CurrentLoop() {}

    static @Nullable SelectorEventLoop get() {
        if (!LOOP.isBound()) {
            return null;
        }
        var loop = LOOP.get();
        return loop.execution().runsOn(Thread.currentThread()) ? loop : null;
    }

    static SelectorEventLoop require() {
        return (SelectorEventLoop) EventLoop.current();
    }

    static void runIn(SelectorEventLoop loop, Runnable body) {
        ScopedValue.where(LOOP, loop).run(body);
    }

    static <T extends @Nullable Object> T callIn(SelectorEventLoop loop, Callable<T> body)
            throws Exception {
        return ScopedValue.where(LOOP, loop).call(body::call);
    }
}

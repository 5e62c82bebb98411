package dev.jloop.core;

import java.util.ArrayList;
import java.util.List;

/// The hooks that a runner runs before it closes its loop. Confined to the loop's thread.
final class ShutdownHooks {
    private final SelectorEventLoop loop;
    private final List<AsyncRunnable> hooks = new ArrayList<>();

    ShutdownHooks(SelectorEventLoop loop) {
        this.loop = loop;
    }

    void add(AsyncRunnable hook) {
        hooks.add(hook);
    }

    /// Runs all, the newest first; those too that one of them adds. Suspends where they do.
    void run() {
        while (!hooks.isEmpty()) {
            try {
                hooks.removeLast().run();
            } catch (Exception | Error failure) {
                if (failure instanceof Error error && endsAll(error)) {
                    throw error;
                }
                loop.callExceptionHandler(
                        LoopException.of("a shutdown hook of " + loop + " failed", failure));
            }
        }
    }

    /// {@return whether `error` is no failure of one hook: the JVM's, or a cancellation of whoever
    /// runs the hooks}
    private boolean endsAll(Error error) {
        var task = loop.execution().task();
        return Failures.isFatal(error)
                || (error instanceof CancelledError && task != null && task.cancelling() > 0);
    }
}

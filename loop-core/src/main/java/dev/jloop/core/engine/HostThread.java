package dev.jloop.core.engine;

import org.jspecify.annotations.Nullable;

/// Runs a loop on another thread than the caller's, while the caller waits.
final class HostThread {
    private HostThread() {}

    /// Runs `body` on a thread made by `builder`. What it throws comes out of this call. An
    /// interrupt of the caller is passed on to the thread, where it wakes the loop.
    static void runAndJoin(Thread.Builder builder, Runnable body) {
        var failure = new Throwable[1];
        var thread =
                builder.unstarted(() -> {
                    try {
                        body.run();
                    } catch (Throwable thrown) {
                        failure[0] = thrown; // rethrown below, on the thread that waits
                    }
                });
        thread.setContextClassLoader(Thread.currentThread().getContextClassLoader());
        thread.start();
        join(thread);
        rethrow(failure[0]);
    }

    private static void join(Thread thread) {
        while (true) {
            try {
                thread.join();
                return;
            } catch (InterruptedException interrupt) {
                thread.interrupt();
            }
        }
    }

    private static void rethrow(@Nullable Throwable failure) {
        switch (failure) {
            case null -> {}
            case RuntimeException unchecked -> throw unchecked;
            case Error error -> throw error;
            default ->
                    throw new IllegalStateException(
                            "a runnable threw a checked exception", failure);
        }
    }
}

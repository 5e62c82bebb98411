package dev.jloop.executor;

import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopFuture;

import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;

/// A thread that waits for an executor to end, for a coroutine that must not block.
final class TerminationWait {
    private final Thread thread;
    private final LoopFuture<Boolean> terminated;

    private TerminationWait(Thread thread, LoopFuture<Boolean> terminated) {
        this.thread = thread;
        this.terminated = terminated;
    }

    /// Starts to wait.
    ///
    /// @param executor shut down already
    /// @param timeout at most; what does not fit into nanoseconds is 292 years
    static TerminationWait of(ExecutorService executor, Duration timeout, EventLoop loop) {
        var nanos = TimeUnit.NANOSECONDS.convert(timeout);
        var started = new Thread[1];
        var terminated =
                OffloadedCall.submit(
                        command ->
                                started[0] =
                                        Thread.ofPlatform()
                                                .daemon()
                                                .name(loop + "-executor-shutdown")
                                                .start(command),
                        () -> executor.awaitTermination(nanos, TimeUnit.NANOSECONDS),
                        "the end of " + executor,
                        loop);
        return new TerminationWait(started[0], terminated);
    }

    /// Suspends. The thread ends with it, also where the task is cancelled.
    ///
    /// @return false if the time was over first
    boolean await() {
        try {
            return terminated.await();
        } finally {
            thread.interrupt();
        }
    }
}

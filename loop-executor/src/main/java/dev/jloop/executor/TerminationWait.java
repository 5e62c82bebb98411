package dev.jloop.executor;

import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopFuture;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;

/// A thread that waits for the end of a default executor, for a coroutine that must not block.
final class TerminationWait {
    private final Thread thread;
    private final LoopFuture<Boolean> terminated;

    private TerminationWait(Thread thread, LoopFuture<Boolean> terminated) {
        this.thread = thread;
        this.terminated = terminated;
    }

    /// Starts to wait for the work, and then for the executors, which are shut down in any case.
    ///
    /// @param timeout at most; what does not fit into nanoseconds is 292 years
    static TerminationWait of(
            WorkInProgress work, List<ExecutorService> pools, Duration timeout, EventLoop loop) {
        var nanos = TimeUnit.NANOSECONDS.convert(timeout);
        var started = new Thread[1];
        Executor oneThread =
                command ->
                        started[0] =
                                Thread.ofPlatform()
                                        .daemon()
                                        .name(loop + "-executor-shutdown")
                                        .start(command);
        var terminated =
                OffloadedCall.submit(
                        Destination.of(oneThread),
                        () -> await(work, pools, nanos),
                        "the end of the default executor",
                        OffloadOptions.DEFAULTS,
                        loop);
        return new TerminationWait(started[0], terminated);
    }

    private static boolean await(WorkInProgress work, List<ExecutorService> pools, long nanos)
            throws InterruptedException {
        var start = System.nanoTime();
        try {
            // Work that waits for a token has not come to its executor yet.
            if (!work.awaitNoneInDefaultExecutor(nanos)) {
                return false;
            }
        } finally {
            pools.forEach(ExecutorService::shutdown);
        }
        for (var pool : pools) {
            var left = nanos - (System.nanoTime() - start);
            if (!pool.awaitTermination(Math.max(0, left), TimeUnit.NANOSECONDS)) {
                return false;
            }
        }
        return true;
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

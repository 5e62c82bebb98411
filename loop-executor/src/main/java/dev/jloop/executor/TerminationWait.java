package dev.jloop.executor;

import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopFuture;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;

/// A coroutine's wait for the end of a default executor, by a thread, as the limit is one of real
/// time.
///
/// While there is work, the wait is no outside work of the loop. The work is, by itself, also where
/// nobody wants its result, unless it waits for a coroutine; then virtual time has to pass, or
/// neither would ever end.
final class TerminationWait {
    /// For threads that have nothing more to do, to end.
    private static final long LAST_MOMENT_NANOS = Duration.ofMillis(100).toNanos();

    private final WorkInProgress work;
    private final List<ExecutorService> pools;
    private final long nanos;
    private final EventLoop loop;
    private final LoopFuture<@Nullable Void> over;
    private final CountDownLatch workEnded = new CountDownLatch(1);

    // ---- guarded by this

    /// From the end of the work to that of the wait.
    private EventLoop.@Nullable OutsideWork outsideWork;

    private boolean ended;

    private TerminationWait(
            WorkInProgress work, List<ExecutorService> pools, long nanos, EventLoop loop) {
        this.work = work;
        this.pools = pools;
        this.nanos = nanos;
        this.loop = loop;
        over = loop.createFuture("the end of the default executor");
    }

    /// Waits for the work, and then for the executors, which are shut down in any case. Suspends.
    /// The thread ends with it, also where the task is cancelled.
    ///
    /// @param timeout at most; what does not fit into nanoseconds is 292 years
    static void await(
            WorkInProgress work, List<ExecutorService> pools, Duration timeout, EventLoop loop) {
        new TerminationWait(work, pools, TimeUnit.NANOSECONDS.convert(timeout), loop).await();
    }

    private void await() {
        Runnable noWork = this::workEnds;
        var thread =
                Thread.ofPlatform()
                        .daemon()
                        .name(loop + "-executor-shutdown")
                        .unstarted(this::runThread);
        try {
            work.onceNoneInDefaultExecutor(noWork);
            thread.start();
            over.await();
        } finally {
            thread.interrupt();
            work.forget(noWork);
            end();
        }
    }

    /// On the thread of the last work, before that is no outside work any more.
    private synchronized void workEnds() {
        if (!ended) {
            outsideWork = loop.beginOutsideWork("the end of the default executor");
        }
        workEnded.countDown();
    }

    private synchronized void end() {
        ended = true;
        if (outsideWork != null) {
            outsideWork.close();
        }
    }

    // ---- on the thread

    private void runThread() {
        try {
            awaitTermination();
        } catch (InterruptedException _) {
            return; // nobody waits any more
        } catch (RuntimeException | Error failure) { // of an executor that was set
            submit(() -> over.setException(failure));
            return;
        }
        submit(() -> over.setResult(null));
    }

    private void submit(Runnable outcome) {
        Handover.submitUnlessClosed(
                loop,
                () -> {
                    if (!over.isDone()) {
                        outcome.run();
                    }
                });
    }

    private void awaitTermination() throws InterruptedException {
        var start = System.nanoTime();
        try {
            // Work that waits for a token has not come to its executor yet.
            if (!workEnded.await(nanos, TimeUnit.NANOSECONDS)
                    && (work.isLeftInDefaultExecutor()
                            || !workEnded.await(LAST_MOMENT_NANOS, TimeUnit.NANOSECONDS))) {
                return;
            }
        } finally {
            pools.forEach(ExecutorService::shutdown);
        }
        for (var pool : pools) {
            var left = nanos - (System.nanoTime() - start);
            if (!pool.awaitTermination(Math.max(LAST_MOMENT_NANOS, left), TimeUnit.NANOSECONDS)) {
                return;
            }
        }
    }
}

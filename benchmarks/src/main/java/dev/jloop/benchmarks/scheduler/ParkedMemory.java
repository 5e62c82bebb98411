package dev.jloop.benchmarks.scheduler;

import dev.jloop.core.Async;
import dev.jloop.core.SelectorEventLoop;

import org.jspecify.annotations.Nullable;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;

/// How much heap a parked coroutine takes, beside a parked virtual thread: a program, because it is
/// counted and not timed. Run it with `java -cp`, see `docs/benchmarks.md`.
public final class ParkedMemory {
    private static final int COROUTINES = 100_000;

    private static final int ROUNDS = 6;

    private ParkedMemory() {}

    /// Prints bytes of heap for each parked coroutine.
    ///
    /// @param args the engines to measure; both if there are none
    public static void main(String[] args) throws Exception {
        for (var engine : args.length == 0 ? List.of("mounted", "baton") : List.of(args)) {
            measure("coroutine, " + engine, () -> coroutines(engine));
        }
        measure("virtual thread", ParkedMemory::virtualThreads);
    }

    /// The first rounds warm up: frames of compiled code are smaller than interpreted ones, and a
    /// server is warm.
    private static void measure(String what, Callable<Long> round) throws Exception {
        for (var i = 1; i < ROUNDS; i++) {
            round.call();
        }
        var bytes = round.call();
        System.out.printf(
                Locale.ROOT, "%-20s %5d bytes of heap each, %,d parked%n", what, bytes, COROUTINES);
    }

    private static long coroutines(String engine) {
        try (var loop = SelectorEventLoop.builder().engine(engine).build()) {
            return loop.runUntilComplete(() -> {
                var before = usedHeap();
                for (var i = 0; i < COROUTINES; i++) {
                    // A future for each, as in a server: each connection awaits something of its
                    // own.
                    loop.createTask(() -> loop.<@Nullable Void>createFuture().await());
                }
                Async.yieldNow();
                Async.yieldNow();
                var bytes = (usedHeap() - before) / COROUTINES;
                var tasks = new ArrayList<>(loop.allTasks());
                tasks.remove(loop.currentTask());
                tasks.forEach(task -> task.cancel());
                Async.gatherSettled(tasks).await();
                return bytes;
            });
        }
    }

    private static long virtualThreads() throws InterruptedException {
        var before = usedHeap();
        var parked = new CountDownLatch(COROUTINES);
        var threads = new Thread[COROUTINES];
        for (var i = 0; i < COROUTINES; i++) {
            threads[i] =
                    Thread.startVirtualThread(() -> {
                        parked.countDown();
                        LockSupport.park();
                    });
        }
        parked.await();
        var bytes = (usedHeap() - before) / COROUTINES;
        for (var thread : threads) {
            LockSupport.unpark(thread);
            thread.join();
        }
        return bytes;
    }

    private static long usedHeap() {
        var memory = ManagementFactory.getMemoryMXBean();
        for (var i = 0; i < 3; i++) {
            memory.gc();
        }
        return memory.getHeapMemoryUsage().getUsed();
    }
}

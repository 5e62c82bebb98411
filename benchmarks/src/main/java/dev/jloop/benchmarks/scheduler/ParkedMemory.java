package dev.jloop.benchmarks.scheduler;

import dev.jloop.core.Async;
import dev.jloop.core.SelectorEventLoop;

import org.jspecify.annotations.Nullable;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/// How much heap one thing takes that is parked, as a coroutine does beside a virtual thread: a
/// program, because it is counted and not timed. Run it with `java -cp`, see `docs/benchmarks.md`.
///
/// @param what which thing
/// @param bytes of heap for each
public record ParkedMemory(String what, long bytes) {
    /// What [#ofCoroutines(String)] counts.
    static final String COROUTINE = "coroutine";

    /// What [#ofVirtualThreads()] counts.
    static final String VIRTUAL_THREAD = "virtual thread";

    private static final int COROUTINES = 100_000;

    private static final int ROUNDS = 6;

    /// Prints bytes of heap for each parked coroutine.
    ///
    /// @param args the engines to measure; both if there are none
    public static void main(String[] args) {
        for (var engine : args.length == 0 ? List.of("mounted", "baton") : List.of(args)) {
            print(COROUTINE + ", " + engine, ofCoroutines(engine));
        }
        print(VIRTUAL_THREAD, ofVirtualThreads());
    }

    private static void print(String what, ParkedMemory parked) {
        System.out.printf(
                Locale.ROOT,
                "%-20s %5d bytes of heap each, %,d parked%n",
                what,
                parked.bytes(),
                COROUTINES);
    }

    /// {@return a coroutine, with the future that it awaits}
    ///
    /// @param engine of its loop
    public static ParkedMemory ofCoroutines(String engine) {
        return new ParkedMemory(COROUTINE, lastRound(() -> coroutines(engine)));
    }

    /// {@return a virtual thread}
    public static ParkedMemory ofVirtualThreads() {
        return new ParkedMemory(VIRTUAL_THREAD, lastRound(ParkedMemory::virtualThreads));
    }

    /// The first rounds warm up: frames of compiled code are smaller than interpreted ones, and a
    /// server is warm.
    private static long lastRound(LongSupplier round) {
        for (var i = 1; i < ROUNDS; i++) {
            var _ = round.getAsLong();
        }
        return round.getAsLong();
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

    private static long virtualThreads() {
        var before = usedHeap();
        var parked = new Semaphore(0);
        var threads = new Thread[COROUTINES];
        for (var i = 0; i < COROUTINES; i++) {
            threads[i] =
                    Thread.startVirtualThread(() -> {
                        parked.release();
                        LockSupport.park();
                    });
        }
        parked.acquireUninterruptibly(COROUTINES);
        var bytes = (usedHeap() - before) / COROUTINES;
        for (var thread : threads) {
            LockSupport.unpark(thread);
            join(thread);
        }
        return bytes;
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException unexpected) {
            throw new IllegalStateException(unexpected);
        }
    }

    private static long usedHeap() {
        var memory = ManagementFactory.getMemoryMXBean();
        for (var i = 0; i < 3; i++) {
            memory.gc();
        }
        return memory.getHeapMemoryUsage().getUsed();
    }
}

package dev.jloop.benchmarks.scheduler;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;

/// The peer of [CoroutineBenchmark]: the JDK's own scheduler, held to one carrier thread.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgs = "-Djdk.virtualThreadScheduler.parallelism=1")
public class VirtualThreadBenchmark {
    private static final int OPERATIONS = 10_000;

    /// One `Thread.yield` of a virtual thread that is alone.
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    @SuppressWarnings("ThreadPriorityCheck") // what it costs is the question
    public void yieldAlone() throws InterruptedException {
        Thread.startVirtualThread(
                        () -> {
                            for (var i = 0; i < OPERATIONS; i++) {
                                Thread.yield();
                            }
                        })
                .join();
    }

    /// One value handed from a virtual thread to another, which parks and unparks each once.
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public void handOver() throws InterruptedException {
        var queue = new SynchronousQueue<Integer>();
        var taker =
                Thread.startVirtualThread(() -> {
                    for (var i = 0; i < OPERATIONS; i++) {
                        takeFrom(queue);
                    }
                });
        Thread.startVirtualThread(() -> {
            for (var i = 0; i < OPERATIONS; i++) {
                putInto(queue, i);
            }
        });
        taker.join();
    }

    private static void takeFrom(SynchronousQueue<Integer> queue) {
        try {
            queue.take();
        } catch (InterruptedException unexpected) {
            throw new IllegalStateException(unexpected);
        }
    }

    private static void putInto(SynchronousQueue<Integer> queue, int value) {
        try {
            queue.put(value);
        } catch (InterruptedException unexpected) {
            throw new IllegalStateException(unexpected);
        }
    }

    /// A virtual thread from its start to its end, a hundred at a time, started and awaited by
    /// another one: no platform thread has to be woken.
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public void spawnAndFinish() throws InterruptedException {
        Thread.startVirtualThread(VirtualThreadBenchmark::spawnAll).join();
    }

    private static void spawnAll() {
        try {
            for (var batch = 0; batch < OPERATIONS / 100; batch++) {
                var ended = new CountDownLatch(100);
                for (var i = 0; i < 100; i++) {
                    Thread.startVirtualThread(ended::countDown);
                }
                ended.await();
            }
        } catch (InterruptedException unexpected) {
            throw new IllegalStateException(unexpected);
        }
    }
}

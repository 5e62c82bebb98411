package dev.jloop.benchmarks.scheduler;

import dev.jloop.core.SelectorEventLoop;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/// Handing callbacks to a loop from another thread, while the loop is busy and so needs no wake-up.
/// From the first submission to the run of the last.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgs = "--add-opens=java.base/java.lang=ALL-UNNAMED")
public class SubmissionBenchmark {
    private static final int OPERATIONS = 10_000;

    private final Runnable count = this::countOne;

    /// Written by the thread of the loop only, and read after `lastRan`.
    private long ran;

    private volatile boolean lastRan;

    /// A loop that always has a callback to run.
    @State(Scope.Thread)
    public static class Jloop {
        private final SelectorEventLoop loop = SelectorEventLoop.builder().debug(false).build();
        private final Thread host = Thread.ofPlatform().unstarted(loop::runForever);

        /// Starts the loop.
        @Setup(Level.Trial)
        public void start() {
            loop.callSoon(this::keepBusy);
            host.start();
        }

        private void keepBusy() {
            loop.callSoon(this::keepBusy);
        }

        /// Ends the loop.
        @TearDown(Level.Trial)
        public void close() throws InterruptedException {
            loop.execute(loop::stop);
            host.join();
            loop.close();
        }
    }

    /// Netty's loop that always has a task to run.
    @State(Scope.Thread)
    public static class Netty {
        private final NettyLoop netty = new NettyLoop();
        private volatile boolean over;

        /// Makes it busy.
        @Setup(Level.Trial)
        public void start() {
            netty.loop().execute(this::keepBusy);
        }

        private void keepBusy() {
            if (!over) {
                netty.loop().execute(this::keepBusy);
            }
        }

        /// Ends the loop.
        @TearDown(Level.Trial)
        public void close() {
            over = true;
            netty.close();
        }
    }

    /// A concurrent queue and a thread that spins on it.
    @State(Scope.Thread)
    public static class Plain {
        private final Queue<Runnable> queue = new ConcurrentLinkedQueue<>();
        private final Thread host = Thread.ofPlatform().unstarted(this::spin);
        private volatile boolean over;

        /// Starts the thread.
        @Setup(Level.Trial)
        public void start() {
            host.start();
        }

        private void spin() {
            while (!over) {
                for (var next = queue.poll(); next != null; next = queue.poll()) {
                    next.run();
                }
            }
        }

        /// Ends the thread.
        @TearDown(Level.Trial)
        public void close() throws InterruptedException {
            over = true;
            host.join();
        }
    }

    /// To a loop.
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public void submitToBusyLoop(Jloop state) {
        submitAll(state.loop);
    }

    /// To Netty's loop.
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public void nettySubmitToBusyLoop(Netty state) {
        submitAll(state.netty.loop());
    }

    /// To a thread that spins, without contexts, handles or failures.
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public void plainSubmitToSpinningThread(Plain state) {
        submitAll(state.queue::add);
    }

    private void countOne() {
        ran++;
    }

    private void submitAll(Executor loop) {
        ran = 0;
        lastRan = false;
        for (var i = 0; i < OPERATIONS; i++) {
            loop.execute(count);
        }
        loop.execute(() -> lastRan = true);
        while (!lastRan) {
            Thread.onSpinWait();
        }
        if (ran != OPERATIONS) {
            throw new IllegalStateException(ran + " of " + OPERATIONS + " callbacks have run");
        }
    }
}

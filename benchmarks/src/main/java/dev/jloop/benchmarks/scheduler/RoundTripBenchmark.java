package dev.jloop.benchmarks.scheduler;

import dev.jloop.core.SelectorEventLoop;
import dev.jloop.executor.Offload;

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

import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// There and back between two threads that both sleep meanwhile. Nearly all of it is the waking of
/// a thread by the operating system, so only a comparison within one run tells anything.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgs = "--add-opens=java.base/java.lang=ALL-UNNAMED")
public class RoundTripBenchmark {
    private static final int OPERATIONS = 1_000;

    private final Semaphore answers = new Semaphore(0);
    private final Runnable answer = answers::release;

    /// A loop that has nothing to do.
    @State(Scope.Thread)
    public static class Idle {
        private final SelectorEventLoop loop = SelectorEventLoop.builder().debug(false).build();
        private final Thread host = Thread.ofPlatform().unstarted(loop::runForever);

        /// Starts the loop.
        @Setup(Level.Trial)
        public void start() {
            host.start();
        }

        /// Ends the loop.
        @TearDown(Level.Trial)
        public void close() throws InterruptedException {
            loop.execute(loop::stop);
            host.join();
            loop.close();
        }
    }

    /// A loop to run a coroutine on, and an executor.
    @State(Scope.Thread)
    public static class Jloop {
        private final SelectorEventLoop loop = SelectorEventLoop.builder().debug(false).build();
        private final ExecutorService executor = Executors.newFixedThreadPool(1);

        /// Closes both.
        @TearDown(Level.Trial)
        public void close() {
            loop.close();
            executor.shutdown();
        }
    }

    /// Netty's loop, and an executor.
    @State(Scope.Thread)
    public static class Netty {
        private final NettyLoop netty = new NettyLoop();
        private final ExecutorService executor = Executors.newFixedThreadPool(1);

        /// Closes both.
        @TearDown(Level.Trial)
        public void close() {
            netty.close();
            executor.shutdown();
        }
    }

    /// Two executors of the JDK.
    @State(Scope.Thread)
    public static class Jdk {
        private final ExecutorService loop = Executors.newFixedThreadPool(1);
        private final ExecutorService executor = Executors.newFixedThreadPool(1);

        /// Closes both.
        @TearDown(Level.Trial)
        public void close() {
            loop.shutdown();
            executor.shutdown();
        }
    }

    // ---- a thread to the loop and back

    /// A callback handed to a loop that sleeps, while this thread waits for it.
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public void pingPong(Idle state) throws InterruptedException {
        for (var i = 0; i < OPERATIONS; i++) {
            state.loop.callSoonThreadsafe(answer);
            answers.acquire();
        }
    }

    /// The same with Netty's loop.
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public void nettyPingPong(Netty state) throws InterruptedException {
        pingPongWith(state.netty.loop());
    }

    /// The same with a thread of the JDK's executor.
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public void jdkPingPong(Jdk state) throws InterruptedException {
        pingPongWith(state.loop);
    }

    private void pingPongWith(Executor loop) throws InterruptedException {
        for (var i = 0; i < OPERATIONS; i++) {
            loop.execute(answer);
            answers.acquire();
        }
    }

    // ---- the loop to a thread and back

    /// A coroutine that waits for work on one of the loop's own threads.
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public void toThread(Jloop state) {
        state.loop.runUntilComplete(() -> {
            for (var i = 0; i < OPERATIONS; i++) {
                var value = i;
                check(Offload.<Integer, RuntimeException>toThread(() -> value), value);
            }
        });
    }

    /// A coroutine that waits for work on a thread of an executor.
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public void runInExecutor(Jloop state) {
        state.loop.runUntilComplete(() -> {
            for (var i = 0; i < OPERATIONS; i++) {
                var value = i;
                check(Offload.runInExecutor(state.executor, () -> value).await(), value);
            }
        });
    }

    /// A task of Netty's loop that goes on when work on a thread of an executor is done.
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public void nettyExecutor(Netty state) throws InterruptedException {
        new Trips(state.netty.loop(), state.executor).goAll();
    }

    /// A task of a single thread that goes on when work on another one is done.
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public void jdkExecutor(Jdk state) throws InterruptedException {
        new Trips(state.loop, state.executor).goAll();
    }

    private static void check(int value, int expected) {
        if (value != expected) {
            throw new IllegalStateException(value + " came back for " + expected);
        }
    }

    /// One after the other, from `loop` to `executor` and back.
    private static final class Trips {
        private final Executor loop;
        private final Executor executor;
        private final Semaphore over = new Semaphore(0);
        private int made;

        Trips(Executor loop, Executor executor) {
            this.loop = loop;
            this.executor = executor;
        }

        void goAll() throws InterruptedException {
            loop.execute(this::go);
            over.acquire();
        }

        private void go() {
            var value = made;
            executor.execute(() -> loop.execute(() -> cameBack(value)));
        }

        private void cameBack(int value) {
            check(value, made);
            if (++made == OPERATIONS) {
                over.release();
            } else {
                go();
            }
        }
    }
}

package dev.jloop.benchmarks.scheduler;

import dev.jloop.core.SelectorEventLoop;

import io.netty.util.HashedWheelTimer;

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

import java.time.Duration;
import java.util.Random;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// Adding a timer and cancelling it, with a million outstanding: what a server does for each
/// request that has a time limit.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgs = "--add-opens=java.base/java.lang=ALL-UNNAMED")
public class TimerBenchmark {
    private static final int OUTSTANDING = 1_000_000;
    private static final int DELAYS = 1_000;

    /// So many times all delays in an invocation, so that handing the work to Netty's thread, which
    /// sleeps, does not show.
    private static final int REPETITIONS = 100;

    private static final int OPERATIONS = REPETITIONS * DELAYS;

    /// Timers come due from one hour to two from now, so that none does in a run.
    private static final long FIRST_NANOS = Duration.ofHours(1).toNanos();

    private static final Runnable NOTHING = TimerBenchmark::nothing;

    private final long[] delays =
            new Random(1).longs(DELAYS, FIRST_NANOS, 2 * FIRST_NANOS).toArray();

    /// A loop with its million timers.
    @State(Scope.Thread)
    public static class Jloop {
        private final SelectorEventLoop loop = SelectorEventLoop.builder().debug(false).build();

        /// Adds the timers.
        @Setup(Level.Trial)
        public void fill() {
            for (var delay : outstandingDelays()) {
                loop.callAt(loop.time() + delay, NOTHING);
            }
        }

        /// Closes the loop.
        @TearDown(Level.Trial)
        public void close() {
            loop.close();
        }
    }

    /// Netty's loop with its million timers.
    @State(Scope.Thread)
    public static class Netty {
        private final NettyLoop netty = new NettyLoop();

        /// Adds the timers.
        @Setup(Level.Trial)
        public void fill() {
            netty.call(() -> {
                for (var delay : outstandingDelays()) {
                    var _ = netty.loop().schedule(NOTHING, delay, TimeUnit.NANOSECONDS);
                }
                return OUTSTANDING;
            });
        }

        /// Closes the loop.
        @TearDown(Level.Trial)
        public void close() {
            netty.close();
        }
    }

    /// Netty's wheel with its million timers.
    @State(Scope.Thread)
    public static class Wheel {
        private final HashedWheelTimer wheel = new HashedWheelTimer();

        /// Adds the timers.
        @Setup(Level.Trial)
        public void fill() {
            for (var delay : outstandingDelays()) {
                var _ = wheel.newTimeout(_ -> {}, delay, TimeUnit.NANOSECONDS);
            }
        }

        /// Stops the wheel.
        @TearDown(Level.Trial)
        public void close() {
            wheel.stop();
        }
    }

    /// The JDK's scheduler with its million timers.
    @State(Scope.Thread)
    public static class Jdk {
        private final ScheduledThreadPoolExecutor scheduler = new ScheduledThreadPoolExecutor(1);

        /// Adds the timers.
        @Setup(Level.Trial)
        public void fill() {
            scheduler.setRemoveOnCancelPolicy(true);
            for (var delay : outstandingDelays()) {
                var _ = scheduler.schedule(NOTHING, delay, TimeUnit.NANOSECONDS);
            }
        }

        /// Stops the scheduler.
        @TearDown(Level.Trial)
        public void close() {
            scheduler.shutdownNow();
        }
    }

    private static void nothing() {}

    private static long[] outstandingDelays() {
        return new Random(2).longs(OUTSTANDING, FIRST_NANOS, 2 * FIRST_NANOS).toArray();
    }

    /// On a loop.
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public int addAndCancel(Jloop state) {
        var cancelled = 0;
        for (var i = 0; i < REPETITIONS; i++) {
            for (var delay : delays) {
                var timer = state.loop.callAt(state.loop.time() + delay, NOTHING);
                cancelled += timer.cancel() ? 1 : 0;
            }
        }
        return cancelled;
    }

    /// On the thread of Netty's loop, whose timers are a binary heap.
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public int nettyAddAndCancel(Netty state) {
        return state.netty.call(() -> {
            var cancelled = 0;
            for (var i = 0; i < REPETITIONS; i++) {
                for (var delay : delays) {
                    var timer = state.netty.loop().schedule(NOTHING, delay, TimeUnit.NANOSECONDS);
                    cancelled += timer.cancel(false) ? 1 : 0;
                }
            }
            return cancelled;
        });
    }

    /// On Netty's wheel, which does the work later, on a thread of its own.
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public int nettyWheelAddAndCancel(Wheel state) {
        var cancelled = 0;
        for (var i = 0; i < REPETITIONS; i++) {
            for (var delay : delays) {
                var timer = state.wheel.newTimeout(_ -> {}, delay, TimeUnit.NANOSECONDS);
                cancelled += timer.cancel() ? 1 : 0;
            }
        }
        return cancelled;
    }

    /// On the JDK's scheduler, a binary heap behind a lock.
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public int jdkAddAndCancel(Jdk state) {
        var cancelled = 0;
        for (var i = 0; i < REPETITIONS; i++) {
            for (var delay : delays) {
                var timer = state.scheduler.schedule(NOTHING, delay, TimeUnit.NANOSECONDS);
                cancelled += timer.cancel(false) ? 1 : 0;
            }
        }
        return cancelled;
    }
}

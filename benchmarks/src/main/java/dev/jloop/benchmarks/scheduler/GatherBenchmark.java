package dev.jloop.benchmarks.scheduler;

import dev.jloop.core.Async;
import dev.jloop.core.SelectorEventLoop;
import dev.jloop.core.Task;

import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.PromiseCombiner;

import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/// Starting ten thousand tasks that end in their first step, and waiting for all of them together.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgs = "--add-opens=java.base/java.lang=ALL-UNNAMED")
public class GatherBenchmark {
    private static final int OPERATIONS = 10_000;

    /// Coroutines on a loop.
    @State(Scope.Thread)
    public static class Jloop {
        /// Which coroutines.
        @Param({"mounted", "baton"})
        public String engine = "mounted";

        private @Nullable SelectorEventLoop loop;

        /// Makes the loop.
        @Setup(Level.Trial)
        public void open() {
            loop = SelectorEventLoop.builder().engine(engine).debug(false).build();
        }

        SelectorEventLoop loop() {
            if (loop == null) {
                throw new IllegalStateException("the loop is made in setup");
            }
            return loop;
        }

        /// Closes the loop.
        @TearDown(Level.Trial)
        public void close() {
            loop().close();
        }
    }

    /// Netty's loop, whose tasks cannot wait for anything.
    @State(Scope.Thread)
    public static class Netty {
        private final NettyLoop netty = new NettyLoop();

        /// Closes the loop.
        @TearDown(Level.Trial)
        public void close() {
            netty.close();
        }
    }

    /// `gather` of tasks.
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public int gather(Jloop state) {
        return state.loop()
                .runUntilComplete(() -> {
                    var tasks = new ArrayList<Task<Integer>>(OPERATIONS);
                    for (var i = 0; i < OPERATIONS; i++) {
                        tasks.add(Async.createTask(() -> 1));
                    }
                    return Async.gather(tasks).await().size();
                });
    }

    /// `PromiseCombiner` of tasks that are no coroutines.
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public boolean nettyPromiseCombiner(Netty state) {
        var loop = state.netty.loop();
        var all = loop.<Void>newPromise();
        state.netty.call(() -> {
            var combiner = new PromiseCombiner(loop);
            for (var i = 0; i < OPERATIONS; i++) {
                Future<?> task = loop.submit(() -> 1);
                combiner.add(task);
            }
            combiner.finish(all);
            return OPERATIONS;
        });
        return all.syncUninterruptibly().isSuccess();
    }

    /// Virtual threads on the JDK's scheduler, which may use all cores.
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public int virtualThreadsInvokeAll() throws InterruptedException, ExecutionException {
        List<Callable<Integer>> bodies = new ArrayList<>(OPERATIONS);
        for (var i = 0; i < OPERATIONS; i++) {
            bodies.add(() -> 1);
        }
        var sum = 0;
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var future : executor.invokeAll(bodies)) {
                sum += future.get();
            }
        }
        return sum;
    }
}

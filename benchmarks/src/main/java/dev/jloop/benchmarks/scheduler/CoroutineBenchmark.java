package dev.jloop.benchmarks.scheduler;

import static dev.jloop.core.Async.createTask;
import static dev.jloop.core.Async.yieldNow;

import dev.jloop.core.SelectorEventLoop;

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

import java.util.concurrent.TimeUnit;

/// Suspending, resuming and starting coroutines, on both engines.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgs = "--add-opens=java.base/java.lang=ALL-UNNAMED")
public class CoroutineBenchmark {
    /// Enough that entering and leaving the loop, once for each invocation, does not show.
    private static final int OPERATIONS = 10_000;

    /// Which coroutines.
    @Param({"mounted", "baton"})
    public String engine = "mounted";

    private @Nullable SelectorEventLoop loop;

    /// Makes the loop.
    @Setup(Level.Trial)
    public void open() {
        loop = SelectorEventLoop.builder().engine(engine).build();
    }

    /// Closes the loop.
    @TearDown(Level.Trial)
    public void close() {
        running().close();
    }

    private SelectorEventLoop running() {
        if (loop == null) {
            throw new IllegalStateException("the loop is made in setup");
        }
        return loop;
    }

    /// One suspend and one resume of a coroutine, with the turn of the loop between them.
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public void suspendAndResume() {
        running()
                .runUntilComplete(() -> {
                    for (var i = 0; i < OPERATIONS; i++) {
                        yieldNow();
                    }
                });
    }

    /// A task from its creation to its end. They are started a hundred at a time, as a busy server
    /// does.
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public void spawnAndFinish() {
        running()
                .runUntilComplete(() -> {
                    for (var batch = 0; batch < OPERATIONS / 100; batch++) {
                        for (var i = 0; i < 100; i++) {
                            createTask(() -> {});
                        }
                        yieldNow();
                    }
                });
    }
}

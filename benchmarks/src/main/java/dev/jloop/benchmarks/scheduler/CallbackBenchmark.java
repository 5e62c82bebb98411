package dev.jloop.benchmarks.scheduler;

import dev.jloop.core.SelectorEventLoop;

import io.netty.util.concurrent.Promise;

import org.jspecify.annotations.Nullable;
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

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/// Scheduling a callback on the loop's own thread and running it: a thousand in a turn, and in a
/// chain, where each callback schedules the next and so has a turn to itself.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgs = "--add-opens=java.base/java.lang=ALL-UNNAMED")
public class CallbackBenchmark {
    private static final int BATCH = 1_000;

    /// One after the other in an invocation, so that handing the first to Netty's thread, which
    /// sleeps, does not show.
    private static final int BATCHES = 100;

    private static final int OPERATIONS = BATCHES * BATCH;

    /// As many for the same reason.
    private static final int LINKS = 1_000_000;

    private final SelectorEventLoop loop = SelectorEventLoop.builder().debug(false).build();
    private final NettyLoop netty = new NettyLoop();
    private final Deque<Runnable> plain = new ArrayDeque<>();
    private final Runnable count = this::countOne;
    private final Runnable batch = this::scheduleBatch;
    private final Runnable nettyBatch = this::scheduleNettyBatch;
    private final Runnable link = this::runLink;
    private final Runnable nettyLink = this::runNettyLink;
    private final Runnable plainLink = this::runPlainLink;
    private @Nullable Promise<Long> nettyOver;
    private long ran;
    private int batches;

    /// Makes sure that all the callbacks have run.
    @Setup(Level.Invocation)
    public void reset() {
        ran = 0;
        batches = 0;
    }

    /// Closes the loops.
    @TearDown(Level.Trial)
    public void close() {
        loop.close();
        netty.close();
    }

    private void countOne() {
        ran++;
    }

    private void checkAllRan() {
        checkRan(OPERATIONS);
    }

    private void checkRan(int expected) {
        if (ran != expected) {
            throw new IllegalStateException(ran + " of " + expected + " callbacks have run");
        }
    }

    /// One `callSoon` in a callback, and the run of what it schedules: a thousand in a turn.
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public void callSoonAndRun() {
        loop.callSoon(batch);
        loop.runForever();
        checkAllRan();
    }

    private void scheduleBatch() {
        if (batches++ == BATCHES) {
            loop.stop();
            return;
        }
        for (var i = 0; i < BATCH; i++) {
            loop.callSoon(count);
        }
        loop.callSoon(batch); // behind them all
    }

    /// One `execute` on the thread of Netty's loop, and the task: a thousand in the queue.
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public void nettyExecuteAndRun() {
        runOnNetty(nettyBatch);
        checkAllRan();
    }

    private void scheduleNettyBatch() {
        if (batches++ == BATCHES) {
            Objects.requireNonNull(nettyOver).setSuccess(ran);
            return;
        }
        for (var i = 0; i < BATCH; i++) {
            netty.loop().execute(count);
        }
        netty.loop().execute(nettyBatch); // behind them all
    }

    /// Hands over the first task and waits for the last.
    private void runOnNetty(Runnable first) {
        var over = netty.loop().<Long>newPromise();
        nettyOver = over;
        netty.loop().execute(first);
        over.syncUninterruptibly();
    }

    /// What a queue costs that knows no contexts, handles or failures.
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public void plainQueueAndRun() {
        for (var done = 0; done < BATCHES; done++) {
            for (var i = 0; i < BATCH; i++) {
                plain.add(count);
            }
            for (var next = plain.poll(); next != null; next = plain.poll()) {
                next.run();
            }
        }
        checkAllRan();
    }

    /// One callback that schedules the next.
    @Benchmark
    @OperationsPerInvocation(LINKS)
    public void callSoonChain() {
        loop.callSoon(link);
        loop.runForever();
        checkRan(LINKS);
    }

    private void runLink() {
        if (++ran < LINKS) {
            loop.callSoon(link);
        } else {
            loop.stop();
        }
    }

    /// One task of Netty's loop that hands it the next.
    @Benchmark
    @OperationsPerInvocation(LINKS)
    public void nettyExecuteChain() {
        runOnNetty(nettyLink);
        checkRan(LINKS);
    }

    private void runNettyLink() {
        if (++ran < LINKS) {
            netty.loop().execute(nettyLink);
        } else {
            Objects.requireNonNull(nettyOver).setSuccess(ran);
        }
    }

    /// What the chain costs in a queue that knows no turns either.
    @Benchmark
    @OperationsPerInvocation(LINKS)
    public void plainQueueChain() {
        plain.add(plainLink);
        for (var next = plain.poll(); next != null; next = plain.poll()) {
            next.run();
        }
        checkRan(LINKS);
    }

    private void runPlainLink() {
        if (++ran < LINKS) {
            plain.add(plainLink);
        }
    }
}

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

import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// A million timers, each due within a millisecond of its adding, which is over before the last is
/// added, so that nobody waits. Each is given a delay, from which the deadline is reckoned by the
/// clock, as all schedulers do.
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5)
@Measurement(iterations = 5)
@Fork(value = 2, jvmArgs = "--add-opens=java.base/java.lang=ALL-UNNAMED")
public class TimerFiringBenchmark {
    private static final int TIMERS = 1_000_000;

    private final long[] delays = shuffledDelays();
    private final SelectorEventLoop loop = SelectorEventLoop.builder().debug(false).build();
    private final NettyLoop netty = new NettyLoop();
    private final ScheduledThreadPoolExecutor scheduler = new ScheduledThreadPoolExecutor(1);
    private CountDownLatch left = new CountDownLatch(0);
    private int fired;

    /// Nothing has fired yet.
    @Setup(Level.Invocation)
    public void reset() {
        fired = 0;
        left = new CountDownLatch(1);
    }

    /// Closes the loops.
    @TearDown(Level.Trial)
    public void close() {
        loop.close();
        netty.close();
        scheduler.shutdownNow();
    }

    private static long[] shuffledDelays() {
        var delays = new long[TIMERS];
        var random = new Random(3);
        for (var i = 0; i < TIMERS; i++) {
            var place = random.nextInt(i + 1);
            delays[i] = delays[place];
            delays[place] = i + 1L;
        }
        return delays;
    }

    private void fireOnLoop() {
        if (++fired == TIMERS) {
            loop.stop();
        }
    }

    private void fire() {
        if (++fired == TIMERS) {
            left.countDown();
        }
    }

    /// On a loop.
    @Benchmark
    @OperationsPerInvocation(TIMERS)
    public int addAndFire() {
        loop.callSoon(this::addAll);
        loop.runForever();
        return fired;
    }

    private void addAll() {
        Runnable callback = this::fireOnLoop;
        for (var delay : delays) {
            loop.callAt(loop.time() + delay, callback);
        }
    }

    /// On Netty's loop.
    @Benchmark
    @OperationsPerInvocation(TIMERS)
    public int nettyAddAndFire() throws InterruptedException {
        Runnable callback = this::fire;
        netty.loop()
                .execute(() -> {
                    for (var delay : delays) {
                        var _ = netty.loop().schedule(callback, delay, TimeUnit.NANOSECONDS);
                    }
                });
        left.await();
        return fired;
    }

    /// On the JDK's scheduler, which starts to fire on its own thread while they are added.
    @Benchmark
    @OperationsPerInvocation(TIMERS)
    public int jdkAddAndFire() throws InterruptedException {
        Runnable callback = this::fire;
        for (var delay : delays) {
            var _ = scheduler.schedule(callback, delay, TimeUnit.NANOSECONDS);
        }
        left.await();
        return fired;
    }
}

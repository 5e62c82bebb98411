package dev.jloop.core;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/// What the watchdog says of a loop that is stuck. Its time is a number here, and it looks when it
/// is told to.
class WatchdogTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    @RegisterExtension final LoopFixture kit = LoopFixture.onVirtualTime();
    @RegisterExtension final LogCapture log = new LogCapture();

    private final AtomicLong nanos = new AtomicLong();
    private final AtomicLong pausesMillis = new AtomicLong();
    private final Watchdog watchdog = new Watchdog(nanos::get, pausesMillis::get);

    private void lookAfter(Duration time) {
        nanos.addAndGet(time.toNanos());
        watchdog.look();
    }

    /// Does as if the callback or coroutine that calls it had run for two seconds.
    private void seenStuck() {
        lookAfter(Duration.ZERO);
        lookAfter(SECOND.multipliedBy(2));
    }

    private List<ILoggingEvent> reports() {
        return log.events().stream()
                .filter(event -> event.getFormattedMessage().contains("is stuck"))
                .toList();
    }

    private ILoggingEvent onlyReport() {
        var reports = reports();
        assertThat(reports).hasSize(1);
        return reports.getFirst();
    }

    private static List<String> methods(ILoggingEvent report) {
        return Arrays.stream(report.getThrowableProxy().getStackTraceElementProxyArray())
                .map(frame -> frame.getStackTraceElement().getMethodName())
                .toList();
    }

    private void watched(AsyncRunnable body) {
        watchdog.watch(kit.loop());
        kit.run(body);
    }

    @Test
    void aTaskThatKeepsTheLoopBusyIsNamedWithTheTimeAndItsStack() {
        watched(() -> {
            Async.currentTask().rename("the culprit");
            seenStuck();
        });
        var report = onlyReport();
        assertThat(report.getFormattedMessage())
                .contains(kit.loop().toString(), "the culprit", "2000 ms", "Offload.toThread");
        assertThat(methods(report)).contains("seenStuck");
    }

    @Test
    void aCallbackIsNamedToo() {
        Runnable callback =
                new Runnable() {
                    @Override
                    public void run() {
                        seenStuck();
                    }

                    @Override
                    public String toString() {
                        return "my callback";
                    }
                };
        watched(() -> {
            kit.loop().callSoon(callback);
            Async.yieldNow();
            Async.yieldNow();
        });
        assertThat(onlyReport().getFormattedMessage()).contains("my callback");
        assertThat(methods(onlyReport())).contains("seenStuck");
    }

    @Test
    void itWakesWhereTwoLoopsStartAtOnce() throws InterruptedException {
        var looks = new Semaphore(0);
        LongSupplier counted =
                () -> {
                    looks.release();
                    return nanos.get();
                };
        var sleeper = new Watchdog(counted, pausesMillis::get);
        try (var other = SelectorEventLoop.builder().build()) {
            sleeper.loopStarted(other);
            assertThat(looks.tryAcquire(10, TimeUnit.SECONDS)).isTrue();
            sleeper.loopStopped(other);
            awaitSleep(sleeper);
            looks.drainPermits();

            sleeper.watch(kit.loop()); // as far as another thread has come
            sleeper.loopStarted(other);

            assertThat(looks.tryAcquire(2, 10, TimeUnit.SECONDS)).isTrue();
            sleeper.loopStopped(other);
            sleeper.loopStopped(kit.loop());
        }
    }

    private static void awaitSleep(Watchdog watchdog) {
        var safetyNet = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (watchdog.threadState() != Thread.State.WAITING) {
            assertThat(System.nanoTime()).isLessThan(safetyNet);
            Thread.onSpinWait();
        }
    }

    @Test
    void aLogBackEndThatFailsDoesNotEndIt() {
        var broken =
                new AppenderBase<ILoggingEvent>() {
                    @Override
                    protected void append(ILoggingEvent event) {}

                    @Override
                    public synchronized void doAppend(ILoggingEvent event) {
                        throw new IllegalStateException("the disk is full");
                    }
                };
        var logger = (Logger) LoggerFactory.getLogger(EventLoop.class);
        logger.addAppender(broken);
        try {
            watched(this::seenStuck);
        } finally {
            logger.detachAppender(broken);
        }
    }

    private static final AtomicReference<@Nullable Runnable> IN_INITIALISER =
            new AtomicReference<>();

    private static final class SlowToInitialise {
        static final int ANSWER = initialise();

        private SlowToInitialise() {}

        private static int initialise() {
            var action = IN_INITIALISER.get();
            if (action != null) {
                action.run();
            }
            return 42;
        }
    }

    @Test
    void theInitialiserOfAClassIsOnTheStack() {
        IN_INITIALISER.set(this::seenStuck);
        watched(() -> assertThat(SlowToInitialise.ANSWER).isEqualTo(42));
        assertThat(methods(onlyReport())).contains("<clinit>");
    }

    @Test
    void aCallIntoNativeCodeIsOnTheStack() throws Exception {
        var echo = new ProcessBuilder("cat").start();
        try {
            watched(() -> {
                var observer =
                        Thread.ofPlatform()
                                .start(() -> {
                                    awaitMethodOnStack("readBytes");
                                    seenStuck();
                                    releaseRead(echo);
                                });
                blockOnRead(echo);
                observer.join();
            });
        } finally {
            echo.destroy();
        }
        assertThat(methods(onlyReport())).contains("readBytes", "blockOnRead");
    }

    /// The streams of a process block in native code, where those of a channel would not.
    private static void blockOnRead(Process echo) throws IOException {
        assertThat(echo.getInputStream().read()).isEqualTo('x');
    }

    private static void releaseRead(Process echo) {
        try {
            echo.getOutputStream().write('x');
            echo.getOutputStream().flush();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private void awaitMethodOnStack(String method) {
        while (true) {
            var thread = kit.loop().execution().busyThread();
            if (thread != null
                    && Arrays.stream(thread.getStackTrace())
                            .anyMatch(frame -> frame.getMethodName().equals(method))) {
                return;
            }
            Thread.onSpinWait();
        }
    }

    @Test
    void oneStallIsReportedOnceAndTheNextOneAgain() {
        watched(() -> {
            seenStuck();
            lookAfter(SECOND);
            lookAfter(SECOND);
            assertThat(reports()).hasSize(1);
            Async.yieldNow();
            seenStuck();
            assertThat(reports()).hasSize(2);
        });
    }

    @Test
    void workBelowTheThresholdIsNoStall() {
        watched(() -> {
            lookAfter(Duration.ZERO);
            lookAfter(SECOND.minusNanos(1));
            assertThat(reports()).isEmpty();
            lookAfter(Duration.ofNanos(1));
            assertThat(reports()).hasSize(1);
        });
    }

    @Test
    void theThresholdOfDebugModeIsTheSlowCallbackDuration() {
        kit.loop().setDebug(true);
        kit.loop().setSlowCallbackDuration(Duration.ofMillis(5));
        watched(() -> {
            lookAfter(Duration.ZERO);
            lookAfter(Duration.ofMillis(5));
        });
        assertThat(onlyReport().getFormattedMessage()).contains("5 ms");
    }

    @Test
    void itLooksAsOftenAsTheShortestThresholdAsksFor() {
        watchdog.watch(kit.loop());
        kit.loop().setDebug(false);
        assertThat(period()).isEqualTo(Duration.ofMillis(100));
        kit.loop().setDebug(true);
        kit.loop().setSlowCallbackDuration(Duration.ofMillis(500));
        assertThat(period()).isEqualTo(Duration.ofMillis(50));
        kit.loop().setSlowCallbackDuration(Duration.ofNanos(1));
        assertThat(period()).isEqualTo(Duration.ofMillis(25));
        try (var other = SelectorEventLoop.builder().debug(false).build()) {
            watchdog.watch(other);
            assertThat(period()).isEqualTo(Duration.ofMillis(25));
        }
    }

    private Duration period() {
        return Duration.ofNanos(watchdog.periodNanos());
    }

    @Test
    void manyShortCallbacksAreNoStall() {
        watched(() -> {
            for (var i = 0; i < 10; i++) {
                lookAfter(SECOND.minusMillis(1));
                Async.yieldNow();
            }
        });
        assertThat(reports()).isEmpty();
    }

    @Test
    void garbageCollectionPausesAreSubtracted() {
        watched(() -> {
            lookAfter(Duration.ZERO);
            pausesMillis.addAndGet(1500);
            lookAfter(SECOND.multipliedBy(2));
            assertThat(reports()).isEmpty();
            lookAfter(SECOND);
            assertThat(onlyReport().getFormattedMessage()).contains("1500 ms");
        });
    }

    @Test
    void pausesBeforeTheStallDoNotCount() {
        pausesMillis.set(100_000);
        watched(this::seenStuck);
        assertThat(onlyReport().getFormattedMessage()).contains("2000 ms");
    }

    @Test
    void theRealPausesAreKnown() {
        assertThat(GarbageCollectionPauses.totalMillis()).isNotNegative();
    }

    // ---- locks

    /// A coroutine awaits while it holds a lock that another one wants.
    static final class HoldsAcrossAwait {
        private static final Object MONITOR = new Object();
        private static final ReentrantLock LOCK = new ReentrantLock();

        private HoldsAcrossAwait() {}

        public static void main(String[] kind) {
            var nanos = new AtomicLong();
            var watchdog = new Watchdog(nanos::get, () -> 0);
            Async.run(() -> {
                var loop = (SelectorEventLoop) EventLoop.current();
                watchdog.watch(loop);
                Thread.ofPlatform().daemon().start(() -> reportStall(loop, watchdog, nanos));
                var monitor = kind[0].equals("monitor");
                Async.createTask(
                        monitor
                                ? HoldsAcrossAwait::sleepInMonitor
                                : HoldsAcrossAwait::sleepWithLock,
                        "the holder");
                Async.yieldNow();
                Async.createTask(
                        monitor ? HoldsAcrossAwait::enterMonitor : LOCK::lock, "the waiter");
                Async.sleep(Duration.ofDays(1));
            });
        }

        private static void sleepInMonitor() {
            synchronized (MONITOR) {
                Async.sleep(Duration.ofDays(1));
            }
        }

        private static void sleepWithLock() {
            LOCK.lock();
            Async.sleep(Duration.ofDays(1));
        }

        private static void enterMonitor() {
            synchronized (MONITOR) {
                System.out.println("not reached");
            }
        }

        private static void reportStall(
                SelectorEventLoop loop, Watchdog watchdog, AtomicLong nanos) {
            while (!isBlocked(loop.execution().busyThread())) {
                Thread.onSpinWait();
            }
            watchdog.look();
            nanos.addAndGet(SECOND.multipliedBy(2).toNanos());
            watchdog.look();
            System.out.flush();
            Runtime.getRuntime().halt(0);
        }

        private static boolean isBlocked(@Nullable Thread thread) {
            return thread != null
                    && thread.getName().equals("the waiter")
                    && (thread.getState() == Thread.State.BLOCKED
                            || thread.getState() == Thread.State.WAITING);
        }
    }

    private static List<String> outputOfHolding(String kind, String... options)
            throws IOException, InterruptedException {
        var all = new ArrayList<>(ChildJvm.SAME_ENGINE);
        all.addAll(List.of(options));
        try (var child = new ChildJvm(HoldsAcrossAwait.class, all, kind)) {
            assertThat(child.awaitExit()).isZero();
            return child.output();
        }
    }

    @Test
    void aMonitorHeldAcrossAnAwaitPointIsNamedWithItsWaiterAndItsSuspendedHolder()
            throws IOException, InterruptedException {
        assertThat(outputOfHolding("monitor"))
                .anyMatch(line ->
                        line.contains("is stuck")
                                && line.contains("the waiter")
                                && line.contains("java.lang.Object@")
                                && line.contains("\"the holder\""))
                .anyMatch(line -> line.contains("sleepInMonitor"))
                .anyMatch(line -> line.contains("enterMonitor"))
                .anyMatch(line -> line.contains("AsyncLock"));
    }

    @Test
    void aReentrantLockIsNamedWithItsHolderWhereTheJdkLetsUsSee()
            throws IOException, InterruptedException {
        assertThat(
                        outputOfHolding(
                                "lock",
                                "--add-opens=java.base/java.util.concurrent.locks=ALL-UNNAMED"))
                .anyMatch(line ->
                        line.contains("is stuck")
                                && line.contains("the waiter")
                                && line.contains("ReentrantLock")
                                && line.contains("'the holder'"))
                .anyMatch(line -> line.contains("sleepWithLock"));
    }

    @Test
    void withoutThatTheLockAndItsWaiterAreNamed() throws IOException, InterruptedException {
        assertThat(outputOfHolding("lock"))
                .anyMatch(line ->
                        line.contains("is stuck")
                                && line.contains("the waiter")
                                && line.contains("ReentrantLock")
                                && line.contains("AsyncLock")
                                && !line.contains("the holder"));
    }
}

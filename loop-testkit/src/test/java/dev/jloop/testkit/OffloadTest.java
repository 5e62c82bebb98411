package dev.jloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jloop.core.Async;
import dev.jloop.core.CancelledError;
import dev.jloop.core.LoopFuture;
import dev.jloop.core.TimedOutException;
import dev.jloop.core.sync.AsyncEvent;
import dev.jloop.executor.CapacityLimiter;
import dev.jloop.executor.Offload;
import dev.jloop.executor.OffloadOptions;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;

/// What loop-executor does on virtual time; its own tests cannot depend on this module.
@Timeout(30)
class OffloadTest {
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Duration SAFETY_NET = Duration.ofSeconds(20);

    private final VirtualTimeLoop loop = VirtualTimeLoop.create();

    @AfterEach
    void close() {
        loop.cancelAndJoin(loop.pendingTasks(false), "the test is over");
        loop.close();
    }

    @Test
    void virtualTimePassesWhileABodyWaitsForACoroutineAndStandsStillAfterwards() {
        var release = new CountDownLatch(1);
        loop.runUntilComplete(() -> {
            var body =
                    Async.createTask(() ->
                            Offload.toThread(() -> {
                                Offload.callFromThread(() -> Async.sleep(HOUR));
                                release.await();
                                return "done";
                            }));
            Async.sleep(HOUR);
            var late = Async.createTask(() -> Async.sleep(HOUR));
            for (var i = 0; i < 100; i++) {
                Async.yieldNow();
            }
            assertThat(loop.time()).isEqualTo(HOUR.toNanos());
            release.countDown();
            assertThat(body.await()).isEqualTo("done");
            assertThat(loop.time()).as("the thread took no time").isEqualTo(HOUR.toNanos());
            late.await();
        });
    }

    @Test
    void aTimeoutAroundABodyCancelsTheCoroutineThatTheBodyWaitsFor() {
        var seen = new AtomicReference<Throwable>();
        var ended = new CountDownLatch(1);
        loop.runUntilComplete(() -> {
            assertThatThrownBy(() ->
                            Async.withTimeout(
                                    Duration.ofSeconds(5),
                                    () ->
                                            Offload.toThread(() -> {
                                                try {
                                                    Offload.callFromThread(() -> Async.sleep(HOUR));
                                                } catch (CancelledError cancelled) {
                                                    seen.set(cancelled);
                                                }
                                                ended.countDown();
                                                return 1;
                                            })))
                    .isInstanceOf(TimedOutException.class);
            Offload.toThread(() -> ended.await());
            assertThat(loop.time()).isEqualTo(Duration.ofSeconds(5).toNanos());
        });
        assertThat(seen.get()).isInstanceOf(CancelledError.class);
    }

    @Test
    void workThatWaitsForATokenDoesNotHoldTimeUp() {
        var limiter = new CapacityLimiter(1);
        loop.runUntilComplete(() -> {
            var holder = Async.createTask(() -> limiter.run(() -> Async.sleep(HOUR)));
            Async.yieldNow();
            assertThat(Offload.toThread(() -> "after the hour", limiter))
                    .isEqualTo("after the hour");
            assertThat(loop.time()).isEqualTo(HOUR.toNanos());
            holder.await();
        });
    }

    @Test
    void aShutdownLetsTheTimePassThatTheLastWorkWaitsFor() {
        loop.runUntilComplete(() -> {
            var body =
                    Offload.runInExecutor(() -> {
                        Offload.callFromThread(() -> Async.sleep(HOUR));
                        return "done";
                    });
            Offload.shutdownDefaultExecutor(SAFETY_NET);
            assertThat(loop.time()).isEqualTo(HOUR.toNanos());
            assertThat(body.await()).isEqualTo("done");
        });
    }

    @Test
    void aShutdownTakesNoTimeWhileAThreadWorks() {
        loop.runUntilComplete(() -> {
            var late = Async.createTask(() -> Async.sleep(HOUR));
            var release = new CountDownLatch(1);
            var _ = Offload.runInExecutor(() -> release.await());
            var _ = Offload.runInExecutor(() -> Offload.callFromThread(() -> Async.yieldNow()));
            loop.callSoon(release::countDown);
            Offload.shutdownDefaultExecutor(SAFETY_NET);
            assertThat(loop.time()).isZero();
            late.await();
        });
    }

    @Test
    void aShutdownTakesNoTimeWhileABodyWorksThatWasCancelledBefore() {
        shutdownTakesNoTimeWhileABodyWorks(body -> {
            var _ = body.cancel("nobody wants it");
            Async.yieldNow();
        });
    }

    @Test
    void aShutdownTakesNoTimeWhileABodyWorksThatIsCancelledMeanwhile() {
        shutdownTakesNoTimeWhileABodyWorks(
                body -> loop.callSoon(() -> body.cancel("nobody wants it")));
    }

    @Test
    void aShutdownThatIsCancelledDoesNotLetTimePassInAnother() {
        shutdownTakesNoTimeWhileABodyWorks(body -> {
            var _ = body.cancel("nobody wants it");
            var other = Async.createTask(() -> Offload.shutdownDefaultExecutor(SAFETY_NET));
            loop.callSoon(() -> loop.callSoon(other::cancel));
        });
    }

    /// @param before called before the shutdown, with the body's future
    private void shutdownTakesNoTimeWhileABodyWorks(Consumer<LoopFuture<?>> before) {
        var release = new CountDownLatch(1);
        loop.setExceptionHandler((_, _) -> {}); // it is told of the body
        try {
            loop.runUntilComplete(() -> {
                var late = Async.createTask(() -> Async.sleep(HOUR));
                before.accept(startBodyThatAwaits(release, Offload::runInExecutor));

                Offload.shutdownDefaultExecutor(Duration.ofMillis(100));

                assertThat(loop.time()).isZero();
                late.await(); // with nobody left who waits for the body
                release.countDown();
                Offload.shutdownDefaultExecutor(SAFETY_NET);
            });
        } finally {
            release.countDown();
        }
        assertThat(loop.unfinished()).isEmpty();
    }

    @Test
    void aShutdownDoesNotHoldTimeUpForACancelledBodyInAnExecutorOfTheUsers() {
        var release = new CountDownLatch(1);
        var own = Executors.newSingleThreadExecutor();
        try {
            loop.runUntilComplete(() -> {
                var elsewhere =
                        startBodyThatAwaits(release, body -> Offload.runInExecutor(own, body));
                var _ = elsewhere.cancel("nobody wants it");
                var _ =
                        Offload.runInExecutor(
                                () -> Offload.callFromThread(() -> Async.sleep(HOUR)));
                Offload.shutdownDefaultExecutor(SAFETY_NET);
                assertThat(loop.time()).isEqualTo(HOUR.toNanos());
            });
        } finally {
            release.countDown();
            own.close();
        }
    }

    @Test
    void aShutdownLetsTheTimePassThatTheCleanUpOfACancelledBodyNeeds() {
        loop.runUntilComplete(() -> {
            var late = Async.createTask(() -> Async.sleep(HOUR.multipliedBy(2)));
            var inCoroutine = new AsyncEvent();
            var body =
                    Offload.runInExecutor(() -> {
                        Offload.callFromThread(() -> {
                            try {
                                inCoroutine.set();
                                loop.createFuture().await();
                            } finally {
                                Async.sleep(HOUR);
                            }
                        });
                        return 1;
                    });
            inCoroutine.await();
            var _ = body.cancel("nobody wants it");
            Offload.shutdownDefaultExecutor(SAFETY_NET);
            assertThat(loop.time()).isEqualTo(HOUR.toNanos());
            late.await();
        });
    }

    private static LoopFuture<?> startBodyThatAwaits(
            CountDownLatch release, Function<Callable<Integer>, LoopFuture<Integer>> submit)
            throws InterruptedException {
        var started = new CountDownLatch(1);
        var body =
                submit.apply(() -> {
                    started.countDown();
                    release.await();
                    return 1;
                });
        Offload.toThread(() -> started.await());
        return body;
    }

    @Test
    void aBodyWhoseCoroutineWaitsForEverIsADeadlock() {
        assertThatThrownBy(() ->
                        loop.runUntilComplete(() -> {
                            Offload.toThread(
                                    () ->
                                            Offload.callFromThread(() ->
                                                    Async.currentTask()
                                                            .loop()
                                                            .createFuture()
                                                            .await()),
                                    OffloadOptions.DEFAULTS.withName("the body"));
                        }))
                .isInstanceOf(DeadlockException.class)
                .hasMessageContaining("OffloadTest");
    }

    @LoopTest
    void theThreadsOfTheDefaultExecutorAreNoLeakOfATest() {
        assertThat(Offload.toThread(() -> 1) + Offload.compute(() -> 2)).isEqualTo(3);
    }
}

package dev.jloop.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jloop.core.Async;
import dev.jloop.core.AsyncRunnable;
import dev.jloop.core.CancelledError;
import dev.jloop.core.Task;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

@Timeout(30)
class CapacityLimiterTest {
    private final CountingLoop loop = new CountingLoop();
    private final CapacityLimiter limiter = new CapacityLimiter(1);
    private final List<String> events = new ArrayList<>();

    @AfterEach
    void close() {
        loop.close();
    }

    /// Holds a token until `release` is done.
    private Task<?> holder(String name, AsyncRunnable release) {
        return Async.createTask(
                () ->
                        limiter.run(() -> {
                            events.add(name);
                            release.run();
                        }),
                name);
    }

    private static void turns(int count) {
        for (var i = 0; i < count; i++) {
            Async.yieldNow();
        }
    }

    @Test
    void waitersGetTokensInTheOrderTheyCame() {
        loop.runUntilComplete(() -> {
            var first = holder("first", () -> turns(3));
            var second = holder("second", () -> {});
            var third = holder("third", () -> {});
            turns(1);
            assertThat(limiter.statistics())
                    .isEqualTo(new CapacityLimiter.Statistics(1, 1, 2, List.of(first)));
            Async.waitAll(List.of(first, second, third));
        });
        assertThat(events).containsExactly("first", "second", "third");
        assertThat(limiter.statistics())
                .isEqualTo(new CapacityLimiter.Statistics(1, 0, 0, List.of()));
    }

    @Test
    void nobodyOvertakesAWaiterWhoseTokenIsOnItsWay() {
        loop.runUntilComplete(() -> {
            limiter.acquire();
            var waiter = holder("waiter", () -> {});
            turns(1);
            limiter.release();
            assertThat(limiter.tryAcquire()).isFalse();
            waiter.await();
            assertThat(limiter.tryAcquire()).isTrue();
        });
    }

    @Test
    void aWaiterThatIsCancelledWithItsTokenOnTheWayPassesItOn() {
        loop.runUntilComplete(() -> {
            limiter.acquire();
            var cancelled = holder("cancelled", () -> {});
            var next = holder("next", () -> {});
            turns(1);
            limiter.release();
            cancelled.cancel();
            next.await();
            assertThatThrownBy(cancelled::await).isInstanceOf(CancelledError.class);
        });
        assertThat(events).containsExactly("next");
        assertThat(limiter.statistics().borrowed()).isZero();
    }

    @Test
    void aCancelledWaiterIsForgotten() {
        loop.runUntilComplete(() -> {
            limiter.acquire();
            var cancelled = holder("cancelled", () -> {});
            turns(1);
            cancelled.cancel();
            assertThatThrownBy(cancelled::await).isInstanceOf(CancelledError.class);
            assertThat(limiter.statistics().waiting()).isZero();
            limiter.release();
            assertThat(limiter.tryAcquire()).isTrue();
        });
    }

    @Test
    void aHigherTotalServesThoseWhoWait() {
        loop.runUntilComplete(() -> {
            limiter.acquire();
            var second = holder("second", () -> {});
            var third = holder("third", () -> {});
            turns(1);
            limiter.changeTotal(3);
            assertThat(limiter.statistics().borrowed()).isEqualTo(3);
            Async.waitAll(List.of(second, third));
        });
    }

    @Test
    void aLowerTotalTakesNothingAwayAndLendsNothingUntilEnoughIsBack() {
        loop.runUntilComplete(() -> {
            limiter.changeTotal(2);
            limiter.acquireOnBehalfOf("a");
            limiter.acquireOnBehalfOf("b");
            limiter.changeTotal(1);
            assertThat(limiter.statistics())
                    .isEqualTo(new CapacityLimiter.Statistics(1, 2, 0, List.of("a", "b")));
            var waiter = holder("waiter", () -> {});
            turns(1);
            limiter.releaseOnBehalfOf("a");
            turns(2);
            assertThat(events).isEmpty();
            limiter.releaseOnBehalfOf("b");
            waiter.await();
            assertThat(events).containsExactly("waiter");
        });
    }

    @Test
    void aBorrowerHasOneToken() {
        limiter.changeTotal(2);
        loop.runUntilComplete(() -> {
            limiter.acquire();
            assertThatThrownBy(limiter::acquire)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("has a token of CapacityLimiter[total=2");
            assertThatThrownBy(() -> limiter.releaseOnBehalfOf("nobody"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("nobody gives back");
        });
    }

    @Test
    void aTotalBelowOneIsRefused() {
        assertThatThrownBy(() -> new CapacityLimiter(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not 0");
        assertThatThrownBy(() -> limiter.changeTotal(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not -1");
        assertThat(limiter.total()).isEqualTo(1);
    }

    @Test
    void oneLoopAtATimeUsesIt() {
        loop.runUntilComplete(() -> limiter.acquireOnBehalfOf("this loop"));
        try (var other = new CountingLoop()) {
            assertThatThrownBy(() -> other.runUntilComplete(() -> limiter.acquire()))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("make one for each loop");
        }
        limiter.releaseOnBehalfOf("this loop");
        try (var other = new CountingLoop()) {
            other.runUntilComplete(() -> limiter.acquire());
        }
    }

    @Test
    void whatTheBodyThrowsIsNotHiddenByTheTokenThatComesBack() {
        loop.runUntilComplete(() -> {
            var failure = new IllegalArgumentException("of the body");
            assertThatThrownBy(() ->
                            limiter.run(() -> {
                                limiter.release();
                                throw failure;
                            }))
                    .isSameAs(failure)
                    .satisfies(thrown -> assertThat(thrown.getSuppressed()).hasSize(1));
            assertThat(limiter.<Integer, RuntimeException>call(() -> 7)).isEqualTo(7);
        });
    }

    @Test
    void offloadedWorkWaitsForATokenAndTheLoopDoesNot() {
        var running = new CountDownLatch(1);
        var release = new CountDownLatch(1);
        loop.runUntilComplete(() -> {
            var first =
                    Async.createTask(() ->
                            Offload.toThread(
                                    () -> {
                                        running.countDown();
                                        release.await();
                                        return "first";
                                    },
                                    limiter));
            Offload.toThread(() -> running.await());
            var second = Async.createTask(() -> Offload.toThread(() -> "second", limiter));
            turns(3);
            assertThat(second.isDone()).isFalse();
            assertThat(limiter.statistics().waiting()).isEqualTo(1);
            loop.awaitOutsideWork(1); // what waits for a token is none
            release.countDown();
            assertThat(List.of(first.await(), second.await())).containsExactly("first", "second");
        });
        assertThat(limiter.statistics().borrowed()).isZero();
    }

    @Test
    void cancelledWorkKeepsItsTokenUntilItsBodyHasEnded() {
        var running = new CountDownLatch(1);
        var release = new CountDownLatch(1);
        loop.runUntilComplete(() -> {
            var first =
                    Async.createTask(() ->
                            Offload.toThread(
                                    () -> {
                                        running.countDown();
                                        release.await();
                                    },
                                    limiter));
            Offload.toThread(() -> running.await());
            first.cancel();
            assertThatThrownBy(first::await).isInstanceOf(CancelledError.class);
            assertThat(limiter.statistics().borrowed()).isEqualTo(1);
            var next = Async.createTask(() -> Offload.toThread(() -> release.getCount(), limiter));
            turns(3);
            assertThat(next.isDone()).isFalse();
            release.countDown();
            assertThat(next.await()).isZero();
        });
    }

    @Test
    void workThatIsCancelledWhileItWaitsNeverRunsAndTakesNoToken() {
        var ran = new AtomicBoolean();
        loop.runUntilComplete(() -> {
            limiter.acquire();
            var options = OffloadOptions.DEFAULTS.withLimiter(limiter);
            var waiting = Offload.runInExecutor(() -> ran.getAndSet(true), options);
            var late = Offload.runInExecutor(() -> ran.getAndSet(true), options);
            waiting.cancel();
            turns(2);
            assertThat(limiter.statistics().waiting()).isEqualTo(1);
            limiter.release(); // to `late`, which is cancelled with its token on the way
            late.cancel();
            turns(3);
            assertThat(limiter.statistics())
                    .isEqualTo(new CapacityLimiter.Statistics(1, 0, 0, List.of()));
            Offload.toThread(() -> {}, limiter);
        });
        assertThat(ran).isFalse();
        loop.awaitOutsideWork(0);
    }

    @Test
    void aTokenComesBackFromWorkThatTheExecutorRefuses() {
        loop.runUntilComplete(() -> {
            var options = OffloadOptions.DEFAULTS.withLimiter(limiter);
            assertThatThrownBy(() ->
                            Offload.runInExecutor(
                                    _ -> {
                                        throw new RejectedExecutionException();
                                    },
                                    () -> 1,
                                    options))
                    .isInstanceOf(RejectedExecutionException.class);
            assertThat(limiter.statistics().borrowed()).isZero();
            limiter.acquire();
            var later =
                    Offload.runInExecutor(
                            _ -> {
                                throw new RejectedExecutionException();
                            },
                            () -> 1,
                            options);
            limiter.release();
            assertThatThrownBy(later::await)
                    .isInstanceOf(RejectedExecutionException.class)
                    .hasMessageContaining("takes no more work");
            assertThat(limiter.statistics().borrowed()).isZero();
        });
    }

    @Test
    void whateverAnExecutorThrowsAtWorkThatHasWaitedFailsItsFuture() {
        loop.runUntilComplete(() -> {
            limiter.acquire();
            var failure = new IllegalArgumentException("a bug of the executor");
            var work =
                    Offload.runInExecutor(
                            _ -> {
                                throw failure;
                            },
                            () -> 1,
                            OffloadOptions.DEFAULTS.withLimiter(limiter));
            limiter.release();
            turns(3);
            assertThat(work.isDone()).isTrue();
            assertThat(work.exception()).isSameAs(failure);
            assertThat(limiter.statistics().borrowed()).isZero();
        });
        assertThat(loop.reports()).isEmpty();
    }

    @Test
    void aFreeLimiterMovesToAnotherLoopWhileTheOneBeforeStillRuns() {
        loop.setDebug(true);
        loop.runUntilComplete(() -> {
            limiter.acquire();
            limiter.release();
            Offload.toThread(() -> {
                try (var other = new CountingLoop()) {
                    other.setDebug(true);
                    other.runUntilComplete(() -> {
                        limiter.acquire();
                        limiter.release();
                        assertThat(limiter.tryAcquire()).isTrue();
                        limiter.release();
                        limiter.acquireOnBehalfOf("other");
                        limiter.releaseOnBehalfOf("other");
                    });
                }
            });
        });
    }

    @Test
    void aBodyThatRunsOnAfterItsLoopWasClosedKeepsItsTokenOnTheNextLoop() {
        var running = new CountDownLatch(1);
        var release = new CountDownLatch(1);
        var options = OffloadOptions.DEFAULTS.withLimiter(limiter);
        loop.runUntilComplete(() -> {
            var _ =
                    Offload.runInExecutor(
                            () -> {
                                running.countDown();
                                return release.await(1, TimeUnit.MINUTES);
                            },
                            options);
            Offload.toThread(() -> running.await());
        });
        loop.close();
        try (var next = new CountingLoop()) {
            next.runUntilComplete(() -> {
                assertThat(limiter.tryAcquire()).isFalse();
                assertThat(limiter.statistics().borrowed()).isEqualTo(1);
                var waiter = holder("waiter", () -> {});
                turns(3);
                assertThat(events).isEmpty();
                release.countDown();
                waiter.await();
                assertThat(limiter.statistics().borrowed()).isZero();
            });
        }
        assertThat(events).containsExactly("waiter");
    }

    @Test
    void whatEndedWithItsLoopHasNoTokenOnTheNextOne() {
        loop.runUntilComplete(() -> {
            limiter.acquireOnBehalfOf("who never gives it back");
        });
        loop.close();
        try (var next = new CountingLoop()) {
            next.runUntilComplete(() -> assertThat(limiter.tryAcquire()).isTrue());
        }
    }

    @Test
    void workThatStillWaitsWhenTheLoopClosesIsReported() {
        loop.runUntilComplete(() -> {
            limiter.acquireOnBehalfOf("somebody");
            var _ =
                    Offload.runInExecutor(
                            () -> 1,
                            OffloadOptions.DEFAULTS.withLimiter(limiter).withName("last words"));
        });
        loop.close();
        assertThat(loop.reports())
                .singleElement()
                .satisfies(report -> {
                    assertThat(report.message()).contains("1 pieces of work").contains("dropped");
                    assertThat(report.details()).containsEntry("work", List.of("last words"));
                });
    }
}

package dev.jloop.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

class WaitForTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    @RegisterExtension final LoopFixture kit = LoopFixture.onVirtualTime();

    private final List<String> calls = new ArrayList<>();

    private LoopFuture<String> future() {
        return kit.loop().createFuture();
    }

    @Test
    void aTimeoutComesOnlyAfterTheTaskHasCleanedUp() {
        kit.run(() -> {
            var task =
                    Async.createTask(() -> {
                        try {
                            return future().await();
                        } finally {
                            Async.sleep(SECOND);
                            calls.add("cleaned up");
                        }
                    });
            assertThatExceptionOfType(TimedOutException.class)
                    .isThrownBy(() -> Async.waitFor(task, SECOND))
                    .withCauseInstanceOf(CancelledError.class);
            assertThat(calls).containsExactly("cleaned up");
            assertThat(task.isCancelled()).isTrue();
            assertThat(kit.loop().time()).isEqualTo(Duration.ofSeconds(2).toNanos());
        });
    }

    @Test
    void aResultInTimeIsGiven() {
        kit.run(() -> {
            var task =
                    Async.createTask(() -> {
                        Async.sleep(SECOND);
                        return "value";
                    });
            assertThat(Async.waitFor(task, Duration.ofSeconds(2))).isEqualTo("value");
        });
    }

    @Test
    void aDoneFutureGivesItsValueWithATimeoutOfZeroOrLess() {
        kit.run(() -> {
            var done = future();
            done.setResult("value");
            assertThat(Async.waitFor(done, Duration.ZERO)).isEqualTo("value");
            assertThat(Async.waitFor(done, Duration.ofSeconds(-1))).isEqualTo("value");
        });
    }

    @Test
    void aPendingFutureTimesOutAtOnceWithATimeoutOfZero() {
        kit.run(() -> {
            var pending = future();
            assertThatExceptionOfType(TimedOutException.class)
                    .isThrownBy(() -> Async.waitFor(pending, Duration.ZERO));
            assertThat(pending.isCancelled()).isTrue();
        });
    }

    @Test
    void aTimeoutOfZeroTimesOutInTheCleanUpOfACancelledTaskToo() {
        kit.run(() -> {
            var task =
                    Async.createTask(() -> {
                        try {
                            future().await();
                        } finally {
                            assertThatExceptionOfType(TimedOutException.class)
                                    .isThrownBy(() -> Async.waitFor(future(), Duration.ZERO));
                            calls.add("gave up");
                        }
                    });
            Async.yieldNow();
            task.cancel();
            Async.waitAll(List.of(task));
            assertThat(task.isCancelled()).isTrue();
        });
        assertThat(calls).containsExactly("gave up");
    }

    @Test
    void aBodyIsNotStartedWithATimeoutOfZero() {
        kit.run(() -> {
            assertThatExceptionOfType(TimedOutException.class)
                    .isThrownBy(() -> Async.waitFor(() -> calls.add("body"), Duration.ZERO));
        });
        assertThat(calls).isEmpty();
    }

    @Test
    void aBodyRunsInTheCurrentTask() {
        kit.run(() -> {
            var main = Async.currentTask();
            assertThat(Async.<Task<?>, RuntimeException>waitFor(() -> Async.currentTask(), SECOND))
                    .isSameAs(main);
            assertThatExceptionOfType(TimedOutException.class)
                    .isThrownBy(() -> Async.withTimeout(SECOND, () -> future().await()));
        });
    }

    @Test
    void aTaskThatTurnsTheCancellationIntoAResultGivesIt() {
        kit.run(() -> {
            for (var timeout : List.of(SECOND, Duration.ZERO)) {
                var task =
                        Async.createTask(() -> {
                            try {
                                return future().await();
                            } catch (CancelledError swallowed) {
                                return "42";
                            }
                        });
                Async.yieldNow();
                assertThat(Async.waitFor(task, timeout)).isEqualTo("42");
            }
        });
    }

    @Test
    void aFailureInTheCleanUpWinsOverTheTimeout() {
        kit.run(() -> {
            var task =
                    Async.createTask(() -> {
                        try {
                            return future().await();
                        } catch (CancelledError cancellation) {
                            throw new IllegalStateException("clean-up");
                        }
                    });
            assertThatExceptionOfType(IllegalStateException.class)
                    .isThrownBy(() -> Async.waitFor(task, SECOND))
                    .withMessage("clean-up");
        });
    }

    @Test
    void cancellingTheWaiterCancelsTheInnerTask() {
        kit.run(() -> {
            var inner = Async.createTask(() -> future().await());
            var waiter = Async.createTask(() -> Async.waitFor(inner, SECOND));
            Async.yieldNow();
            waiter.cancel();
            Async.waitAll(List.of(waiter));
            assertThat(waiter.isCancelled()).isTrue();
            assertThat(inner.isCancelled()).isTrue();
        });
    }

    @Test
    void aCancellationOfTheWaiterIsNotLostIfTheInnerEndsInTheSameTurn() {
        kit.run(() -> {
            var inner = future();
            var waiter = Async.createTask(() -> Async.waitFor(inner, SECOND));
            Async.yieldNow();
            inner.setResult("value");
            waiter.cancel();
            Async.waitAll(List.of(waiter));
            assertThat(waiter.isCancelled()).isTrue();
        });
    }

    @Test
    void aShieldedTaskGoesOnAfterTheTimeout() {
        kit.run(() -> {
            var task =
                    Async.createTask(() -> {
                        Async.sleep(Duration.ofSeconds(3));
                        return "value";
                    });
            assertThatExceptionOfType(TimedOutException.class)
                    .isThrownBy(() -> Async.waitFor(Async.shield(task), SECOND));
            assertThat(task.isDone()).isFalse();
            assertThat(task.await()).isEqualTo("value");
        });
    }

    @Test
    void aFutureThatSomebodyElseCancelsIsNoTimeout() {
        kit.run(() -> {
            var future = future();
            kit.loop().callSoon(() -> future.cancel("somebody else"));
            assertThatExceptionOfType(CancelledError.class)
                    .isThrownBy(() -> Async.waitFor(future, SECOND))
                    .withMessage("somebody else");
        });
    }

    @Test
    void aTimeoutInsideATimeoutIsTheInnerOne() {
        kit.run(() -> {
            assertThatExceptionOfType(TimedOutException.class)
                    .isThrownBy(() ->
                            Async.waitFor(
                                    () -> {
                                        try {
                                            return Async.waitFor(future(), SECOND);
                                        } catch (TimedOutException inner) {
                                            calls.add("inner");
                                            return Async.waitFor(future(), SECOND.multipliedBy(9));
                                        }
                                    },
                                    SECOND.multipliedBy(3)));
            assertThat(calls).containsExactly("inner");
            assertThat(kit.loop().time()).isEqualTo(SECOND.multipliedBy(3).toNanos());
        });
    }

    @Test
    void aTimedOutFutureIsCancelledAndNoTimerIsLeft() {
        kit.run(() -> {
            var future = future();
            assertThatExceptionOfType(TimedOutException.class)
                    .isThrownBy(() -> Async.waitFor(future, SECOND));
            assertThat(future.isCancelled()).isTrue();
        });
        kit.poller.timeouts.clear();
        kit.loop().callLater(SECOND.multipliedBy(100), kit.loop()::stop);
        kit.loop().runForever();
        assertThat(kit.poller.timeouts).containsExactly(SECOND.multipliedBy(100).toNanos());
    }
}

package dev.jloop.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

class TimeoutTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration DAY = Duration.ofDays(1);

    @RegisterExtension final LoopFixture kit = LoopFixture.onVirtualTime();

    private final List<String> calls = new ArrayList<>();

    private String waitForEver() {
        return kit.loop().<String>createFuture().await();
    }

    private void assertTime(Duration expected) {
        assertThat(kit.loop().time()).isEqualTo(expected.toNanos());
    }

    @Test
    void aBodyThatEndsInTimeGivesItsResultAndLeavesNoTimer() {
        kit.run(() -> {
            var scope = Timeout.after(DAY);
            assertThat(
                            scope.<String, RuntimeException>call(() -> {
                                Async.sleep(SECOND);
                                return "in time";
                            }))
                    .isEqualTo("in time");
            assertThat(scope.expired()).isFalse();
            Async.sleep(SECOND);
        });
        assertTime(Duration.ofSeconds(2));
        assertThat(kit.poller.timeouts).doesNotContain(DAY.toNanos());
    }

    @Test
    void aBodyThatTakesTooLongIsCancelledAndTheScopeThrowsWithTheCancellationAsCause() {
        kit.run(() -> {
            var scope = Timeout.after(SECOND);
            assertThatExceptionOfType(TimedOutException.class)
                    .isThrownBy(() -> scope.run(this::waitForEver))
                    .withMessageContaining("PT1S")
                    .withCauseInstanceOf(CancelledError.class);
            assertThat(scope.expired()).isTrue();
            assertThat(Async.currentTask().cancelling()).isZero();
            assertTime(SECOND);
            Async.sleep(SECOND);
        });
        assertTime(Duration.ofSeconds(2));
    }

    @Test
    void anAbsoluteDeadlineIsKeptAndReadable() {
        kit.run(() -> {
            var scope = Timeout.at(SECOND.toNanos());
            assertThat(scope.deadline()).hasValue(SECOND.toNanos());
            assertThatExceptionOfType(TimedOutException.class)
                    .isThrownBy(() -> scope.run(this::waitForEver));
            assertThat(scope.deadline()).hasValue(SECOND.toNanos());
            assertTime(SECOND);
        });
    }

    @Test
    void aScopeWithoutADeadlineNeverExpires() {
        kit.run(() -> {
            var scope = Timeout.none();
            scope.run(() -> Async.sleep(DAY));
            assertThat(scope.deadline()).isEmpty();
            assertThat(scope.expired()).isFalse();
        });
    }

    @Test
    void aDeadlineInThePastExpiresAtTheFirstAwaitPointThatSuspends() {
        kit.run(() -> {
            Async.sleep(SECOND);
            assertThatExceptionOfType(TimedOutException.class)
                    .isThrownBy(() ->
                            Timeout.at(0)
                                    .run(() -> {
                                        calls.add("body");
                                        waitForEver();
                                    }));
            assertThatExceptionOfType(TimedOutException.class)
                    .isThrownBy(() -> Timeout.after(Duration.ofSeconds(-1)).run(this::waitForEver));
            assertTime(SECOND);
        });
        assertThat(calls).containsExactly("body");
    }

    @Test
    void aBodyThatAwaitsNothingNeverTimesOut() {
        kit.run(() -> {
            var scope = Timeout.after(Duration.ZERO);
            scope.run(() -> kit.clock.advance(DAY));
            assertThat(scope.expired()).isFalse();
            Async.yieldNow();
            Async.yieldNow();
        });
    }

    @Test
    void theTimeoutWaitsForTheCleanUp() {
        kit.run(() -> {
            assertThatExceptionOfType(TimedOutException.class)
                    .isThrownBy(() ->
                            Timeout.after(SECOND)
                                    .run(() -> {
                                        try {
                                            waitForEver();
                                        } finally {
                                            Async.sleep(SECOND);
                                        }
                                    }));
            assertTime(Duration.ofSeconds(2));
        });
    }

    @Test
    void aBodyThatTurnsTheCancellationIntoAResultGivesThat() {
        kit.run(() -> {
            var scope = Timeout.after(SECOND);
            var result =
                    scope.<String, RuntimeException>call(() -> {
                        try {
                            return waitForEver();
                        } catch (CancelledError swallowed) {
                            return "42";
                        }
                    });
            assertThat(result).isEqualTo("42");
            assertThat(scope.expired()).isTrue();
            assertThat(Async.currentTask().cancelling()).isZero();
            Async.yieldNow();
        });
    }

    @Test
    void aFailureInTimePassesUnchanged() {
        var failure = new IOException("of the body");
        kit.run(() -> {
            var scope = Timeout.after(SECOND);
            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(() ->
                            scope.run(() -> {
                                throw failure;
                            }))
                    .isSameAs(failure);
            assertThat(failure.getSuppressed()).isEmpty();
            assertThat(scope.expired()).isFalse();
        });
    }

    @Test
    void aFailureAfterTheDeadlinePassesWithTheTimeoutAmongItsSuppressed() {
        kit.run(() -> {
            assertThatIllegalStateException()
                    .isThrownBy(() ->
                            Timeout.after(SECOND)
                                    .run(() -> {
                                        try {
                                            waitForEver();
                                        } catch (CancelledError cancellation) {
                                            throw new IllegalStateException("clean-up");
                                        }
                                    }))
                    .withMessage("clean-up")
                    .satisfies(failure ->
                            assertThat(failure.getSuppressed())
                                    .hasAtLeastOneElementOfType(TimedOutException.class));
        });
    }

    @Test
    void aCancellationFromOutsidePassesUnchanged() {
        kit.run(() -> {
            var scope = Timeout.after(DAY);
            var task = Async.createTask(() -> scope.run(this::waitForEver));
            Async.yieldNow();
            task.cancel("from outside");
            Async.waitAll(List.of(task));
            assertThatExceptionOfType(CancelledError.class)
                    .isThrownBy(task::result)
                    .withMessage("from outside");
            assertThat(scope.expired()).isFalse();
        });
    }

    @Test
    void aCancellationFromOutsideDuringExpiryIsNotLost() {
        kit.run(() -> {
            var scope = Timeout.after(SECOND);
            var task =
                    Async.createTask(() ->
                            scope.run(() -> {
                                try {
                                    waitForEver();
                                } finally {
                                    Async.sleep(SECOND);
                                }
                            }));
            Async.sleep(Duration.ofMillis(1500));
            task.cancel("from outside");
            Async.waitAll(List.of(task));
            assertThat(task.isCancelled()).isTrue();
            assertThat(scope.expired()).isTrue();
        });
    }

    @Test
    void anInnerScopeThatExpiresLeavesTheOuterOneActive() {
        kit.run(() -> {
            var outer = Timeout.after(Duration.ofSeconds(10));
            outer.run(() -> {
                assertThatExceptionOfType(TimedOutException.class)
                        .isThrownBy(() -> Timeout.after(SECOND).run(this::waitForEver));
                Async.sleep(SECOND);
                calls.add("outer goes on");
            });
            assertThat(outer.expired()).isFalse();
        });
        assertThat(calls).containsExactly("outer goes on");
    }

    @Test
    void anOuterScopeThatExpiresPassesThroughTheInnerOne() {
        kit.run(() -> {
            var inner = Timeout.after(Duration.ofSeconds(10));
            var outer = Timeout.after(SECOND);
            assertThatExceptionOfType(TimedOutException.class)
                    .isThrownBy(() -> outer.run(() -> inner.run(this::waitForEver)));
            assertThat(inner.expired()).isFalse();
            assertThat(outer.expired()).isTrue();
            assertTime(SECOND);
        });
    }

    @Test
    void scopesThatExpireTogetherAreTheOuterOnesTimeout() {
        kit.run(() -> {
            var inner = Timeout.after(SECOND);
            var outer = Timeout.after(SECOND);
            assertThatExceptionOfType(TimedOutException.class)
                    .isThrownBy(() ->
                            outer.run(() -> {
                                try {
                                    inner.run(this::waitForEver);
                                } catch (TimedOutException wrong) {
                                    calls.add("the inner scope took the cancellation of the outer");
                                    throw wrong;
                                }
                            }));
            assertThat(Async.currentTask().cancelling()).isZero();
            assertThat(outer.expired()).isTrue();
        });
        assertThat(calls).isEmpty();
    }

    @Test
    void aScopeInACleanUpThatFollowsACancellationStillTimesOut() {
        kit.run(() -> {
            var task =
                    Async.createTask(() -> {
                        try {
                            waitForEver();
                        } finally {
                            assertThatExceptionOfType(TimedOutException.class)
                                    .isThrownBy(() -> Timeout.after(SECOND).run(this::waitForEver));
                            calls.add("clean-up gave up");
                        }
                    });
            Async.yieldNow();
            task.cancel();
            Async.waitAll(List.of(task));
            assertThat(task.isCancelled()).isTrue();
            assertThat(task.cancelling()).isEqualTo(1);
        });
        assertThat(calls).containsExactly("clean-up gave up");
    }

    @Test
    void anActiveScopeCanBeRescheduledFromAnotherTask() {
        kit.run(() -> {
            var scope = Timeout.after(SECOND);
            var task = Async.createTask(() -> scope.run(() -> Async.sleep(Duration.ofSeconds(3))));
            Async.yieldNow();
            scope.reschedule(Duration.ofSeconds(5).toNanos());
            assertThat(scope.deadline()).hasValue(Duration.ofSeconds(5).toNanos());
            task.await();
            assertThat(scope.expired()).isFalse();
            assertTime(Duration.ofSeconds(3));
        });
    }

    @Test
    void aScopeCanBeRescheduledToAnEarlierTimeOrThePast() {
        kit.run(() -> {
            var scope = Timeout.after(DAY);
            kit.loop().callLater(SECOND, () -> scope.reschedule(0));
            assertThatExceptionOfType(TimedOutException.class)
                    .isThrownBy(() -> scope.run(this::waitForEver));
            assertTime(SECOND);
        });
    }

    @Test
    void aDisabledScopeDoesNotExpire() {
        kit.run(() -> {
            var scope = Timeout.after(SECOND);
            scope.run(() -> {
                scope.disable();
                assertThat(scope.deadline()).isEmpty();
                Async.sleep(DAY);
            });
        });
    }

    @Test
    void onlyAnActiveScopeCanBeRescheduled() {
        kit.run(() -> {
            var scope = Timeout.after(SECOND);
            assertRefused(scope, "not entered yet");
            assertThatExceptionOfType(TimedOutException.class)
                    .isThrownBy(() ->
                            scope.run(() -> {
                                try {
                                    waitForEver();
                                } finally {
                                    assertThat(scope.expired()).isTrue();
                                    assertRefused(scope, "expiring");
                                }
                            }));
            assertRefused(scope, "expired");

            var finished = Timeout.after(SECOND);
            finished.run(() -> {});
            assertRefused(finished, "over");
        });
    }

    private static void assertRefused(Timeout scope, String state) {
        assertThatIllegalStateException()
                .isThrownBy(() -> scope.reschedule(0))
                .withMessageContaining(state);
    }

    @Test
    void aScopeServesOnce() {
        kit.run(() -> {
            var scope = Timeout.after(SECOND);
            scope.run(() -> {
                assertThatIllegalStateException()
                        .isThrownBy(() -> scope.run(() -> {}))
                        .withMessageContaining("serves once")
                        .withMessageContaining("active");
            });
            assertThatIllegalStateException().isThrownBy(() -> scope.run(() -> {}));
        });
    }

    @Test
    void aScopeWorksInACoroutineOnly() {
        assertThatIllegalStateException()
                .isThrownBy(() -> Timeout.after(SECOND).run(() -> {}))
                .withMessageContaining("no event loop runs");
        var refused = new Throwable[1];
        kit.loop()
                .callSoon(() ->
                        assertThatIllegalStateException()
                                .isThrownBy(() -> Timeout.after(SECOND).run(() -> {}))
                                .satisfies(error -> refused[0] = error));
        kit.runOneTurn();
        assertThat(refused[0]).hasMessageContaining("callback");
    }

    @Test
    void bothScopesExpireWhereTheLoopWasBusyBeyondBothDeadlines() {
        kit.run(() -> {
            var outer = Timeout.after(SECOND);
            var inner = Timeout.after(SECOND.multipliedBy(2));
            assertThatExceptionOfType(TimedOutException.class)
                    .isThrownBy(() ->
                            outer.run(() ->
                                    inner.run(() -> {
                                        kit.clock.advance(SECOND.multipliedBy(5));
                                        Async.sleep(DAY);
                                    })));
            assertThat(outer.expired()).isTrue();
            assertThat(Async.currentTask().cancelling()).isZero();
            Async.yieldNow();
        });
    }

    @Test
    void aScopeInTheCleanUpOfAScopeThatExpiredExpiresByItself() {
        kit.run(() -> {
            var inner = Timeout.after(SECOND);
            assertThatExceptionOfType(TimedOutException.class)
                    .isThrownBy(() ->
                            Timeout.after(SECOND)
                                    .run(() -> {
                                        try {
                                            Async.sleep(DAY);
                                        } finally {
                                            inner.run(() -> Async.sleep(DAY));
                                        }
                                    }));
            assertThat(inner.expired()).isTrue();
            assertTime(SECOND.multipliedBy(2));
            assertThat(Async.currentTask().cancelling()).isZero();
        });
    }

    @Test
    void aCancellationThatTheBodyRaisesItselfAfterTheDeadlineIsTheTimeout() {
        kit.run(() -> {
            assertThatExceptionOfType(TimedOutException.class)
                    .isThrownBy(() ->
                            Timeout.after(SECOND)
                                    .run(() -> {
                                        try {
                                            Async.sleep(DAY);
                                        } catch (CancelledError caught) {
                                            throw new CancelledError("of the body");
                                        }
                                    }));
        });
    }

    @Test
    void aCancellationBeforeTheDeadlineIsNotATimeout() {
        kit.run(() -> {
            var timeout = Timeout.after(DAY);
            assertThatExceptionOfType(CancelledError.class)
                    .isThrownBy(() ->
                            timeout.run(() -> {
                                throw new CancelledError("of the body");
                            }))
                    .withMessage("of the body");
            assertThat(timeout.expired()).isFalse();
        });
    }
}

package dev.jloop.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

class ShieldedScopeTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration LONG = Duration.ofSeconds(10);

    @RegisterExtension final LoopFixture kit = LoopFixture.onVirtualTime();

    private final List<String> calls = new ArrayList<>();

    private String waitForEver() {
        return kit.loop().<String>createFuture().await();
    }

    private void shielded(ThrowingRunnable<RuntimeException> body) {
        ShieldedScope.within(LONG).run(body);
    }

    private void sleepAndNote(String note) {
        Async.sleep(SECOND);
        calls.add(note);
    }

    /// Starts `body`, and lets it come to its first await point.
    private static Task<?> startedTask(AsyncRunnable body) {
        var task = Async.createTask(body);
        Async.yieldNow();
        return task;
    }

    private static void awaitEnd(Task<?> task) {
        Async.waitAll(List.of(task));
    }

    @Test
    void aRequestFromOutsideWaitsForTheEndOfTheScope() {
        kit.run(() -> {
            var task =
                    startedTask(() -> {
                        shielded(() -> sleepAndNote("cleaned up"));
                        calls.add("after the scope");
                        Async.yieldNow();
                        calls.add("never reached");
                    });
            assertThat(task.cancel("now")).isTrue();
            assertThat(task.cancelling()).isEqualTo(1);
            awaitEnd(task);
            assertThat(calls).containsExactly("cleaned up", "after the scope");
            assertThatExceptionOfType(CancelledError.class)
                    .isThrownBy(task::result)
                    .withMessage("now");
        });
    }

    @Test
    void aRequestThatWasNotDeliveredYetWaitsToo() {
        kit.run(() -> {
            var task =
                    startedTask(() -> {
                        Async.currentTask().cancel("before");
                        shielded(() -> sleepAndNote("cleaned up"));
                        waitForEver();
                    });
            awaitEnd(task);
            assertThat(calls).containsExactly("cleaned up");
            assertThat(task.isCancelled()).isTrue();
        });
    }

    @Test
    void cleanUpInAFinallyBlockIsNotCutShortByASecondCancel() {
        kit.run(() -> {
            var task =
                    startedTask(() -> {
                        try {
                            waitForEver();
                        } finally {
                            shielded(() -> sleepAndNote("cleaned up"));
                        }
                    });
            task.cancel("first");
            Async.yieldNow();
            task.cancel("second");
            awaitEnd(task);
            assertThat(calls).containsExactly("cleaned up");
            assertThatExceptionOfType(CancelledError.class)
                    .isThrownBy(task::result)
                    .withMessage("first");
        });
    }

    @Test
    void theBodyIsCancelledWhenItsTimeIsOver() {
        kit.run(() -> {
            var start = kit.loop().time();
            assertThatExceptionOfType(TimedOutException.class)
                    .isThrownBy(() -> ShieldedScope.within(SECOND).run(this::waitForEver))
                    .withMessageContaining("PT1S");
            assertThat(kit.loop().time() - start).isEqualTo(SECOND.toNanos());
            assertThat(Async.currentTask().cancelling()).isZero();
        });
    }

    @Test
    void theTimeIsOverAlsoWhileARequestWaits() {
        kit.run(() -> {
            var task =
                    startedTask(() -> {
                        try {
                            ShieldedScope.within(SECOND).run(this::waitForEver);
                        } catch (TimedOutException expected) {
                            calls.add("timed out");
                        }
                        Async.yieldNow();
                        calls.add("never reached");
                    });
            task.cancel("from outside");
            awaitEnd(task);
            assertThat(calls).containsExactly("timed out");
            assertThatExceptionOfType(CancelledError.class)
                    .isThrownBy(task::result)
                    .withMessage("from outside");
        });
    }

    @Test
    void timeoutsAndGroupsInsideWorkWhileARequestWaits() {
        kit.run(() -> {
            var task =
                    startedTask(() ->
                            shielded(() -> {
                                Async.yieldNow();
                                try {
                                    Timeout.after(SECOND).run(this::waitForEver);
                                } catch (TimedOutException expected) {
                                    calls.add("timed out");
                                }
                                try {
                                    var group = new TaskGroup();
                                    group.run(() -> {
                                        group.createTask(() -> {
                                            throw new IllegalStateException("boom");
                                        });
                                        waitForEver();
                                    });
                                } catch (ExceptionGroup expected) {
                                    calls.add("group failed");
                                }
                            }));
            task.cancel("from outside");
            awaitEnd(task);
            assertThat(calls).containsExactly("timed out", "group failed");
        });
    }

    @Test
    void aTimeoutAroundTheScopeWaitsForItAndThenExpires() {
        kit.run(() -> {
            var start = kit.loop().time();
            assertThatExceptionOfType(TimedOutException.class)
                    .isThrownBy(() ->
                            Timeout.after(SECOND)
                                    .run(() -> {
                                        shielded(() -> {
                                            sleepAndNote("one");
                                            sleepAndNote("two");
                                        });
                                        waitForEver();
                                    }));
            assertThat(calls).containsExactly("one", "two");
            assertThat(kit.loop().time() - start).isEqualTo(SECOND.multipliedBy(2).toNanos());
            assertThat(Async.currentTask().cancelling()).isZero();
        });
    }

    @Test
    void aFailingGroupAroundTheScopeWaitsForIt() {
        kit.run(() -> {
            var group = new TaskGroup();
            assertThatExceptionOfType(ExceptionGroup.class)
                    .isThrownBy(() ->
                            group.run(() -> {
                                group.createTask(() -> {
                                    throw new IllegalStateException("boom");
                                });
                                shielded(() -> sleepAndNote("cleaned up"));
                                waitForEver();
                            }))
                    .satisfies(failure -> assertThat(failure.exceptions()).hasSize(1));
            assertThat(calls).containsExactly("cleaned up");
            assertThat(Async.currentTask().cancelling()).isZero();
        });
    }

    @Test
    void nestedScopesHoldBackUntilTheScopeOfTheRequestIsReached() {
        kit.run(() -> {
            var task =
                    startedTask(() ->
                            shielded(() -> {
                                try {
                                    Timeout.after(SECOND)
                                            .run(() -> {
                                                shielded(() -> {
                                                    sleepAndNote("inner one");
                                                    sleepAndNote("inner two");
                                                });
                                                waitForEver();
                                            });
                                } catch (TimedOutException expected) {
                                    sleepAndNote("outer goes on");
                                }
                            }));
            task.cancel("from outside");
            awaitEnd(task);
            assertThat(calls).containsExactly("inner one", "inner two", "outer goes on");
        });
    }

    @Test
    void uncancelTakesAWaitingRequestBack() {
        kit.run(() -> {
            var task =
                    startedTask(() -> {
                        shielded(() -> {
                            Async.sleep(SECOND);
                            assertThat(Async.currentTask().uncancel()).isZero();
                        });
                        sleepAndNote("goes on");
                    });
            task.cancel();
            awaitEnd(task);
            assertThat(task.isCancelled()).isFalse();
            assertThat(calls).containsExactly("goes on");
        });
    }

    @Test
    void manyRequestsThatWaitAreDeliveredAsOne() {
        kit.run(() -> {
            var task =
                    startedTask(() -> {
                        shielded(() -> sleepAndNote("cleaned up"));
                        try {
                            waitForEver();
                        } catch (CancelledError expected) {
                            calls.add(String.valueOf(expected.reason()));
                        }
                        sleepAndNote("goes on");
                    });
            for (var i = 1; i <= 1000; i++) {
                task.cancel("request " + i);
            }
            assertThat(task.cancelling()).isEqualTo(1000);
            awaitEnd(task);
            assertThat(calls).containsExactly("cleaned up", "request 1000", "goes on");
        });
    }

    @Test
    void theFailureOfTheBodyComesOutAndTheRequestIsNotLost() {
        kit.run(() -> {
            var task =
                    startedTask(() -> {
                        try {
                            shielded(() -> {
                                Async.sleep(SECOND);
                                throw new IllegalStateException("boom");
                            });
                        } catch (IllegalStateException expected) {
                            calls.add("failed");
                        }
                        Async.yieldNow();
                        calls.add("never reached");
                    });
            task.cancel();
            awaitEnd(task);
            assertThat(calls).containsExactly("failed");
            assertThat(task.isCancelled()).isTrue();
        });
    }

    @Test
    void aScopeThatReturnsLastLeavesTheTaskCancelled() {
        kit.run(() -> {
            var task = startedTask(() -> shielded(() -> sleepAndNote("cleaned up")));
            task.cancel();
            awaitEnd(task);
            assertThat(task.isCancelled()).isTrue();
        });
    }

    @Test
    void aScopeServesOnceAndInACoroutineOnly() {
        kit.run(() -> {
            var scope = ShieldedScope.within(SECOND);
            scope.run(() -> calls.add("ran"));
            assertThatIllegalStateException().isThrownBy(() -> scope.run(() -> {}));
            var callback = kit.loop().<Boolean>createFuture();
            kit.loop()
                    .callSoon(() -> {
                        assertThatIllegalStateException()
                                .isThrownBy(() -> ShieldedScope.within(SECOND).run(() -> {}))
                                .withMessageContaining("shielded scope");
                        callback.setResult(true);
                    });
            assertThat(callback.await()).isTrue();
        });
    }

    @Test
    void aLoopThatClosesDoesNotWaitForTheScope() {
        kit.run(() -> {
            startedTask(() ->
                    shielded(() -> {
                        try {
                            waitForEver();
                        } finally {
                            calls.add("ended");
                        }
                    }));
        });
        kit.loop().close();
        assertThat(calls).containsExactly("ended");
        assertThat(kit.takeOnlyReport().message()).contains("still pending");
    }
}

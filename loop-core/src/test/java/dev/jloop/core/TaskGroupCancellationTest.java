package dev.jloop.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

class TaskGroupCancellationTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    @RegisterExtension final LoopFixture kit = LoopFixture.onVirtualTime();

    private final List<String> calls = new ArrayList<>();

    private String waitForEver() {
        return kit.loop().<String>createFuture().await();
    }

    private static void awaitEnd(Task<?> task) {
        Async.waitAll(List.of(task));
    }

    private static void fail(String message) {
        throw new IllegalStateException(message);
    }

    @Test
    void aCancellationFromOutsideReachesAllChildrenAndComesOutPlain() {
        kit.run(() -> {
            var children = new ArrayList<Task<String>>();
            var parent =
                    Async.createTask(() -> {
                        var group = new TaskGroup();
                        group.run(() -> {
                            for (var i = 0; i < 5; i++) {
                                children.add(group.createTask(this::waitForEver));
                            }
                        });
                    });
            Async.yieldNow();
            Async.yieldNow();
            parent.cancel("from outside");
            awaitEnd(parent);
            assertThat(children).hasSize(5).allMatch(LoopFuture::isCancelled);
            assertThatExceptionOfType(CancelledError.class)
                    .isThrownBy(parent::result)
                    .withMessage("from outside");
            assertThat(parent.cancelling()).isEqualTo(1);
        });
    }

    @Test
    void aCancellationInTheBodyReachesTheChildrenOnce() {
        kit.run(() -> {
            var child = new Task<?>[1];
            var parent =
                    Async.createTask(() -> {
                        var group = new TaskGroup();
                        group.run(() -> {
                            child[0] =
                                    group.createTask(() -> {
                                        try {
                                            waitForEver();
                                        } finally {
                                            Async.sleep(SECOND);
                                            calls.add("cleaned up");
                                        }
                                    });
                            waitForEver();
                        });
                    });
            Async.yieldNow();
            Async.yieldNow();
            parent.cancel();
            awaitEnd(parent);
            assertThat(parent.isCancelled()).isTrue();
            assertThat(child[0].cancelling()).isEqualTo(1);
        });
        assertThat(calls).containsExactly("cleaned up");
    }

    @Test
    void failuresInTheCleanUpOfChildrenWinOverTheCancellation() {
        kit.run(() -> {
            var parent =
                    Async.createTask(() -> {
                        var group = new TaskGroup();
                        group.run(() -> {
                            for (var name : List.of("a", "b")) {
                                group.createTask(() -> {
                                    try {
                                        waitForEver();
                                    } finally {
                                        fail(name);
                                    }
                                });
                            }
                        });
                    });
            Async.yieldNow();
            Async.yieldNow();
            parent.cancel();
            awaitEnd(parent);
            assertThat(parent.isCancelled()).isFalse();
            assertThat(parent.exception())
                    .isInstanceOfSatisfying(
                            ExceptionGroup.class,
                            group ->
                                    assertThat(group.exceptions())
                                            .extracting(Throwable::getMessage)
                                            .containsExactly("a", "b"));
        });
    }

    @Test
    void afterAFailureAndACancellationTogetherTheRequestIsStillThere() {
        kit.run(() -> {
            var parent =
                    Async.createTask(() -> {
                        var group = new TaskGroup();
                        try {
                            group.run(() -> {
                                group.createTask(() -> {
                                    try {
                                        waitForEver();
                                    } finally {
                                        fail("child");
                                    }
                                });
                            });
                        } catch (ExceptionGroup handled) {
                            calls.add("handled, requests: " + Async.currentTask().cancelling());
                        }
                        waitForEver();
                        calls.add("not reached");
                    });
            Async.yieldNow();
            Async.yieldNow();
            parent.cancel("from outside");
            awaitEnd(parent);
            assertThat(parent.isCancelled()).isTrue();
            assertThatExceptionOfType(CancelledError.class)
                    .isThrownBy(parent::result)
                    .withMessage("from outside");
        });
        assertThat(calls).containsExactly("handled, requests: 1");
    }

    @Test
    void aHandledFailureLeavesNoRequestBehind() {
        kit.run(() -> {
            var group = new TaskGroup();
            try {
                group.run(() -> {
                    group.createTask(() -> {
                        throw new IllegalStateException("child");
                    });
                    waitForEver();
                });
            } catch (ExceptionGroup handled) {
                calls.add("handled");
            }
            assertThat(Async.currentTask().cancelling()).isZero();
            Async.yieldNow();
        });
        assertThat(calls).containsExactly("handled");
    }

    @Test
    void aGroupInTheCleanUpOfACancelledTaskKeepsTheCountItFound() {
        kit.run(() -> {
            var parent =
                    Async.createTask(() -> {
                        try {
                            waitForEver();
                        } finally {
                            var group = new TaskGroup();
                            try {
                                group.run(() -> {
                                    group.createTask(() -> {
                                        throw new IllegalStateException("child");
                                    });
                                    waitForEver();
                                });
                            } catch (ExceptionGroup handled) {
                                calls.add("handled, requests: " + Async.currentTask().cancelling());
                            }
                            Async.sleep(SECOND);
                            calls.add("cleaned up");
                        }
                    });
            Async.yieldNow();
            parent.cancel();
            awaitEnd(parent);
            assertThat(parent.isCancelled()).isTrue();
        });
        assertThat(calls).containsExactly("handled, requests: 1", "cleaned up");
    }

    @Test
    void aTimeoutAroundAGroupTimesOut() {
        kit.run(() -> {
            var child = new Task<?>[1];
            assertThatExceptionOfType(TimedOutException.class)
                    .isThrownBy(() ->
                            Timeout.after(SECOND)
                                    .run(() -> {
                                        var group = new TaskGroup();
                                        group.run(() ->
                                                child[0] = group.createTask(this::waitForEver));
                                    }));
            assertThat(child[0].isCancelled()).isTrue();
            assertThat(Async.currentTask().cancelling()).isZero();
        });
    }

    @Test
    void cancelEndsTheScopeEarlyWithoutAnException() {
        kit.run(() -> {
            var group = new TaskGroup();
            var child = new Task<?>[1];
            var result =
                    group.call(() -> {
                        child[0] = group.createTask(this::waitForEver);
                        group.createTask(group::cancel);
                        return waitForEver();
                    });
            assertThat(result).isNull();
            assertThat(child[0].isCancelled()).isTrue();
            assertThat(Async.currentTask().cancelling()).isZero();
            Async.yieldNow();
        });
    }

    @Test
    void cancelWhileItWaitsKeepsTheResultOfTheBody() {
        kit.run(() -> {
            var group = new TaskGroup();
            kit.loop().callLater(SECOND, group::cancel);
            assertThat(
                            group.call(() -> {
                                group.createTask(this::waitForEver);
                                return "of the body";
                            }))
                    .isEqualTo("of the body");
            assertThat(Async.currentTask().cancelling()).isZero();
        });
    }

    @Test
    void cancelInTheBodyItselfTakesEffectAtItsNextAwaitPoint() {
        kit.run(() -> {
            var group = new TaskGroup();
            group.run(() -> {
                group.cancel();
                group.cancel();
                calls.add("goes on");
                waitForEver();
                calls.add("not reached");
            });
            assertThat(Async.currentTask().cancelling()).isZero();
            Async.yieldNow();
        });
        assertThat(calls).containsExactly("goes on");
    }

    @Test
    void aGroupCancelledBeforeItIsEnteredIsCancelledOnEntry() {
        kit.run(() -> {
            var group = new TaskGroup();
            group.cancel();
            group.run(() -> {
                waitForEver();
                calls.add("not reached");
            });
            Async.yieldNow();
        });
        assertThat(calls).isEmpty();
    }

    @Test
    void aCancelAfterTheScopeDoesNothing() {
        kit.run(() -> {
            var group = new TaskGroup();
            group.run(() -> {});
            group.cancel();
            Async.yieldNow();
            assertThat(Async.currentTask().cancelling()).isZero();
        });
    }

    @Test
    void aGroupThatCancelsItselfDoesNotHideACancellationFromOutside() {
        kit.run(() -> {
            var group = new TaskGroup();
            var parent =
                    Async.createTask(() -> {
                        group.run(() -> {
                            group.createTask(() -> {
                                try {
                                    waitForEver();
                                } finally {
                                    Async.sleep(SECOND);
                                }
                            });
                        });
                        calls.add("not reached");
                    });
            Async.yieldNow();
            Async.yieldNow();
            group.cancel();
            Async.yieldNow();
            parent.cancel("from outside");
            awaitEnd(parent);
            assertThat(parent.isCancelled()).isTrue();
            assertThat(kit.loop().time())
                    .as("time, after the clean-up")
                    .isEqualTo(SECOND.toNanos());
        });
        assertThat(calls).isEmpty();
    }

    /// The failures of the group are taken, and the task goes on to its next await point.
    private void inAGroup(ThrowingConsumer<TaskGroup> body) throws Exception {
        Async.currentTask().cancel("before the group");
        var group = new TaskGroup();
        try {
            group.run(() -> body.accept(group));
            calls.add("group over");
        } catch (ExceptionGroup failures) {
            calls.add("failed");
        }
        Async.yieldNow();
        calls.add("lost");
    }

    private void assertMeetsTheRequest(ThrowingConsumer<TaskGroup> body, String... expected) {
        kit.run(() -> {
            var task = Async.createTask(() -> inAGroup(body));
            awaitEnd(task);
            assertThat(calls).containsExactly(expected);
            assertThat(task.isCancelled()).isTrue();
        });
    }

    @FunctionalInterface
    private interface ThrowingConsumer<T> {
        void accept(T value) throws Exception;
    }

    @Test
    void aRequestFromBeforeTheGroupIsNotLostWhereTheGroupMeetsItWhileItWaits() {
        assertMeetsTheRequest(group -> group.createTask(this::waitForEver));
    }

    @Test
    void aRequestFromBeforeTheGroupIsNotLostWhereItsTasksFailToo() {
        AsyncRunnable failsWhenCancelled =
                () -> {
                    try {
                        waitForEver();
                    } finally {
                        fail("in the clean-up");
                    }
                };
        assertMeetsTheRequest(
                group ->
                        group.createTask(
                                failsWhenCancelled, TaskOptions.DEFAULTS.withEagerStart(true)),
                "failed");
    }

    @Test
    void aRequestFromBeforeTheGroupIsNotLostWhereTheBodyFailsToo() {
        assertMeetsTheRequest(
                group -> {
                    group.createTask(this::waitForEver);
                    fail("in the body");
                },
                "failed");
    }

    @Test
    void aRequestFromBeforeTheGroupIsNotLostWhereTheGroupIsCancelledToo() {
        assertMeetsTheRequest(group -> {
            group.cancel();
            Async.yieldNow();
        });
    }

    @Test
    void aRequestFromBeforeTheGroupThatIsNotMetInItStaysAsItWas() {
        assertMeetsTheRequest(TaskGroup::cancel, "group over");
    }

    @Test
    void aRequestThatTheBodyHasMetAndSwallowedIsNotMetAgain() {
        kit.run(() -> {
            Async.currentTask().cancel("before the group");
            var group = new TaskGroup();
            group.run(() -> {
                try {
                    Async.yieldNow();
                } catch (CancelledError swallowed) {
                    calls.add(swallowed.getMessage());
                }
                group.cancel();
            });
            Async.yieldNow();
            assertThat(calls).containsExactly("before the group");
        });
    }

    @Test
    void aTimeoutInWhichAnEarlierRequestIsMetDoesNotTakeItForItsOwn() {
        kit.run(() -> {
            var task =
                    Async.createTask(() -> {
                        Async.currentTask().cancel("before the scope");
                        Timeout.after(Duration.ZERO).run(this::waitForEver);
                    });
            awaitEnd(task);
            assertThat(task.isCancelled()).isTrue();
        });
    }

    @Test
    void anEagerTaskThatCancelsItsGroupInItsFirstStepIsCancelledToo() {
        kit.run(() -> {
            var group = new TaskGroup();
            group.run(() ->
                    group.createTask(
                            () -> {
                                group.cancel();
                                waitForEver();
                            },
                            TaskOptions.DEFAULTS.withEagerStart(true)));
            assertThat(Async.allTasks()).hasSize(1);
        });
    }
}

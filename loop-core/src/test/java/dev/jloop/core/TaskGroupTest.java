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
import java.util.concurrent.Callable;

class TaskGroupTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    @RegisterExtension final LoopFixture kit = LoopFixture.onVirtualTime();

    private final List<String> calls = new ArrayList<>();

    private String waitForEver() {
        return kit.loop().<String>createFuture().await();
    }

    private static String fail(String message) {
        throw new IllegalArgumentException(message);
    }

    private static List<String> messages(ExceptionGroup group) {
        return group.exceptions().stream().map(Throwable::getMessage).toList();
    }

    private static ExceptionGroup failureOf(Runnable body) {
        try {
            body.run();
        } catch (ExceptionGroup group) {
            return group;
        }
        throw new AssertionError("no group of exceptions was thrown");
    }

    @Test
    void theScopeEndsWhenAllItsTasksHaveEnded() {
        kit.run(() -> {
            var group = new TaskGroup();
            var result =
                    group.call(() -> {
                        for (var seconds : List.of(3, 1, 2)) {
                            group.createTask(() -> {
                                Async.sleep(Duration.ofSeconds(seconds));
                                calls.add(seconds + " s");
                            });
                        }
                        return "of the body";
                    });
            assertThat(result).isEqualTo("of the body");
        });
        assertThat(calls).containsExactly("1 s", "2 s", "3 s");
    }

    @Test
    void anEmptyScopeEndsAtOnce() {
        kit.run(() -> {
            var yielded = new boolean[1];
            kit.loop().callSoon(() -> yielded[0] = true);
            new TaskGroup().run(() -> {});
            assertThat(yielded[0]).isFalse();
        });
    }

    @Test
    void tasksAddedWhileItWaitsAreWaitedForToo() {
        kit.run(() -> {
            var group = new TaskGroup();
            group.run(() -> {
                group.createTask(() -> {
                    Async.sleep(SECOND);
                    group.createTask(() -> {
                        Async.sleep(SECOND);
                        group.createTask(() -> calls.add("grandchild"));
                        calls.add("second child");
                    });
                    calls.add("child");
                });
            });
            calls.add("after the scope");
        });
        assertThat(calls).containsExactly("child", "second child", "grandchild", "after the scope");
    }

    @Test
    void theFirstFailureCancelsSiblingsAndBodyAndComesOutInAGroup() {
        kit.run(() -> {
            var sibling = new Task<?>[1];
            var group = new TaskGroup();
            var failure =
                    failureOf(() ->
                            group.run(() -> {
                                sibling[0] = group.createTask(this::waitForEver);
                                group.createTask(() -> fail("child"));
                                waitForEver();
                                calls.add("not reached");
                            }));
            assertThat(messages(failure)).containsExactly("child");
            assertThat(sibling[0].isCancelled()).isTrue();
            assertThat(Async.currentTask().cancelling()).isZero();
            Async.yieldNow();
        });
        assertThat(calls).isEmpty();
    }

    @Test
    void aFailureWhileItWaitsForItsTasksComesOutInAGroupToo() {
        kit.run(() -> {
            var group = new TaskGroup();
            var failure =
                    failureOf(() ->
                            group.run(() -> {
                                group.createTask(this::waitForEver);
                                group.createTask(() -> {
                                    Async.sleep(SECOND);
                                    fail("child");
                                });
                            }));
            assertThat(messages(failure)).containsExactly("child");
            assertThat(Async.currentTask().cancelling()).isZero();
        });
    }

    @Test
    void severalFailuresComeOutTogether() {
        kit.run(() -> {
            var group = new TaskGroup();
            var failure =
                    failureOf(() ->
                            group.run(() -> {
                                group.createTask(() -> fail("a"));
                                group.createTask(() -> fail("b"));
                                group.createTask(() -> {
                                    try {
                                        waitForEver();
                                    } finally {
                                        fail("c, in its clean-up");
                                    }
                                });
                            }));
            assertThat(messages(failure)).containsExactly("a", "b", "c, in its clean-up");
        });
    }

    @Test
    void aFailureOfTheBodyCancelsTheTasksAndJoinsTheGroup() {
        kit.run(() -> {
            var child = new Task<?>[1];
            var group = new TaskGroup();
            var failure =
                    failureOf(() ->
                            group.run(() -> {
                                child[0] = group.createTask(this::waitForEver);
                                throw new IOException("body");
                            }));
            assertThat(messages(failure)).containsExactly("body");
            assertThat(failure.exceptions().getFirst()).isInstanceOf(IOException.class);
            assertThat(child[0].isCancelled()).isTrue();
        });
    }

    @Test
    void aFailingSiblingDoesNotCutTheCleanUpOfAnotherShort() {
        kit.run(() -> {
            var group = new TaskGroup();
            var failure =
                    failureOf(() ->
                            group.run(() -> {
                                group.createTask(() -> {
                                    try {
                                        waitForEver();
                                    } finally {
                                        Async.sleep(SECOND);
                                        calls.add("cleaned up");
                                    }
                                });
                                group.createTask(() -> {
                                    Async.yieldNow();
                                    fail("child");
                                });
                                waitForEver();
                            }));
            assertThat(messages(failure)).containsExactly("child");
        });
        assertThat(calls).containsExactly("cleaned up");
    }

    @Test
    void aChildThatIsCancelledIsNoFailure() {
        kit.run(() -> {
            var group = new TaskGroup();
            group.run(() -> {
                var cancelled = group.createTask(this::waitForEver);
                group.createTask(() -> {
                    Async.sleep(SECOND);
                    calls.add("sibling");
                });
                Async.yieldNow();
                cancelled.cancel();
            });
        });
        assertThat(calls).containsExactly("sibling");
    }

    @Test
    void aChildCancelledBeforeItsFirstStepIsNoFailure() {
        kit.run(() -> {
            var group = new TaskGroup();
            group.run(() -> group.createTask(() -> calls.add("never")).cancel());
        });
        assertThat(calls).isEmpty();
    }

    @Test
    void aFailureOfTheOuterScopesChildGivesOneFlatGroup() {
        kit.run(() -> {
            var outer = new TaskGroup();
            var failure =
                    failureOf(() ->
                            outer.run(() -> {
                                outer.createTask(() -> {
                                    Async.yieldNow();
                                    fail("outer child");
                                });
                                var inner = new TaskGroup();
                                inner.run(() -> inner.createTask(this::waitForEver));
                            }));
            assertThat(messages(failure)).containsExactly("outer child");
        });
    }

    @Test
    void aFailureOfTheInnerScopesChildGivesAGroupInAGroup() {
        kit.run(() -> {
            var outer = new TaskGroup();
            var failure =
                    failureOf(() ->
                            outer.run(() -> {
                                outer.createTask(this::waitForEver);
                                var inner = new TaskGroup();
                                inner.run(() -> inner.createTask(() -> fail("inner child")));
                            }));
            assertThat(failure.exceptions()).hasSize(1);
            assertThat(failure.exceptions().getFirst())
                    .isInstanceOfSatisfying(
                            ExceptionGroup.class,
                            inner -> assertThat(messages(inner)).containsExactly("inner child"));
        });
    }

    @Test
    void childrenTakeNameContextAndEagerStart() {
        var variable = ContextVar.<String>create("variable");
        var context = Context.copyCurrent();
        context.run(() -> variable.set("given"));
        kit.run(() -> {
            var group = new TaskGroup();
            group.run(() -> {
                var child =
                        group.createTask(
                                () -> calls.add(variable.get()),
                                TaskOptions.DEFAULTS
                                        .withName("named")
                                        .withContext(context)
                                        .withEagerStart(true));
                assertThat(calls).containsExactly("given");
                assertThat(child.name()).isEqualTo("named");
                assertThat(group.createTask(() -> {}, "other").name()).isEqualTo("other");
            });
        });
    }

    @Test
    void anEagerChildThatFailsCancelsTheParentOnlyAtItsNextAwaitPoint() {
        kit.run(() -> {
            var group = new TaskGroup();
            var failure =
                    failureOf(() ->
                            group.run(() -> {
                                group.createTask(
                                        (Callable<String>) () -> fail("eager"),
                                        TaskOptions.DEFAULTS.withEagerStart(true));
                                calls.add("body goes on");
                                group.createTask(() -> calls.add("second child"));
                                Async.yieldNow();
                                waitForEver();
                            }));
            assertThat(messages(failure)).containsExactly("eager");
        });
        assertThat(calls).startsWith("body goes on");
    }

    @Test
    void tasksCannotBeStartedBeforeTheScopeAfterItOrWhileItShutsDown() {
        kit.run(() -> {
            var group = new TaskGroup();
            assertThatIllegalStateException()
                    .isThrownBy(() -> group.createTask(() -> calls.add("never")))
                    .withMessageContaining("not entered yet");
            var failure =
                    failureOf(() ->
                            group.run(() -> {
                                group.createTask(() -> fail("child"));
                                try {
                                    waitForEver();
                                } finally {
                                    assertThatIllegalStateException()
                                            .isThrownBy(() ->
                                                    group.createTask(() -> calls.add("never")))
                                            .withMessageContaining("shutting down");
                                }
                            }));
            assertThat(messages(failure)).containsExactly("child");
            assertThatIllegalStateException()
                    .isThrownBy(() -> group.createTask(() -> calls.add("never")))
                    .withMessageContaining("finished");
            Async.yieldNow();
        });
        assertThat(calls).isEmpty();
        assertThat(kit.loop().allTasks()).isEmpty();
    }

    @Test
    void aGroupServesOnceAndInACoroutineOnly() {
        kit.run(() -> {
            var group = new TaskGroup();
            group.run(() -> {
                assertThatIllegalStateException()
                        .isThrownBy(() -> group.run(() -> {}))
                        .withMessageContaining("serves once")
                        .withMessageContaining("open");
            });
            assertThatIllegalStateException()
                    .isThrownBy(() -> group.run(() -> {}))
                    .withMessageContaining("finished");
        });
        assertThatIllegalStateException().isThrownBy(() -> new TaskGroup().run(() -> {}));
    }

    @Test
    void aFailedChildIsNotReportedAgainByTheLoop() {
        kit.run(() -> {
            var group = new TaskGroup();
            assertThatExceptionOfType(ExceptionGroup.class)
                    .isThrownBy(() -> group.run(() -> group.createTask(() -> fail("child"))));
        });
        kit.loop().close();
        assertThat(kit.takeReports()).isEmpty();
    }

    @Test
    void aChildMayCancelItsSiblingAndTheGroupEndsWithoutFailure() {
        kit.run(() -> {
            var group = new TaskGroup();
            group.run(() -> {
                var sleeper = group.createTask(this::waitForEver, "sleeper");
                group.createTask(() -> {
                    Async.yieldNow();
                    sleeper.cancel();
                });
            });
            assertThat(Async.currentTask().cancelling()).isZero();
        });
    }

    @Test
    void aChildThatAwaitsASiblingThatFailsIsNotCountedTwice() {
        kit.run(() -> {
            var group = new TaskGroup();
            var failures =
                    failureOf(() ->
                            group.run(() -> {
                                var failing =
                                        group.createTask(
                                                (Callable<String>)
                                                        () -> {
                                                            Async.yieldNow();
                                                            return fail("of the child");
                                                        });
                                group.createTask(() -> {
                                    try {
                                        failing.await();
                                    } catch (IllegalArgumentException expected) {
                                        calls.add(expected.getMessage());
                                    }
                                });
                            }));
            assertThat(messages(failures)).containsExactly("of the child");
        });
    }

    @Test
    void aBodyThatFailsInItsCleanUpAfterAChildFailedGivesBothFailures() {
        kit.run(() -> {
            var group = new TaskGroup();
            var failures =
                    failureOf(() ->
                            group.run(() -> {
                                group.createTask((Callable<String>) () -> fail("of the child"));
                                try {
                                    waitForEver();
                                } finally {
                                    fail("of the body");
                                }
                            }));
            assertThat(messages(failures)).containsExactlyInAnyOrder("of the child", "of the body");
            assertThat(Async.currentTask().cancelling()).isZero();
        });
    }

    @Test
    void aBodyThatSwallowsTheCancellationOfItsGroupStillGetsTheFailure() {
        kit.run(() -> {
            var group = new TaskGroup();
            var failures =
                    failureOf(() ->
                            group.run(() -> {
                                group.createTask((Callable<String>) () -> fail("of the child"));
                                try {
                                    waitForEver();
                                } catch (CancelledError swallowed) {
                                    Async.sleep(SECOND);
                                }
                            }));
            assertThat(messages(failures)).containsExactly("of the child");
            Async.yieldNow();
        });
    }

    private static final class Unprintable extends RuntimeException {
        private static final long serialVersionUID = 1L;

        @Override
        public String getMessage() {
            throw new IllegalStateException("no message");
        }
    }

    private static void failUnprintably() {
        throw new Unprintable();
    }

    @Test
    void aFailureThatCannotBePrintedComesOutLikeAnyOther() {
        kit.run(() -> {
            for (var inBody : List.of(true, false)) {
                var group = new TaskGroup();
                var sibling = new ArrayList<Task<?>>();
                var failures =
                        failureOf(() ->
                                group.run(() -> {
                                    sibling.add(group.createTask(this::waitForEver));
                                    if (inBody) {
                                        failUnprintably();
                                    }
                                    group.createTask(TaskGroupTest::failUnprintably);
                                }));
                assertThat(failures.exceptions()).hasExactlyElementsOfTypes(Unprintable.class);
                assertThat(sibling).allMatch(LoopFuture::isCancelled);
            }
        });
    }
}

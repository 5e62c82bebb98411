package dev.jloop.testkit.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.jloop.core.Async;
import dev.jloop.core.AsyncRunnable;
import dev.jloop.core.CancelledError;
import dev.jloop.core.EventLoop;
import dev.jloop.core.ExceptionGroup;
import dev.jloop.core.TaskGroup;
import dev.jloop.testkit.LoopTest;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

class TaskGroupTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration FOR_EVER = Duration.ofDays(1);

    private static void fail(String message) {
        throw new IllegalStateException(message);
    }

    private static AsyncRunnable failingAfter(Duration delay, String message) {
        return () -> {
            Async.sleep(delay);
            fail(message);
        };
    }

    private static ExceptionGroup groupThrownBy(AsyncRunnable body) {
        return catchThrowableOfType(ExceptionGroup.class, body::run);
    }

    @LoopTest(seeds = 10)
    void theGroupEndsWithItsLastTask(EventLoop loop) {
        var group = new TaskGroup();

        var result =
                group.call(() -> {
                    group.createTask(() -> Async.sleep(SECOND.multipliedBy(3)));
                    group.createTask(() -> Async.sleep(SECOND));
                    return "body";
                });

        assertThat(result).isEqualTo("body");
        assertThat(loop.time()).isEqualTo(SECOND.multipliedBy(3).toNanos());
    }

    @LoopTest(seeds = 10)
    void aParentCancelledAtTheEndOfTheBlockCancelsAllChildren() {
        var cancelled = new AtomicInteger();
        var parent =
                Async.createTask(() -> {
                    var group = new TaskGroup();
                    group.run(() -> {
                        for (var child = 0; child < 5; child++) {
                            group.createTask(() -> {
                                try {
                                    Async.sleep(FOR_EVER);
                                } catch (CancelledError cancellation) {
                                    cancelled.incrementAndGet();
                                    throw cancellation;
                                }
                            });
                        }
                    });
                });
        Async.sleep(SECOND);

        parent.cancel("from outside");

        assertThatThrownBy(parent::await)
                .isInstanceOf(CancelledError.class)
                .hasMessage("from outside");
        assertThat(cancelled).hasValue(5);
    }

    @LoopTest(seeds = 10)
    void failuresOfTheCleanUpComeInPlaceOfTheCancellation() {
        var parent =
                Async.createTask(() -> {
                    var group = new TaskGroup();
                    group.run(() -> {
                        for (var child = 0; child < 3; child++) {
                            group.createTask(() -> {
                                try {
                                    Async.sleep(FOR_EVER);
                                } finally {
                                    fail("clean-up");
                                }
                            });
                        }
                    });
                });
        Async.sleep(SECOND);

        parent.cancel();

        assertThat(groupThrownBy(parent::await).exceptions()).hasSize(3);
    }

    @LoopTest(seeds = 10)
    void aFailureCancelsTheSiblingsAndTheBody(EventLoop loop) {
        var events = new ArrayList<String>();
        var group = new TaskGroup();

        var failure =
                groupThrownBy(() ->
                        group.run(() -> {
                            group.createTask(failingAfter(SECOND, "child"));
                            group.createTask(() -> {
                                try {
                                    Async.sleep(FOR_EVER);
                                } finally {
                                    events.add("sibling ended");
                                }
                            });
                            try {
                                Async.sleep(FOR_EVER);
                            } finally {
                                events.add("body ended");
                            }
                        }));

        assertThat(failure.exceptions())
                .singleElement()
                .satisfies(only -> assertThat(only).hasMessage("child"));
        assertThat(events).containsExactlyInAnyOrder("sibling ended", "body ended");
        assertThat(loop.time()).isEqualTo(SECOND.toNanos());
    }

    @LoopTest(seeds = 10)
    void theFailureOfAChildOfTheOuterGroupComesAloneThroughTheInner() {
        var outer = new TaskGroup();
        var inner = new TaskGroup();

        var failure =
                groupThrownBy(() ->
                        outer.run(() -> {
                            outer.createTask(failingAfter(SECOND, "outer child"));
                            inner.run(() -> {
                                inner.createTask(() -> Async.sleep(FOR_EVER));
                            });
                        }));

        assertThat(failure.exceptions())
                .singleElement()
                .satisfies(only -> assertThat(only).hasMessage("outer child"));
    }

    @LoopTest(seeds = 10)
    void theFailureOfAChildOfTheInnerGroupComesAsAGroupInAGroup() {
        var outer = new TaskGroup();
        var inner = new TaskGroup();

        var failure =
                groupThrownBy(() ->
                        outer.run(() -> {
                            outer.createTask(() -> Async.sleep(FOR_EVER));
                            inner.run(() -> {
                                inner.createTask(failingAfter(SECOND, "inner child"));
                            });
                        }));

        assertThat(failure.exceptions())
                .singleElement()
                .isInstanceOfSatisfying(
                        ExceptionGroup.class,
                        nested ->
                                assertThat(nested.exceptions())
                                        .singleElement()
                                        .satisfies(only ->
                                                assertThat(only).hasMessage("inner child")));
    }

    @LoopTest(seeds = 10)
    void aChildMayAddChildrenWhileTheGroupIsJoining(EventLoop loop) {
        var ended = new ArrayList<String>();
        var group = new TaskGroup();

        group.run(() -> {
            group.createTask(() -> {
                Async.sleep(SECOND);
                group.createTask(() -> {
                    Async.sleep(SECOND);
                    ended.add("grandchild");
                });
                ended.add("child");
            });
        });

        assertThat(ended).isEqualTo(List.of("child", "grandchild"));
        assertThat(loop.time()).isEqualTo(SECOND.multipliedBy(2).toNanos());
    }

    @LoopTest(seeds = 10)
    void aHandledFailureLeavesNoRequestToCancel() {
        var group = new TaskGroup();

        groupThrownBy(() ->
                group.run(() -> {
                    group.createTask(failingAfter(SECOND, "child"));
                    Async.sleep(FOR_EVER);
                }));

        assertThat(Async.currentTask().cancelling()).isZero();
        Async.sleep(SECOND);
    }

    @LoopTest(seeds = 20)
    void aCancelFromOutsideAtTheSameTimeAsAFailureIsNotLost() {
        var parent =
                Async.createTask(() -> {
                    var self = Async.currentTask();
                    var group = new TaskGroup();
                    groupThrownBy(() ->
                            group.run(() -> {
                                group.createTask(() -> {
                                    Async.sleep(SECOND);
                                    self.cancel("from outside");
                                    fail("child");
                                });
                                Async.sleep(FOR_EVER);
                            }));
                    assertThat(self.cancelling()).isEqualTo(1);
                    assertThatThrownBy(() -> Async.sleep(SECOND))
                            .isInstanceOf(CancelledError.class);
                });

        parent.await();
    }

    @LoopTest(seeds = 10)
    void aFailingBodyCancelsTheTasksAndJoinsTheGroup() {
        var group = new TaskGroup();

        var failure =
                groupThrownBy(() ->
                        group.run(() -> {
                            group.createTask(() -> Async.sleep(FOR_EVER));
                            Async.yieldNow();
                            fail("body");
                        }));

        assertThat(failure.exceptions())
                .singleElement()
                .satisfies(only -> assertThat(only).hasMessage("body"));
    }

    @LoopTest(seeds = 10)
    void cancellingTheGroupEndsItEarlyWithoutAnException(EventLoop loop) {
        var group = new TaskGroup();

        group.run(() -> {
            group.createTask(() -> Async.sleep(FOR_EVER));
            loop.callLater(SECOND, group::cancel);
            Async.sleep(FOR_EVER);
        });

        assertThat(loop.time()).isEqualTo(SECOND.toNanos());
        assertThat(Async.currentTask().cancelling()).isZero();
    }

    @LoopTest
    void aGroupServesOnceAndTakesTasksOnlyWhileItIsOpen() {
        var group = new TaskGroup();
        assertThatThrownBy(() -> group.createTask(() -> 1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("not entered");

        group.run(() -> {});

        assertThatThrownBy(() -> group.createTask(() -> 1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("finished");
        assertThatThrownBy(() -> group.run(() -> {}))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("once");
    }
}

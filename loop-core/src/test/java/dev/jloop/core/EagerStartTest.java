package dev.jloop.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

class EagerStartTest {
    private static final TaskOptions EAGER = TaskOptions.DEFAULTS.withEagerStart(true);

    @RegisterExtension final LoopFixture kit = LoopFixture.onVirtualTime();

    private final List<String> calls = new ArrayList<>();

    @Test
    void inACoroutineTheFirstStepRunsInsideCreateTask() {
        kit.run(() -> {
            var parent = Async.currentTask();
            var child =
                    Async.createTask(
                            () -> {
                                calls.add("child 1");
                                assertThat(Async.currentTask()).isNotSameAs(parent);
                                Async.yieldNow();
                                calls.add("child 2");
                            },
                            EAGER);
            calls.add("parent");
            assertThat(Async.currentTask()).isSameAs(parent);
            assertThat(child.isDone()).isFalse();
            child.await();
        });
        assertThat(calls).containsExactly("child 1", "parent", "child 2");
    }

    @Test
    void inACallbackTheFirstStepRunsInsideCreateTask() {
        kit.loop()
                .callSoon(() -> {
                    Async.createTask(
                            () -> {
                                calls.add("child 1");
                                Async.yieldNow();
                                calls.add("child 2");
                            },
                            EAGER);
                    assertThat(Async.currentTask()).isNull();
                    calls.add("callback");
                });
        kit.runTurns(2);
        assertThat(calls).containsExactly("child 1", "callback", "child 2");
    }

    @Test
    void anEagerTaskThatAwaitsNothingIsDoneWhenCreateTaskReturns() {
        kit.run(() -> {
            var child = Async.createTask(() -> "done", EAGER);
            assertThat(child.isDone()).isTrue();
            assertThat(child.result()).isEqualTo("done");
            assertThat(Async.allTasks()).containsExactly(Async.currentTask());
        });
    }

    @Test
    void nothingElseRunsBeforeTheParentGoesOn() {
        kit.run(() -> {
            kit.loop().callSoon(() -> calls.add("callback"));
            Async.createTask(() -> calls.add("child"), EAGER);
            calls.add("parent");
            Async.yieldNow();
        });
        assertThat(calls).containsExactly("child", "parent", "callback");
    }

    @Test
    void eagerTasksNest() {
        kit.run(() -> {
            var outer =
                    Async.createTask(
                            () -> {
                                calls.add("outer 1");
                                var inner =
                                        Async.createTask(
                                                () -> {
                                                    calls.add("inner 1");
                                                    Async.createTask(
                                                            () -> calls.add("innermost"), EAGER);
                                                    Async.yieldNow();
                                                    calls.add("inner 2");
                                                },
                                                EAGER);
                                calls.add("outer 2");
                                inner.await();
                                calls.add("outer 3");
                            },
                            EAGER);
            calls.add("main");
            outer.await();
        });
        assertThat(calls)
                .containsExactly(
                        "outer 1", "inner 1", "innermost", "outer 2", "main", "inner 2", "outer 3");
    }

    @Test
    void severalEagerTasksStartOneAfterTheOther() {
        kit.run(() -> {
            for (var name : List.of("a", "b", "c")) {
                Async.createTask(() -> calls.add(name), EAGER);
                calls.add("after " + name);
            }
        });
        assertThat(calls).containsExactly("a", "after a", "b", "after b", "c", "after c");
    }

    @Test
    void anEagerTaskThatFailsDoesNotThrowOutOfCreateTask() {
        kit.run(() -> {
            var failure = new IllegalArgumentException("eager");
            var child =
                    Async.createTask(
                            (Callable<String>)
                                    () -> {
                                        throw failure;
                                    },
                            EAGER);
            assertThat(child.isDone()).isTrue();
            assertThatExceptionOfType(IllegalArgumentException.class)
                    .isThrownBy(child::await)
                    .isSameAs(failure);
        });
    }

    @Test
    void anEagerTaskMayCancelItself() {
        kit.run(() -> {
            var child =
                    Async.createTask(
                            () -> {
                                Async.currentTask().cancel("itself");
                                return "lost";
                            },
                            EAGER);
            assertThat(child.isCancelled()).isTrue();
        });
    }

    @Test
    void anEagerTaskThatWaitsCanBeCancelled() {
        kit.run(() -> {
            var gate = kit.loop().<String>createFuture();
            var child = Async.createTask(gate::await, EAGER);
            child.cancel();
            Async.waitAll(List.of(child));
            assertThat(child.isCancelled()).isTrue();
            assertThat(gate.isCancelled()).isTrue();
        });
    }

    @Test
    void anEagerTaskMayCancelTheOneThatStartsIt() {
        kit.run(() -> {
            var starter =
                    Async.createTask(() -> {
                        var parent = Async.currentTask();
                        Async.createTask(() -> parent.cancel("by the child"), EAGER);
                        calls.add("goes on");
                        Async.yieldNow();
                        calls.add("not reached");
                    });
            Async.waitAll(List.of(starter));
            assertThat(starter.isCancelled()).isTrue();
        });
        assertThat(calls).containsExactly("goes on");
    }

    @Test
    void onALoopThatDoesNotRunTheFirstStepWaitsForTheFirstTurn() {
        var task = kit.loop().createTask(() -> calls.add("child"), EAGER);
        assertThat(calls).isEmpty();
        assertThat(kit.loop().runUntilComplete(task)).isTrue();
    }

    @Test
    void eachEagerTaskHasAContextOfItsOwn() {
        var variable = ContextVar.create("variable", "unset");
        kit.run(() -> {
            variable.set("parent");
            Async.createTask(
                    () -> {
                        calls.add(variable.get());
                        variable.set("child");
                        Async.yieldNow();
                        calls.add(variable.get());
                    },
                    EAGER);
            calls.add(variable.get());
            Async.yieldNow();
        });
        assertThat(calls).containsExactly("parent", "parent", "child");
    }

    @Test
    void theDoneCallbacksOfAnEagerTaskAreQueuedAndNotRunInside() {
        kit.run(() -> {
            var child = Async.createTask(() -> "done", EAGER);
            child.addDoneCallback(_ -> calls.add("done callback"));
            calls.add("parent");
            Async.yieldNow();
        });
        assertThat(calls).containsExactly("parent", "done callback");
    }

    /// Where the thread cannot be suspended, the child starts like any other.
    private static final class StartsATask {
        static final List<String> CALLS = new ArrayList<>();
        static final Task<?> CHILD;

        static {
            CHILD =
                    Async.createTask(
                            () -> {
                                CALLS.add("child 1");
                                Async.yieldNow();
                                CALLS.add("child 2");
                            },
                            EAGER);
            Async.createTask(() -> CALLS_OF_SECOND.add("second child"), EAGER);
        }

        private StartsATask() {}
    }

    private static final List<String> CALLS_OF_SECOND = new ArrayList<>();

    @Test
    void inAStaticInitialiserTheFirstStepWaitsForTheNextTurnAndRunsOnce() {
        CALLS_OF_SECOND.clear();
        kit.run(() -> {
            var seen = StartsATask.CHILD.isDone();
            calls.add("parent, child done: " + seen);
            kit.loop().callSoon(() -> calls.add("callback"));
            Async.yieldNow();
            calls.add("parent, after its yield");
            StartsATask.CHILD.await();
        });
        assertThat(calls)
                .containsExactly(
                        "parent, child done: false", "callback", "parent, after its yield");
        assertThat(StartsATask.CALLS).containsExactly("child 1", "child 2");
        assertThat(CALLS_OF_SECOND).containsExactly("second child");
    }

    @Test
    void aVirtualMachineErrorInAnEagerTaskLeavesItsParentRunnable() {
        var parent =
                kit.loop()
                        .createTask(() -> {
                            var child =
                                    Async.createTask(
                                            (Callable<String>)
                                                    () -> {
                                                        throw new InternalError("planted");
                                                    },
                                            EAGER);
                            return child.exception().getMessage();
                        });
        assertThatExceptionOfType(InternalError.class)
                .isThrownBy(() -> kit.loop().runUntilComplete(parent))
                .withMessage("planted");

        assertThat(kit.loop().runUntilComplete(parent)).isEqualTo("planted");
    }

    @Test
    void theCurrentTaskIsTheChildDuringItsFirstStepAndTheParentAfterIt() {
        kit.run(() -> {
            var parent = Async.currentTask();
            var inside = new ArrayList<Task<?>>();
            var child =
                    Async.createTask(
                            () -> {
                                inside.add(Async.currentTask());
                                Async.yieldNow();
                                inside.add(Async.currentTask());
                            },
                            EAGER);
            assertThat(Async.currentTask()).isSameAs(parent);
            child.await();
            assertThat(inside).containsExactly(child, child);
            assertThat(Async.currentTask()).isSameAs(parent);
        });
    }

    @Test
    void anEagerTaskIsAmongAllTasksWhileItIsNotDoneOnly() {
        kit.run(() -> {
            var seen = new ArrayList<Boolean>();
            var done =
                    Async.createTask(
                            () -> {
                                seen.add(Async.allTasks().contains(Async.currentTask()));
                            },
                            EAGER);
            var waiting = Async.createTask(() -> Async.yieldNow(), EAGER);
            assertThat(seen).containsExactly(true);
            assertThat(Async.allTasks()).contains(waiting).doesNotContain(done);
            waiting.await();
            assertThat(Async.allTasks()).doesNotContain(waiting);
        });
    }

    @Test
    void anEagerTaskThatHasEndedCannotBeCancelled() {
        kit.run(() -> {
            var done = Async.createTask(() -> "value", EAGER);
            assertThat(done.cancel()).isFalse();
            assertThat(done.result()).isEqualTo("value");
        });
    }

    @Test
    void awaitingAnEagerTaskThatHasEndedLetsNothingElseRun() {
        kit.run(() -> {
            kit.loop().callSoon(() -> calls.add("other"));
            assertThat(Async.createTask(() -> "value", EAGER).await()).isEqualTo("value");
            assertThat(calls).isEmpty();
        });
    }

    @Test
    void eagerTasksInAGatherKeepTheOrderOfTheArguments() {
        kit.run(() -> {
            var tasks = new ArrayList<Task<Integer>>();
            for (var i = 0; i < 4; i++) {
                var number = i;
                tasks.add(
                        Async.createTask(
                                () -> {
                                    if (number % 2 == 0) {
                                        Async.yieldNow();
                                    }
                                    return number;
                                },
                                EAGER));
            }
            assertThat(Async.gather(tasks).await()).containsExactly(0, 1, 2, 3);
        });
    }
}

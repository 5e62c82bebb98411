package dev.jloop.core;

import static dev.jloop.core.CancelEverywhere.Stage.turns;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jloop.core.CancelEverywhere.Scenario;
import dev.jloop.core.CancelEverywhere.Stage;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Stream;

/// Every await point of the main package, cancelled at every point.
class CancelCoreEverywhereTest {
    private static final Duration SOON = Duration.ofSeconds(1);
    private static final Duration LATE = Duration.ofHours(1);
    private static final int FEWEST_POINTS = 3;

    @ParameterizedTest(name = "{0}")
    @MethodSource("scenarios")
    void nothingIsLostWhereverTheTaskIsCancelled(String name, Scenario scenario) {
        assertThat(CancelEverywhere.check(name, scenario))
                .as("points at which %s was cancelled", name)
                .isGreaterThanOrEqualTo(FEWEST_POINTS);
    }

    static Stream<Arguments> scenarios() {
        return Stream.of(
                scenario("sleep", CancelCoreEverywhereTest::sleep),
                scenario("yieldNow", stage -> stage.underTest(() -> turns(3))),
                scenario("await of a future", CancelCoreEverywhereTest::awaitFuture),
                scenario("await of a task", CancelCoreEverywhereTest::awaitTask),
                scenario("gather", stage -> owned(stage, tasks -> Async.gather(tasks).await())),
                scenario(
                        "gatherSettled",
                        stage -> owned(stage, tasks -> Async.gatherSettled(tasks).await())),
                scenario("waitAll", stage -> shared(stage, Async::waitAll)),
                scenario(
                        "waitAll with a timeout",
                        stage -> shared(stage, tasks -> Async.waitAll(tasks, LATE))),
                scenario(
                        "waitAll with a timeout that passes",
                        stage -> shared(stage, tasks -> Async.waitAll(tasks, SOON))),
                scenario("waitAny", stage -> shared(stage, Async::waitAny)),
                scenario(
                        "waitAny with a timeout",
                        stage -> shared(stage, tasks -> Async.waitAny(tasks, LATE))),
                scenario("waitFirstException", stage -> shared(stage, Async::waitFirstException)),
                scenario(
                        "waitFirstException with a timeout",
                        stage -> shared(stage, tasks -> Async.waitFirstException(tasks, LATE))),
                scenario("asCompleted", stage -> shared(stage, tasks -> all(tasks, null))),
                scenario(
                        "asCompleted with a timeout",
                        stage -> shared(stage, tasks -> all(tasks, LATE))),
                scenario("shield", CancelCoreEverywhereTest::shield),
                scenario("waitFor a future", CancelCoreEverywhereTest::waitForFuture),
                scenario(
                        "waitFor a body",
                        stage -> timesOut(stage, () -> Async.waitFor(() -> sleepLong(), SOON))),
                scenario(
                        "withTimeout",
                        stage -> timesOut(stage, () -> Async.withTimeout(SOON, () -> sleepLong()))),
                scenario("Timeout that does not expire", CancelCoreEverywhereTest::timeout),
                scenario("Timeout in a Timeout", CancelCoreEverywhereTest::nestedTimeouts),
                scenario("TaskGroup", CancelCoreEverywhereTest::taskGroup),
                scenario("TaskGroup with a failure", CancelCoreEverywhereTest::failingTaskGroup),
                scenario("TaskGroup in a TaskGroup", CancelCoreEverywhereTest::nestedTaskGroups),
                scenario("TaskGroup.start", CancelCoreEverywhereTest::taskGroupStart),
                scenario(
                        "TaskGroup.start from outside", CancelCoreEverywhereTest::startFromOutside),
                scenario("ShieldedScope", CancelCoreEverywhereTest::shieldedScope),
                scenario("staggeredRace", stage -> race(stage, SOON)),
                scenario("staggeredRace without a delay", stage -> race(stage, null)),
                scenario("generator that is closed", CancelCoreEverywhereTest::closedGenerator),
                scenario("generator that is left", CancelCoreEverywhereTest::leftGenerator),
                scenario("generator in a generator", CancelCoreEverywhereTest::nestedGenerators),
                scenario("generator with a shield", CancelCoreEverywhereTest::shieldedGenerator),
                scenario("generator with a scope", CancelCoreEverywhereTest::generatorWithScope));
    }

    private static Arguments scenario(String name, Scenario scenario) {
        return Arguments.of(name, scenario);
    }

    private static Void sleepLong() {
        Async.sleep(LATE);
        return null;
    }

    private static void sleep(Stage stage) {
        stage.other("other", () -> Async.sleep(SOON));
        stage.underTest(() -> {
            Async.sleep(SOON);
            sleepLong();
        });
    }

    private static void awaitFuture(Stage stage) {
        var future = stage.loop().<String>createFuture();
        stage.underTest(() -> assertThat(future.await()).isEqualTo("value"));
        stage.other(
                "setter",
                () -> {
                    turns(2);
                    if (!future.isDone()) {
                        future.setResult("value");
                    }
                });
        stage.afterwards(() -> assertThat(future.isDone()).isTrue());
    }

    private static void awaitTask(Stage stage) {
        var running = new int[1];
        stage.underTest(() -> Async.createTask(() -> sleepCounted(LATE, running)).await());
        expectNoneInside(stage, running);
    }

    /// Tasks that end with the one that awaits them.
    private static void owned(Stage stage, Function<List<Task<Void>>, Object> await) {
        var running = new int[1];
        stage.underTest(() -> {
            var tasks =
                    Stream.of(SOON, LATE)
                            .map(delay -> Async.createTask(() -> sleepCounted(delay, running)))
                            .toList();
            var _ = await.apply(tasks);
        });
        expectNoneInside(stage, running);
    }

    /// What the task under test has started ends before it does.
    private static void expectNoneInside(Stage stage, int[] running) {
        stage.other(
                "observer",
                () -> {
                    stage.awaitEndOfTaskUnderTest();
                    assertThat(running[0]).as("bodies still inside").isZero();
                });
    }

    private static void sleepCounted(Duration delay, int[] running) {
        running[0]++;
        try {
            Async.sleep(delay);
        } finally {
            try {
                turns(1); // clean-up that awaits, and may itself be cancelled
            } finally {
                running[0]--;
            }
        }
    }

    /// Tasks that go on whoever waits for them.
    private static void shared(Stage stage, Function<Collection<Task<Void>>, Object> await) {
        var tasks =
                List.of(
                        stage.other("one", () -> Async.sleep(SOON)),
                        stage.other("two", () -> Async.sleep(SOON.multipliedBy(2))));
        stage.underTest(() -> {
            var _ = await.apply(tasks);
        });
        stage.other("other", () -> Async.waitAll(tasks));
    }

    private static Object all(Collection<Task<Void>> tasks, Duration timeout) {
        var order = timeout == null ? Async.asCompleted(tasks) : Async.asCompleted(tasks, timeout);
        order.forEach(task -> assertThat(task.isDone()).isTrue());
        return order;
    }

    private static void shield(Stage stage) {
        var inner = stage.other("inner", () -> Async.sleep(SOON));
        stage.underTest(() -> Async.shield(inner).await());
    }

    private static void waitForFuture(Stage stage) {
        stage.underTest(() -> {
            var inner = Async.createTask(() -> sleepLong());
            try {
                Async.waitFor(inner, SOON);
            } catch (TimedOutException expected) {
                assertThat(inner.isCancelled()).isTrue();
            }
        });
    }

    private static void timesOut(Stage stage, AsyncRunnable body) {
        stage.underTest(() -> {
            try {
                body.run();
            } catch (TimedOutException expected) {
                turns(1);
                return;
            }
            throw new AssertionError("no timeout");
        });
    }

    private static void timeout(Stage stage) {
        stage.underTest(() -> Timeout.after(LATE).run(() -> turns(3)));
    }

    private static void nestedTimeouts(Stage stage) {
        timesOut(
                stage,
                () -> Timeout.after(SOON).run(() -> Timeout.after(LATE).run(() -> sleepLong())));
    }

    private static void taskGroup(Stage stage) {
        var running = new int[1];
        stage.underTest(() -> {
            var group = new TaskGroup();
            group.run(() -> {
                group.createTask(() -> sleepCounted(SOON, running));
                turns(1);
                group.createTask(() -> sleepCounted(LATE, running));
            });
            assertThat(running[0]).isZero();
        });
        expectNoneInside(stage, running);
    }

    private static void failingTaskGroup(Stage stage) {
        var running = new int[1];
        stage.underTest(() -> {
            var group = new TaskGroup();
            try {
                group.run(() -> {
                    group.createTask(() -> sleepCounted(LATE, running));
                    group.createTask(() -> {
                        turns(1);
                        throw new IllegalStateException("planned");
                    });
                    turns(5);
                });
            } catch (ExceptionGroup failures) {
                assertThat(failures.exceptions()).hasSize(1);
            }
        });
        expectNoneInside(stage, running);
    }

    private static void nestedTaskGroups(Stage stage) {
        var running = new int[1];
        stage.underTest(() -> {
            var outer = new TaskGroup();
            outer.run(() -> {
                outer.createTask(() -> sleepCounted(SOON, running));
                var inner = new TaskGroup();
                inner.run(() -> inner.createTask(() -> sleepCounted(LATE, running)));
            });
        });
        expectNoneInside(stage, running);
    }

    private static void taskGroupStart(Stage stage) {
        var running = new int[1];
        stage.underTest(() -> {
            var group = new TaskGroup();
            group.run(() -> {
                var ready =
                        group.<String>start(status -> {
                            turns(1);
                            status.started("ready");
                            sleepCounted(SOON, running);
                        });
                assertThat(ready).isEqualTo("ready");
                turns(1);
            });
            assertThat(running[0]).isZero();
        });
        expectNoneInside(stage, running);
    }

    /// The group goes on, but a task that was not ready when its starter was cancelled ends: the
    /// group waits for it.
    private static void startFromOutside(Stage stage) {
        var group = new TaskGroup();
        var isReady = new boolean[1];
        var over = stage.loop().<String>createFuture();
        stage.other(
                "owner",
                () ->
                        group.run(() -> {
                            stage.awaitEndOfTaskUnderTest();
                            if (isReady[0]) {
                                turns(1);
                                over.setResult("over");
                            }
                        }));
        var wasReady = new boolean[1];
        stage.underTest(() -> {
            turns(1);
            try {
                group.<String>start(status -> {
                    turns(2);
                    status.started("ready");
                    isReady[0] = true;
                    over.await();
                });
            } finally {
                wasReady[0] = isReady[0];
            }
        });
        stage.afterwards(() -> assertThat(isReady[0]).as("ready").isEqualTo(wasReady[0]));
    }

    /// What is shielded is done to its end, if it was begun.
    private static void shieldedScope(Stage stage) {
        var steps = new ArrayList<String>();
        stage.underTest(() -> {
            try {
                steps.add("begun");
                turns(2);
            } finally {
                ShieldedScope.within(LATE)
                        .run(() -> {
                            turns(2);
                            Async.sleep(SOON);
                            steps.add("cleaned up");
                        });
            }
            turns(2);
        });
        stage.afterwards(() -> assertThat(steps).isIn(List.of(), List.of("begun", "cleaned up")));
    }

    /// The first one fails, the second one wins and the third one does not come to its end.
    private static void race(Stage stage, Duration delay) {
        var running = new int[1];
        stage.underTest(() -> {
            var starters =
                    List.<Callable<String>>of(
                            () -> {
                                sleepCounted(SOON, running);
                                throw new IllegalStateException("planned");
                            },
                            () -> {
                                sleepCounted(SOON.multipliedBy(2), running);
                                return "second";
                            },
                            () -> {
                                sleepCounted(LATE, running);
                                return "third";
                            });
            var result =
                    delay == null
                            ? Async.staggeredRace(starters)
                            : Async.staggeredRace(starters, delay);
            assertThat(result.value()).isEqualTo("second");
            assertThat(running[0]).isZero();
        });
        expectNoneInside(stage, running);
    }

    /// Awaits around each item, and where it cleans up.
    private static AsyncIterable<Integer> counted(int[] running) {
        return Async.generate(emitter -> {
            running[0]++;
            try {
                for (var i = 0; i < 3; i++) {
                    turns(1);
                    emitter.emit(i);
                }
                Async.sleep(SOON);
            } finally {
                try {
                    turns(1);
                } finally {
                    running[0]--;
                }
            }
        });
    }

    private static void closedGenerator(Stage stage) {
        var running = new int[1];
        stage.underTest(() -> {
            try (var items = counted(running).iterator()) {
                for (var i = 0; i < 2; i++) {
                    assertThat(items.next()).isEqualTo(i);
                    turns(1);
                }
            }
            assertThat(running[0]).isZero();
        });
        expectNoneInside(stage, running);
    }

    /// A cancellation between two items leaves the body where it is, until the shutdown.
    private static void leftGenerator(Stage stage) {
        var running = new int[1];
        var got = new ArrayList<Integer>();
        stage.underTest(() -> {
            for (var item : counted(running)) {
                got.add(item);
                turns(1);
            }
        });
        stage.other(
                "shutdown",
                () -> {
                    stage.awaitEndOfTaskUnderTest();
                    stage.loop().shutdownAsyncGenerators();
                    assertThat(running[0]).as("bodies still inside").isZero();
                });
        stage.afterwards(() ->
                assertThat(List.of(0, 1, 2).subList(0, got.size())).as("items").isEqualTo(got));
    }

    private static void nestedGenerators(Stage stage) {
        var running = new int[1];
        stage.underTest(() -> {
            var doubled =
                    Async.<Integer>generate(emitter -> {
                        try (var items = counted(running).iterator()) {
                            while (items.hasNext()) {
                                emitter.emit(2 * items.next());
                            }
                        }
                    });
            try (var items = doubled.iterator()) {
                for (var i = 0; i < 3; i++) {
                    assertThat(items.next()).isEqualTo(2 * i);
                }
            }
        });
        expectNoneInside(stage, running);
    }

    /// A body that emits before it has felt the request leaves it to its consumer.
    private static void shieldedGenerator(Stage stage) {
        var got = new ArrayList<Integer>();
        stage.underTest(() -> {
            var items =
                    Async.<Integer>generate(emitter -> {
                        for (var i = 0; i < 2; i++) {
                            ShieldedScope.within(LATE).run(() -> turns(2));
                            emitter.emit(i);
                        }
                    });
            try (var iterator = items.iterator()) {
                got.add(iterator.next());
                turns(1);
                got.add(iterator.next());
            }
            turns(1);
        });
        stage.afterwards(() -> assertThat(List.of(0, 1).subList(0, got.size())).isEqualTo(got));
    }

    /// Tasks of the body end with it.
    private static void generatorWithScope(Stage stage) {
        var running = new int[1];
        stage.underTest(() -> {
            var items =
                    Async.<Integer>generate(emitter -> {
                        var group = new TaskGroup();
                        group.run(() -> {
                            group.createTask(() -> sleepCounted(SOON, running));
                            Timeout.after(LATE)
                                    .run(() -> {
                                        emitter.emit(1);
                                        turns(1);
                                        emitter.emit(2);
                                    });
                        });
                    });
            try (var iterator = items.iterator()) {
                while (iterator.hasNext()) {
                    turns(1);
                    iterator.next();
                }
            }
            assertThat(running[0]).isZero();
        });
        expectNoneInside(stage, running);
    }
}

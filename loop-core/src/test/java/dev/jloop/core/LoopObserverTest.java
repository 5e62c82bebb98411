package dev.jloop.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jloop.core.spi.LoopObserver;
import dev.jloop.core.spi.ReadyQueue;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.util.ArrayList;
import java.util.List;

/// The seams besides clock and poller.
class LoopObserverTest {
    private final List<String> events = new ArrayList<>();

    private final LoopObserver observer =
            new LoopObserver() {
                @Override
                public void turnStarted(int ready) {
                    events.add("turn of " + ready);
                }

                @Override
                public void turnEnded(int ran) {
                    events.add("ran " + ran);
                }

                @Override
                public void callbackEnded(Object callback, long nanos) {
                    assertThat(nanos).isNotNegative();
                    events.add(
                            "ended "
                                    + (callback instanceof Task<?> task
                                            ? task.name()
                                            : "callback"));
                }

                @Override
                public void taskCreated(Object task) {
                    events.add("created " + ((Task<?>) task).name());
                }

                @Override
                public void taskEnded(Object task) {
                    events.add("task over " + ((Task<?>) task).name());
                }
            };

    @RegisterExtension
    final LoopFixture kit = LoopFixture.onVirtualTime(builder -> builder.observer(observer));

    @Test
    void anObserverSeesTurnsCallbacksAndTasks() {
        kit.loop().callSoon(() -> {});
        kit.loop()
                .createTask(
                        () -> {
                            Async.yieldNow();
                        },
                        "task");

        kit.runTurns(2);

        assertThat(events)
                .containsExactly(
                        "created task",
                        "turn of 2",
                        "ended callback",
                        "ended task",
                        "ran 2",
                        "turn of 1",
                        "task over task",
                        "ended task",
                        "ran 1");
    }

    @Test
    void anObserverThatThrowsIsReportedAndTheOthersAreTold() {
        var broken =
                new LoopObserver() {
                    @Override
                    public void taskCreated(Object task) {
                        throw new IllegalStateException("broken observer");
                    }
                };
        var reports = new ArrayList<LoopException>();
        try (var loop = SelectorEventLoop.builder().observer(broken).observer(observer).build()) {
            loop.setExceptionHandler((_, report) -> reports.add(report));
            assertThat(loop.runUntilComplete(() -> "fine")).isEqualTo("fine");
        }
        assertThat(reports).hasSize(1);
        assertThat(reports.getFirst().exception()).hasMessage("broken observer");
        assertThat(events).contains("created Task-1", "task over Task-1");
    }

    @Test
    void aReadyQueueOfTheUsersOwnDecidesTheOrder() {
        class LastInFirstOut implements ReadyQueue {
            private final List<Runnable> queued = new ArrayList<>();
            private List<Runnable> turn = List.of();

            @Override
            public void add(Runnable callback) {
                queued.add(callback);
            }

            @Override
            public void startTurn() {
                turn = new ArrayList<>(queued.reversed());
                queued.clear();
            }

            @Override
            public @Nullable Runnable next() {
                return turn.isEmpty() ? null : turn.removeFirst();
            }

            @Override
            public int size() {
                return queued.size() + turn.size();
            }

            @Override
            public void clear() {
                queued.clear();
                turn.clear();
            }
        }
        var calls = new ArrayList<String>();
        try (var loop = SelectorEventLoop.builder().readyQueue(new LastInFirstOut()).build()) {
            loop.callSoon(() -> calls.add("first"));
            loop.callSoon(() -> calls.add("second"));
            loop.stop();
            loop.runForever();
        }
        assertThat(calls).containsExactly("second", "first");
    }

    @Test
    void theDefaultReadyQueueGrowsAndKeepsItsOrder() {
        var queue = new FifoReadyQueue();
        var calls = new ArrayList<Integer>();
        var expected = new ArrayList<Integer>();
        // Some leave before more come, so that blocks are left and added in between.
        for (var i = 0; i < 200; i++) {
            add(queue, calls, expected, i);
        }
        queue.startTurn();
        for (var i = 0; i < 150; i++) {
            queue.next().run();
        }
        for (var i = 200; i < 1000; i++) {
            add(queue, calls, expected, i);
        }
        assertThat(queue.size()).isEqualTo(850);
        for (var callback = queue.next(); callback != null; callback = queue.next()) {
            callback.run();
        }
        assertThat(calls).as("the rest of the turn").hasSize(200);
        queue.startTurn();
        for (var callback = queue.next(); callback != null; callback = queue.next()) {
            callback.run();
        }
        assertThat(calls).isEqualTo(expected);
        assertThat(queue.size()).isZero();
    }

    private static void add(
            FifoReadyQueue queue, List<Integer> calls, List<Integer> expected, int number) {
        queue.add(() -> calls.add(number));
        expected.add(number);
    }

    @Test
    void anObserverMayStartATaskEagerlyWhenItIsToldOfTheEndOfAnother() {
        var starting =
                new LoopObserver() {
                    @Override
                    public void taskEnded(Object task) {
                        var ended = (Task<?>) task;
                        if (ended.name().startsWith("first")) {
                            ended.loop()
                                    .createTask(
                                            () -> {
                                                events.add("started after " + ended.name());
                                                Async.yieldNow();
                                                events.add("went on after " + ended.name());
                                            },
                                            TaskOptions.DEFAULTS.withEagerStart(true));
                        }
                    }
                };
        try (var loop = SelectorEventLoop.builder().observer(starting).build()) {
            loop.runUntilComplete(() -> {
                Async.createTask(() -> {}, "first").await();
                Async.createTask(
                        () -> {},
                        TaskOptions.DEFAULTS.withName("first, eager").withEagerStart(true));
                events.add("parent");
                Async.yieldNow();
            });
        }
        assertThat(events)
                .containsExactly(
                        "started after first",
                        "started after first, eager",
                        "parent",
                        "went on after first",
                        "went on after first, eager");
    }
}

package dev.jloop.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jloop.core.spi.Poller;
import dev.jloop.core.spi.ReadyQueue;

import org.jspecify.annotations.Nullable;

import java.nio.channels.SelectableChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// Plays a scenario on virtual time again and again, and cancels its task under test at another
/// point each time: before each callback of each turn and after the last one, until the scenario
/// ends before the cancellation comes.
///
/// Whatever the point, all other tasks have to finish, nothing may be left alive (no task and no
/// timer), the task under test has to end as cancelled if it accepted the request, and what the
/// scenario itself checks has to hold.
final class CancelEverywhere {
    /// No scenario is longer; it would be one that never ends.
    private static final int MOST_POINTS = 2_000;

    private final String name;
    private final Scenario scenario;

    /// How often the task is cancelled, at points that follow one another.
    private final int requests;

    private int points;
    private int accepted;

    private CancelEverywhere(String name, Scenario scenario, int requests) {
        this.name = name;
        this.scenario = scenario;
        this.requests = requests;
    }

    /// What is played.
    @FunctionalInterface
    interface Scenario {
        /// Starts the tasks.
        void play(Stage stage);
    }

    /// Plays `scenario` with a cancellation at each point, and then with two of them, the second
    /// one point later.
    ///
    /// @return at how many points the task under test accepted the first of them
    static int check(String name, Scenario scenario) {
        var once = new CancelEverywhere(name, scenario, 1);
        once.playAll();
        new CancelEverywhere(name, scenario, 2).playAll();
        return once.accepted;
    }

    private void playAll() {
        boolean reached;
        do {
            var stage = new Stage(points, requests);
            try {
                stage.play(scenario);
            } catch (AssertionError | RuntimeException failure) {
                throw new AssertionError(
                        name + ", cancelled " + stage.describePoint() + ": " + failure.getMessage(),
                        failure);
            }
            reached = stage.requestsMade > 0;
            accepted += stage.accepted ? 1 : 0;
            points++;
            assertThat(points).as("points of a scenario").isLessThan(MOST_POINTS);
        } while (reached);
    }

    /// One performance: a loop, and the tasks on it.
    static final class Stage {
        private final int point;
        private final int requests;
        private final FakeClock clock = new FakeClock();
        private final CancellingQueue queue = new CancellingQueue();
        private final SelectorEventLoop loop =
                SelectorEventLoop.builder()
                        .clock(clock)
                        .poller(new IdlePoller())
                        .readyQueue(queue)
                        .build();
        private final List<Task<Void>> others = new ArrayList<>();
        private final List<Runnable> checks = new ArrayList<>();
        private final List<LoopException> reports = new ArrayList<>();
        private @Nullable Task<Void> underTest;
        private int requestsMade;
        private boolean accepted;
        private boolean timerLeft;

        private Stage(int point, int requests) {
            this.point = point;
            this.requests = requests;
        }

        SelectorEventLoop loop() {
            return loop;
        }

        /// Starts the task that is going to be cancelled.
        void underTest(AsyncRunnable body) {
            underTest = loop.createTask(body, "under test");
        }

        Task<Void> taskUnderTest() {
            return Objects.requireNonNull(underTest, "underTest comes first");
        }

        /// Starts a task that has to finish whatever happens to the one under test.
        Task<Void> other(String name, AsyncRunnable body) {
            var task = loop.createTask(body, name);
            others.add(task);
            return task;
        }

        /// Adds what has to hold when all tasks have ended.
        void afterwards(Runnable check) {
            checks.add(check);
        }

        /// Suspends until the task under test has ended.
        void awaitEndOfTaskUnderTest() {
            Async.waitAll(List.of(taskUnderTest()));
        }

        /// Suspends for some turns.
        static void turns(int count) {
            for (var i = 0; i < count; i++) {
                Async.yieldNow();
            }
        }

        private void play(Scenario scenario) {
            loop.setExceptionHandler((_, report) -> reports.add(report));
            try {
                scenario.play(this);
                loop.runForever(); // until nothing can happen any more: see IdlePoller
                checkEverything();
            } finally {
                loop.close();
            }
        }

        private void checkEverything() {
            assertThat(loop.allTasks()).as("tasks that wait for ever").isEmpty();
            assertThat(timerLeft).as("a timer is left").isFalse();
            for (var other : others) {
                assertThat(other.isCancelled()).as(other + " was cancelled").isFalse();
                other.result();
            }
            if (accepted) {
                assertThat(taskUnderTest().isCancelled())
                        .as(taskUnderTest() + " accepted a cancellation, and ended as cancelled")
                        .isTrue();
            } else {
                taskUnderTest().result();
            }
            checks.forEach(Runnable::run);
            assertThat(reports).as("failures that the loop reported").isEmpty();
        }

        private String describePoint() {
            return requestsMade == 0
                    ? "not at all"
                    : requestsMade + " times from point " + point + " on";
        }

        private void cancel() {
            requestsMade++;
            accepted |= taskUnderTest().cancel("at point " + point);
        }

        /// First in, first out, with cancellations in between. Each question for the next callback
        /// is a point, also the one that finds the turn over.
        private final class CancellingQueue implements ReadyQueue {
            private static final int MOST_TURNS = 5_000;

            private final FifoReadyQueue callbacks = new FifoReadyQueue();
            private int position;
            private int turns;
            private boolean cancelledHere;

            @Override
            public @Nullable Runnable next() {
                if (position >= point && requestsMade < requests && !cancelledHere) {
                    cancelledHere = true;
                    return Stage.this::cancel;
                }
                cancelledHere = false;
                position++;
                return callbacks.next();
            }

            @Override
            public void startTurn() {
                turns++;
                assertThat(turns).as("turns of a scenario").isLessThan(MOST_TURNS);
                callbacks.startTurn();
            }

            @Override
            public void add(Runnable callback) {
                callbacks.add(callback);
            }

            @Override
            public int size() {
                return callbacks.size();
            }

            @Override
            public void clear() {
                callbacks.clear();
            }
        }

        /// Lets time pass as long as there are tasks that may wait for it, and ends the run when
        /// nothing is left that could happen.
        private final class IdlePoller implements Poller {
            @Override
            public int poll(long timeoutNanos) {
                if (timeoutNanos == 0) {
                    return 0;
                }
                var timer = timeoutNanos != Long.MAX_VALUE;
                if (timer && !loop.allTasks().isEmpty()) {
                    clock.advanceNanos(timeoutNanos);
                } else {
                    timerLeft = timer;
                    loop.stop();
                }
                return 0;
            }

            @Override
            public void register(SelectableChannel channel, Listener listener) {
                throw new UnsupportedOperationException("no channels in these scenarios");
            }

            @Override
            public @Nullable Listener listener(SelectableChannel channel) {
                return null;
            }

            @Override
            public void setInterest(SelectableChannel channel, int operations) {
                throw new UnsupportedOperationException("no channels in these scenarios");
            }

            @Override
            public void wakeup() {} // nobody else is there

            @Override
            public void close() {}
        }
    }
}

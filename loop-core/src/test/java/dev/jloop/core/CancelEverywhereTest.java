package dev.jloop.core;

import static dev.jloop.core.CancelEverywhere.Stage.turns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayDeque;

/// That [CancelEverywhere] sees what goes wrong.
class CancelEverywhereTest {
    /// As a first attempt at a lock looks like.
    private static final class ForgetfulLock {
        private final ArrayDeque<LoopFuture<Void>> waiters = new ArrayDeque<>();
        private final SelectorEventLoop loop;
        private boolean locked;

        ForgetfulLock(SelectorEventLoop loop) {
            this.loop = loop;
        }

        void acquire() {
            if (!locked) {
                locked = true;
                return;
            }
            var turn = loop.<Void>createFuture();
            waiters.add(turn);
            turn.await(); // cancelled after it was handed the lock, it keeps it
        }

        void release() {
            locked = false;
            for (var next = waiters.poll(); next != null; next = waiters.poll()) {
                if (!next.isDone()) {
                    locked = true;
                    next.setResult(null);
                    return;
                }
            }
        }

        void run(AsyncRunnable body) throws Exception {
            acquire();
            try {
                body.run();
            } finally {
                release();
            }
        }
    }

    @Test
    void aWakeUpLostByACancellationIsFound() {
        assertThatThrownBy(() ->
                        CancelEverywhere.check(
                                "scenario",
                                stage -> {
                                    var lock = new ForgetfulLock(stage.loop());
                                    stage.other("holder", () -> lock.run(() -> turns(2)));
                                    stage.underTest(() -> lock.run(() -> turns(1)));
                                    stage.other("next", () -> lock.run(() -> turns(1)));
                                }))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("scenario, cancelled")
                .hasMessageContaining("tasks that wait for ever")
                .hasMessageContaining("Task['next', pending");
    }

    @Test
    void aTimerThatOutlivesItsTaskIsFound() {
        assertThatThrownBy(() ->
                        CancelEverywhere.check(
                                "scenario",
                                stage -> {
                                    var over = stage.loop().<Void>createFuture();
                                    stage.underTest(() -> {
                                        stage.loop()
                                                .callLater(Duration.ofHours(1), () -> end(over));
                                        over.await();
                                    });
                                }))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("a timer is left");
    }

    private static void end(LoopFuture<Void> future) {
        if (!future.isDone()) {
            future.setResult(null);
        }
    }

    @Test
    void aCancellationThatIsSwallowedIsFound() {
        assertThatThrownBy(() ->
                        CancelEverywhere.check(
                                "scenario",
                                stage ->
                                        stage.underTest(() -> {
                                            try {
                                                turns(1);
                                            } catch (CancelledError swallowed) {
                                                turns(1);
                                            }
                                        })))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("accepted a cancellation");
    }

    @Test
    void everyCallbackIsAPointAndSoIsTheEndOfEachTurn() {
        var points =
                CancelEverywhere.check(
                        "scenario",
                        stage -> {
                            stage.other("other", () -> turns(2));
                            stage.underTest(() -> turns(2));
                        });
        // Two callbacks in each of three turns, and the end of two; the second of the last turn
        // ends the task.
        assertThat(points).isEqualTo(8);
    }

    @Test
    void whatTheScenarioChecksIsChecked() {
        assertThatThrownBy(() ->
                        CancelEverywhere.check(
                                "scenario",
                                stage -> {
                                    var steps = new int[1];
                                    stage.underTest(() -> {
                                        steps[0]++;
                                        turns(1);
                                        steps[0]--;
                                    });
                                    stage.afterwards(
                                            () -> assertThat(steps[0]).as("steps").isZero());
                                }))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("steps");
    }
}

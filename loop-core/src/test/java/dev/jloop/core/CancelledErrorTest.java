package dev.jloop.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.jloop.core.CancelledError.Source;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.time.Duration;
import java.util.List;

/// What a cancellation tells of its origin.
class CancelledErrorTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    @RegisterExtension final LoopFixture kit = LoopFixture.onVirtualTime();

    private String waitForEver() {
        return kit.loop().<String>createFuture().await();
    }

    private static CancelledError cancellationOf(Task<?> task) {
        Async.waitAll(List.of(task));
        return catchThrowableOfType(CancelledError.class, task::result);
    }

    @Test
    void aCallOfCancelIsExplicitAndNamesTheTaskThatMadeIt() {
        kit.run(() -> {
            Async.currentTask().rename("the boss");
            var task = Async.createTask(this::waitForEver);
            Async.yieldNow();
            task.cancel("no longer needed");
            var error = cancellationOf(task);
            assertThat(error.source()).isEqualTo(Source.EXPLICIT);
            assertThat(error.reason()).isEqualTo("no longer needed").isEqualTo(error.getMessage());
            assertThat(error.requestedBy()).contains("the boss");
        });
    }

    @Test
    void aCallbackThatCancelsIsNoTask() {
        kit.run(() -> {
            var task = Async.createTask(this::waitForEver);
            kit.loop().callSoon(task::cancel);
            var error = cancellationOf(task);
            assertThat(error.source()).isEqualTo(Source.EXPLICIT);
            assertThat(error.reason()).isNull();
            assertThat(error.requestedBy()).isEmpty();
        });
    }

    @Test
    void whatTheErrorTellsSurvivesTasksThatAwaitEachOtherAndAGather() {
        kit.run(() -> {
            Async.currentTask().rename("the boss");
            var inner = Async.createTask(this::waitForEver);
            var middle = Async.createTask(() -> Async.gather(List.of(inner)).await());
            var outer = Async.createTask(middle::await);
            Async.yieldNow();
            Async.yieldNow();
            outer.cancel("all of it");
            for (var task : List.of(inner, middle, outer)) {
                var error = cancellationOf(task);
                assertThat(error.reason()).isEqualTo("all of it");
                assertThat(error.requestedBy()).contains("the boss");
            }
        });
    }

    @Test
    void aDeadlineIsTheSourceInsideATimeout() {
        kit.run(() -> {
            var seen = new CancelledError[1];
            try {
                Timeout.after(SECOND)
                        .run(() -> {
                            try {
                                waitForEver();
                            } catch (CancelledError error) {
                                seen[0] = error;
                                throw error;
                            }
                        });
            } catch (TimedOutException expected) {
                assertThat(expected).hasCause(seen[0]);
            }
            assertThat(seen[0].source()).isEqualTo(Source.DEADLINE);
            assertThat(seen[0].requestedBy()).isEmpty();
        });
    }

    @Test
    void aFailingSiblingIsTheSourceInATaskGroupAndTheReasonTellsItsFailure() {
        kit.run(() -> {
            var sibling = new Task<?>[1];
            try {
                var group = new TaskGroup();
                group.run(() -> {
                    sibling[0] = group.createTask(this::waitForEver);
                    group.createTask(
                            () -> {
                                throw new IllegalStateException("boom");
                            },
                            "the culprit");
                });
            } catch (ExceptionGroup expected) {
                assertThat(expected.exceptions()).hasSize(1);
            }
            var error = cancellationOf(sibling[0]);
            assertThat(error.source()).isEqualTo(Source.TASK_GROUP);
            assertThat(error.reason()).contains("the culprit", "boom");
            assertThat(error.requestedBy()).contains("the culprit");
        });
    }

    @Test
    void theChildrenOfACancelledOwnerAreToldWhyItWasCancelled() {
        kit.run(() -> {
            Async.currentTask().rename("the boss");
            var child = new Task<?>[1];
            var owner =
                    Async.createTask(() -> {
                        var group = new TaskGroup();
                        group.run(() -> {
                            child[0] = group.createTask(this::waitForEver);
                        });
                    });
            Async.yieldNow();
            Async.yieldNow();
            owner.cancel("enough");
            cancellationOf(owner);
            var error = cancellationOf(child[0]);
            assertThat(error.source()).isEqualTo(Source.TASK_GROUP);
            assertThat(error.reason()).endsWith("enough");
            assertThat(error.requestedBy()).contains("the boss");
        });
    }

    @Test
    void aRunnerThatClosesIsAShutdown() {
        var seen = new CancelledError[1];
        try (var runner = new Runner().handleSignals(false)) {
            runner.run(() -> {
                Async.createTask(() -> {
                    try {
                        Async.sleep(SECOND);
                    } catch (CancelledError error) {
                        seen[0] = error;
                        throw error;
                    }
                });
                Async.yieldNow();
            });
        }
        assertThat(seen[0].source()).isEqualTo(Source.SHUTDOWN);
        assertThat(seen[0].reason()).isEqualTo("the runner is closing");
    }

    @Test
    void anErrorMadeByTheProgramIsExplicitToo() {
        kit.run(() -> {
            var task =
                    Async.createTask(() -> {
                        throw new CancelledError("on my own");
                    });
            var error = cancellationOf(task);
            assertThat(error.source()).isEqualTo(Source.EXPLICIT);
            assertThat(error.reason()).isEqualTo("on my own");
            assertThat(task.isCancelled()).isTrue();
        });
    }

    @Test
    void whatItTellsSurvivesSerialisation() throws Exception {
        var bytes = new ByteArrayOutputStream();
        try (var out = new ObjectOutputStream(bytes)) {
            out.writeObject(
                    new CancelledError(new Cancellation(Source.TASK_GROUP, "why", "the boss")));
        }
        try (var in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            var read = (CancelledError) in.readObject();
            assertThat(read.source()).isEqualTo(Source.TASK_GROUP);
            assertThat(read.reason()).isEqualTo("why");
            assertThat(read.requestedBy()).contains("the boss");
        }
    }
}

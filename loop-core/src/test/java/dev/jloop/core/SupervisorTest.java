package dev.jloop.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

class SupervisorTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    @RegisterExtension final LoopFixture kit = LoopFixture.onVirtualTime();

    private final List<String> calls = new ArrayList<>();

    private String waitForEver() {
        return kit.loop().<String>createFuture().await();
    }

    private static void fail(String message) {
        throw new IllegalStateException(message);
    }

    @Test
    void aFailureLeavesTheSiblingsAndTheBodyAloneAndIsReported() {
        kit.run(() -> {
            var group = TaskGroup.supervisor();
            var culprit = new Task<?>[1];
            group.run(() -> {
                culprit[0] = group.createTask(() -> fail("boom"), "culprit");
                group.createTask(() -> {
                    Async.sleep(SECOND);
                    calls.add("sibling");
                });
                Async.yieldNow();
                Async.yieldNow();
                calls.add("body");
                group.createTask(() -> calls.add("late"));
            });
            assertThat(calls).containsExactly("body", "late", "sibling");
            var report = kit.takeOnlyReport();
            assertThat(report.exception()).hasMessage("boom");
            assertThat(report.details()).containsEntry("task", culprit[0]);
        });
    }

    @Test
    void failuresGoToTheOneWhoAskedForThem() {
        kit.run(() -> {
            var group =
                    TaskGroup.supervisor((task, failure) ->
                            calls.add(task.name() + ": " + failure.getMessage()));
            group.run(() -> {
                group.createTask(() -> fail("one"), "first");
                group.createTask(() -> fail("two"), "second");
            });
            assertThat(calls).containsExactly("first: one", "second: two");
        });
    }

    @Test
    void oneWhoFailsWhenToldIsReportedAndTheGroupGoesOn() {
        kit.run(() -> {
            var group = TaskGroup.supervisor((_, _) -> fail("broken"));
            group.run(() -> {
                group.createTask(() -> fail("boom"));
                Async.sleep(SECOND);
                calls.add("body");
            });
            assertThat(calls).containsExactly("body");
            assertThat(kit.takeOnlyReport().exception()).hasMessage("broken");
        });
    }

    @Test
    void theFailureIsThereForWhoAwaitsTheTaskToo() {
        kit.run(() -> {
            var group = TaskGroup.supervisor();
            group.run(() -> {
                var task = group.createTask(() -> fail("boom"));
                assertThatExceptionOfType(IllegalStateException.class)
                        .isThrownBy(task::await)
                        .withMessage("boom");
            });
            assertThat(kit.takeOnlyReport().exception()).hasMessage("boom");
        });
    }

    @Test
    void aFailureOfTheBodyCancelsTheTasksAndComesOutAsAGroup() {
        kit.run(() -> {
            var group = TaskGroup.supervisor();
            var child = new Task<?>[1];
            assertThatExceptionOfType(ExceptionGroup.class)
                    .isThrownBy(() ->
                            group.run(() -> {
                                child[0] = group.createTask(this::waitForEver);
                                fail("body");
                            }))
                    .satisfies(failure ->
                            assertThat(failure.exceptions()).singleElement().isNotNull());
            assertThat(child[0].isCancelled()).isTrue();
        });
    }

    @Test
    void aCancellationFromOutsideCancelsTheTasks() {
        kit.run(() -> {
            var child = new Task<?>[1];
            var owner =
                    Async.createTask(() -> {
                        var group = TaskGroup.supervisor();
                        group.run(() -> {
                            child[0] = group.createTask(this::waitForEver);
                        });
                    });
            Async.sleep(SECOND);
            owner.cancel();
            Async.waitAll(List.of(owner));
            assertThat(owner.isCancelled()).isTrue();
            assertThat(child[0].isCancelled()).isTrue();
        });
    }

    @Test
    void theThousandthFailureLeavesNoMoreBehindThanTheFirst() {
        kit.run(() -> {
            var seen = new int[1];
            var group = TaskGroup.supervisor((_, _) -> seen[0]++);
            group.run(() -> {
                for (var i = 0; i < 1000; i++) {
                    group.createTask(() -> fail("boom"));
                }
                Async.sleep(SECOND);
                assertThat(group.toString()).contains("tasks=0", "failures=0");
            });
            assertThat(seen[0]).isEqualTo(1000);
        });
    }
}

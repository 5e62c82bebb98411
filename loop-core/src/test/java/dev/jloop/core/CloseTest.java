package dev.jloop.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.jloop.core.sync.AsyncCondition;
import dev.jloop.core.sync.AsyncLock;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// What becomes of tasks that are pending when their loop closes.
class CloseTest {
    @RegisterExtension final LoopFixture kit = LoopFixture.onVirtualTime();

    private final List<String> calls = new ArrayList<>();

    private String waitForEver() {
        return kit.loop().<String>createFuture().await();
    }

    private static void fail(String message) {
        throw new IllegalStateException(message);
    }

    @Test
    void aPendingTaskIsReportedAndEndedWithACancellation() {
        var task =
                kit.loop()
                        .createTask(
                                () -> {
                                    try {
                                        return waitForEver();
                                    } finally {
                                        calls.add("cleaned up");
                                    }
                                },
                                "left behind");
        kit.runOneTurn();

        kit.loop().close();

        assertThat(calls).containsExactly("cleaned up");
        assertThat(task.isCancelled()).isTrue();
        var report = kit.takeOnlyReport();
        assertThat(report.message()).contains("still pending when its loop closed");
        assertThat(report.details()).containsEntry("task", task).doesNotContainKey("created at");
    }

    @Test
    void inDebugModeTheReportSaysWhereTheTaskWasCreated() {
        kit.loop().setDebug(true);
        kit.loop().createTask(this::waitForEver);
        kit.runOneTurn();
        kit.loop().close();
        assertThat(kit.takeOnlyReport().details().get("created at"))
                .isInstanceOfSatisfying(
                        Throwable.class,
                        site ->
                                assertThat(site.getStackTrace())
                                        .anyMatch(frame ->
                                                frame.getMethodName().startsWith("inDebugMode")));
    }

    @Test
    void aTaskThatNeverStartedIsReportedAndItsBodyDoesNotRun() {
        var task = kit.loop().createTask(() -> calls.add("body"));
        kit.loop().close();
        assertThat(task.isCancelled()).isTrue();
        assertThat(calls).isEmpty();
        assertThat(kit.takeReports()).hasSize(1);
    }

    @Test
    void anAwaitInTheCleanUpFailsAtOnce() {
        kit.loop()
                .createTask(() -> {
                    try {
                        waitForEver();
                    } finally {
                        try {
                            Async.sleep(Duration.ofSeconds(1));
                        } finally {
                            calls.add("after the sleep");
                        }
                    }
                });
        kit.runOneTurn();
        kit.loop().close();
        assertThat(calls).containsExactly("after the sleep");
        assertThat(kit.loop().time()).isZero();
        assertThat(kit.takeReports()).hasSize(1);
    }

    @Test
    void tasksThatAwaitEachOtherAllEnd() {
        var inner = kit.loop().createTask(this::waitForEver);
        var outer = kit.loop().createTask(inner::await);
        kit.runTurns(2);
        kit.loop().close();
        assertThat(inner.isCancelled()).isTrue();
        assertThat(outer.isCancelled()).isTrue();
        assertThat(kit.takeReports()).hasSize(2);
    }

    @Test
    void aTaskThatSwallowsEveryCancellationIsAbandonedAndReported() {
        var task =
                kit.loop()
                        .createTask(() -> {
                            while (true) {
                                try {
                                    waitForEver();
                                } catch (CancelledError swallowed) {
                                    calls.add("swallowed");
                                }
                            }
                        });
        kit.runOneTurn();

        kit.loop().close();

        assertThat(task.isDone()).isFalse();
        assertThat(calls).isNotEmpty();
        assertThat(kit.takeReports())
                .extracting(LoopException::message)
                .satisfiesExactly(
                        first -> assertThat(first).contains("still pending"),
                        second -> assertThat(second).contains("refused to end"));
    }

    @Test
    void aTaskStartedByTheCleanUpOfAnotherStillRunsIfItNeedsNoTime() {
        var started = new ArrayList<Task<?>>();
        kit.loop()
                .createTask(() -> {
                    try {
                        waitForEver();
                    } finally {
                        started.add(Async.createTask(() -> calls.add("ran")));
                    }
                });
        kit.runOneTurn();

        kit.loop().close();

        assertThat(started).hasSize(1).noneMatch(LoopFuture::isCancelled);
        assertThat(calls).containsExactly("ran");
        assertThat(kit.takeReports()).hasSize(1);
    }

    @Test
    void aTaskGroupThatIsOpenWhenTheLoopClosesEndsWithItsTasks() {
        var group = new TaskGroup();
        kit.loop()
                .createTask(() ->
                        group.run(() -> {
                            group.createTask(() -> {
                                try {
                                    waitForEver();
                                } finally {
                                    Async.yieldNow();
                                    calls.add("cleaned up");
                                }
                            });
                        }));
        kit.runTurns(3);

        kit.loop().close();

        assertThat(calls).containsExactly("cleaned up");
        assertThat(kit.loop().isClosed()).isTrue();
        assertThat(kit.takeReports()).hasSize(2);
    }

    @Test
    void aTaskStartedByTheCleanUpOfAnotherIsEndedAndReportedToo() {
        var started = new ArrayList<Task<?>>();
        kit.loop()
                .createTask(() -> {
                    try {
                        waitForEver();
                    } finally {
                        started.add(
                                Async.createTask(() -> {
                                    waitForEver();
                                    calls.add("never runs");
                                }));
                    }
                });
        kit.runOneTurn();

        kit.loop().close();

        assertThat(started).hasSize(1).allMatch(LoopFuture::isCancelled);
        assertThat(calls).isEmpty();
        assertThat(kit.takeReports()).hasSize(2);
    }

    @Test
    void aFailureInTheCleanUpIsReported() {
        kit.loop()
                .createTask(() -> {
                    try {
                        waitForEver();
                    } finally {
                        fail("clean-up");
                    }
                });
        kit.runOneTurn();
        kit.loop().close();
        assertThat(kit.takeReports())
                .hasSize(2)
                .last()
                .satisfies(report -> assertThat(report.exception()).hasMessage("clean-up"));
    }

    @Test
    void servicesAreClosedNewestFirstAndAFailureIsReported() {
        kit.loop().service(First.class, _ -> new First(calls));
        kit.loop().service(Second.class, _ -> new Second(calls));
        kit.loop().service(String.class, _ -> "not closeable");

        kit.loop().close();

        assertThat(calls).containsExactly("second", "first");
        assertThat(kit.takeOnlyReport().exception()).hasMessage("cannot close");
    }

    private record First(List<String> calls) implements AutoCloseable {
        @Override
        public void close() {
            calls.add("first");
        }
    }

    private record Second(List<String> calls) implements AutoCloseable {
        @Override
        public void close() {
            calls.add("second");
            throw new IllegalStateException("cannot close");
        }
    }

    @Test
    void aServiceIsMadeOnceForEachLoopAndMayBeProvidedBefore() {
        var made = kit.loop().service(StringBuilder.class, _ -> new StringBuilder("made"));
        assertThat(kit.loop().service(StringBuilder.class, _ -> new StringBuilder("again")))
                .isSameAs(made);
        kit.loop().provideService(String.class, "provided");
        assertThat(kit.loop().service(String.class, _ -> "made")).isEqualTo("provided");
        assertThatIllegalStateException()
                .isThrownBy(() -> kit.loop().provideService(String.class, "second"))
                .withMessageContaining("java.lang.String")
                .withMessageContaining("provided");
        try (var other = SelectorEventLoop.builder().build()) {
            assertThat(other.service(String.class, loop -> "of " + loop)).isEqualTo("of " + other);
        }
    }

    @Test
    void shutdownHooksRunLastAddedFirstAndAFailureStopsNone() {
        kit.loop()
                .onShutdown(() -> {
                    Async.sleep(Duration.ofSeconds(1));
                    calls.add("first added");
                });
        kit.loop()
                .onShutdown(() -> {
                    throw new java.io.IOException("hook");
                });
        kit.loop()
                .onShutdown(() -> {
                    throw new AssertionError("hook with an error");
                });
        kit.loop().onShutdown(() -> calls.add("last added"));

        kit.run(() -> kit.loop().runShutdownHooks());
        kit.run(() -> kit.loop().runShutdownHooks());

        assertThat(calls).containsExactly("last added", "first added");
        assertThat(kit.takeReports())
                .extracting(report -> report.exception().getMessage())
                .containsExactly("hook with an error", "hook");
    }

    @Test
    void aTaskWhoseCleanUpNeedsWhatAnotherOneHoldsIsNotGivenUpBeforeThatOne() {
        var lock = new AsyncLock();
        var condition = new AsyncCondition(lock);
        var ended = new ArrayList<String>();
        kit.run(() -> {
            Async.createTask(() -> {
                condition.acquire();
                try {
                    condition.await();
                } finally {
                    condition.release();
                    ended.add("waiter");
                }
            });
            Async.yieldNow();
            Async.createTask(() ->
                    lock.run(() -> {
                        try {
                            Async.sleep(Duration.ofDays(1));
                        } finally {
                            for (var i = 0; i < 5; i++) {
                                try {
                                    Async.sleep(Duration.ofDays(1));
                                } catch (CancelledError again) {
                                    ended.add("clean-up " + i);
                                }
                            }
                        }
                    }));
            Async.yieldNow();
        });
        kit.loop().close();
        assertThat(ended).endsWith("waiter");
        assertThat(kit.takeReports())
                .hasSize(2)
                .allMatch(report -> report.message().contains("still pending"));
        assertThat(lock.isLocked()).isFalse();
    }
}

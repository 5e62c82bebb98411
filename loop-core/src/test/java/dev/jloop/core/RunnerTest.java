package dev.jloop.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;

class RunnerTest {
    private final List<String> calls = new ArrayList<>();
    private final List<LoopException> reports = new ArrayList<>();
    private final List<SelectorEventLoop> made = new ArrayList<>();

    private SelectorEventLoop loopOnVirtualTime() {
        var clock = new FakeClock();
        var loop = SelectorEventLoop.builder().clock(clock).poller(new FakePoller(clock)).build();
        loop.setExceptionHandler((_, report) -> reports.add(report));
        made.add(loop);
        return loop;
    }

    private Runner runner() {
        return new Runner(this::loopOnVirtualTime).handleSignals(false);
    }

    private static void fail(String message) {
        throw new IllegalStateException(message);
    }

    @Test
    void runGivesTheResultOfItsBodyAndClosesTheLoop() {
        var loop = new EventLoop[1];
        assertThat(
                        Async.run(() -> {
                            loop[0] = EventLoop.current();
                            Async.yieldNow();
                            return Async.currentTask().name();
                        }))
                .isEqualTo("main");
        assertThat(loop[0].isClosed()).isTrue();
    }

    @Test
    void runThrowsWhatItsBodyThrows() {
        var checked = new IOException("checked");
        assertThatExceptionOfType(CompletionException.class)
                .isThrownBy(() ->
                        Async.run(() -> {
                            throw checked;
                        }))
                .withCause(checked);
    }

    @Test
    void aTaskThatIsLeftBehindIsCancelledAndAwaited() {
        try (var runner = runner()) {
            assertThat(
                            runner.run(() -> {
                                Async.createTask(() -> {
                                    try {
                                        Async.sleep(Duration.ofDays(1));
                                    } finally {
                                        Async.sleep(Duration.ofSeconds(1));
                                        calls.add("cleaned up");
                                    }
                                });
                                Async.yieldNow();
                                return "main";
                            }))
                    .isEqualTo("main");
            assertThat(calls).isEmpty();
        }
        assertThat(calls).containsExactly("cleaned up");
        assertThat(made.getFirst().isClosed()).isTrue();
        assertThat(reports).isEmpty();
    }

    @Test
    void aFailureInTheCleanUpOfATaskLeftBehindIsReported() {
        try (var runner = runner()) {
            runner.run(() -> {
                Async.createTask(
                        () -> {
                            try {
                                Async.sleep(Duration.ofDays(1));
                            } finally {
                                fail("clean-up");
                            }
                        },
                        "left behind");
                Async.yieldNow();
            });
        }
        assertThat(reports).hasSize(1);
        assertThat(reports.getFirst().exception()).hasMessage("clean-up");
        assertThat(reports.getFirst().message()).contains("while its runner closed");
        assertThat(reports.getFirst().details().get("task").toString()).contains("left behind");
    }

    @Test
    void whenTheMainTaskFailsTheOthersAreStillCancelledAndTheHooksRun() {
        assertThatIllegalStateException()
                .isThrownBy(() -> {
                    try (var runner = runner()) {
                        runner.run(() -> {
                            EventLoop.current().onShutdown(() -> calls.add("hook"));
                            Async.createTask(() -> {
                                try {
                                    Async.sleep(Duration.ofDays(1));
                                } finally {
                                    calls.add("task");
                                }
                            });
                            Async.yieldNow();
                            throw new IllegalStateException("main");
                        });
                    }
                })
                .withMessage("main");
        assertThat(calls).containsExactly("task", "hook");
        assertThat(reports).isEmpty();
    }

    @Test
    void hooksRunAfterAllTasksHaveEndedAndMayAwait() {
        try (var runner = runner()) {
            runner.run(() -> {
                EventLoop.current()
                        .onShutdown(() -> {
                            Async.sleep(Duration.ofSeconds(1));
                            calls.add("hook, tasks besides it: " + (Async.allTasks().size() - 1));
                        });
                Async.createTask(() -> Async.sleep(Duration.ofDays(1)));
            });
        }
        assertThat(calls).containsExactly("hook, tasks besides it: 0");
    }

    @Test
    void runsShareALoopAndAContext() {
        var variable = ContextVar.create("variable", "unset");
        try (var runner = runner()) {
            runner.run(() -> variable.set("by the first run"));
            var seen = runner.run(variable::get);
            assertThat(seen).isEqualTo("by the first run");
            assertThat(runner.run(EventLoop::current)).isSameAs(runner.loop());
        }
        assertThat(made).hasSize(1);
        assertThat(variable.get()).isEqualTo("unset");
    }

    @Test
    void aClosedRunnerIsOfNoUseAndCanBeClosedAgain() {
        var runner = runner();
        runner.run(() -> {});
        runner.close();
        runner.close();
        assertThatIllegalStateException()
                .isThrownBy(() -> runner.run(() -> {}))
                .withMessageContaining("closed");
        assertThatIllegalStateException().isThrownBy(runner::loop);
    }

    @Test
    void aRunnerThatWasNeverUsedMakesNoLoop() {
        runner().close();
        assertThat(made).isEmpty();
    }

    @Test
    void aRunInsideARunIsRefused() {
        try (var runner = runner()) {
            runner.run(() -> {
                assertThatIllegalStateException()
                        .isThrownBy(() -> Async.run(() -> "nested"))
                        .withMessageContaining("await()")
                        .withMessageContaining("createTask");
            });
        }
        assertThat(made).hasSize(1);
    }

    @Test
    void aMainTaskThatIsCancelledThrowsTheCancellation() {
        try (var runner = runner()) {
            assertThatExceptionOfType(CancelledError.class)
                    .isThrownBy(() ->
                            runner.run(() -> {
                                Async.currentTask().cancel("by itself");
                                Async.yieldNow();
                            }))
                    .withMessage("by itself");
        }
    }

    static Stream<AsyncRunnable> bodiesThatFailFatally() {
        AsyncRunnable failing =
                () -> {
                    throw new OutOfMemoryError("planned");
                };
        var eager = TaskOptions.DEFAULTS.withEagerStart(true);
        return Stream.of(
                failing,
                () -> Async.createTask(failing).await(),
                () -> Async.createTask(failing, eager).await(),
                () -> Async.generate(_ -> failing.run()).iterator().next(),
                () -> {
                    var group = new TaskGroup();
                    group.run(() -> group.createTask(failing));
                });
    }

    @ParameterizedTest
    @MethodSource("bodiesThatFailFatally")
    void aFatalErrorComesOutAsItIsThoughTheClosingRunnerMeetsItAgain(AsyncRunnable body) {
        assertThatExceptionOfType(OutOfMemoryError.class)
                .isThrownBy(() -> Async.run(body))
                .withMessage("planned");
    }
}

package dev.jloop.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;

class TaskGroupStartTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    @RegisterExtension final LoopFixture kit = LoopFixture.onVirtualTime();

    private final List<String> calls = new ArrayList<>();

    private String waitForEver() {
        return kit.loop().<String>createFuture().await();
    }

    @Test
    void startGivesWhatTheTaskReportsWhileTheTaskGoesOn() {
        kit.run(() -> {
            var group = new TaskGroup();
            group.run(() -> {
                int port =
                        group.start(status -> {
                            Async.sleep(SECOND);
                            status.started(8080);
                            Async.sleep(SECOND);
                            calls.add("served");
                        });
                calls.add("started on " + port);
            });
            assertThat(calls).containsExactly("started on 8080", "served");
        });
    }

    @Test
    void theNameOfTheTaskIsThatOfTheOptions() {
        kit.run(() -> {
            var group = new TaskGroup();
            group.run(() -> {
                String name =
                        group.start(
                                status -> status.started(Async.currentTask().name()),
                                TaskOptions.DEFAULTS.withName("server"));
                assertThat(name).isEqualTo("server");
            });
        });
    }

    @Test
    void anEagerTaskThatIsReadyAtOnceDoesNotSuspendItsStarter() {
        kit.run(() -> {
            var group = new TaskGroup();
            group.run(() -> {
                kit.loop().callSoon(() -> calls.add("next turn"));
                group.<@Nullable Void>start(
                        TaskStatus::started, TaskOptions.DEFAULTS.withEagerStart(true));
                calls.add("started");
            });
            assertThat(calls).first().isEqualTo("started");
        });
    }

    @Test
    void aFailureBeforeTheReportIsThrownByStartAndTheGroupGoesOn() {
        kit.run(() -> {
            var group = new TaskGroup();
            group.run(() -> {
                var sibling = group.createTask(() -> Async.sleep(SECOND));
                assertThatExceptionOfType(CompletionException.class)
                        .isThrownBy(() ->
                                group.start(_ -> {
                                    throw new IOException("address in use");
                                }))
                        .withCauseInstanceOf(IOException.class);
                sibling.await();
                calls.add("sibling ended");
            });
            assertThat(calls).containsExactly("sibling ended");
        });
    }

    @Test
    void aFailureAfterTheReportIsOneOfTheGroup() {
        kit.run(() -> {
            var group = new TaskGroup();
            assertThatExceptionOfType(ExceptionGroup.class)
                    .isThrownBy(() ->
                            group.run(() -> {
                                group.<@Nullable Void>start(status -> {
                                    status.started();
                                    Async.sleep(SECOND);
                                    throw new IOException("lost");
                                });
                                waitForEver();
                            }))
                    .satisfies(failure ->
                            assertThat(failure.exceptions())
                                    .singleElement()
                                    .isInstanceOf(IOException.class));
        });
    }

    @Test
    void aTaskThatEndsWithoutAReportIsAnErrorThatNamesIt() {
        kit.run(() -> {
            var group = new TaskGroup();
            group.run(() ->
                    assertThatIllegalStateException()
                            .isThrownBy(() ->
                                    group.start(
                                            _ -> {}, TaskOptions.DEFAULTS.withName("forgetful")))
                            .withMessageContaining("forgetful")
                            .withMessageContaining("started()"));
        });
    }

    @Test
    void whoIsCancelledWhileItStartsATaskCancelsThatTask() {
        kit.run(() -> {
            var owner =
                    Async.createTask(() -> {
                        var group = new TaskGroup();
                        group.run(() ->
                                group.start(_ -> {
                                    try {
                                        waitForEver();
                                    } finally {
                                        Async.sleep(SECOND);
                                        calls.add("cleaned up");
                                    }
                                }));
                    });
            Async.sleep(SECOND);
            owner.cancel("enough");
            Async.waitAll(List.of(owner));
            assertThat(owner.isCancelled()).isTrue();
            assertThat(calls).containsExactly("cleaned up");
        });
    }

    @Test
    void aReportThatNobodyWaitsForAnyMoreIsAnError() {
        kit.run(() -> {
            var group = new TaskGroup();
            group.run(() -> {
                var starter =
                        group.createTask(() -> {
                            group.<@Nullable Void>start(status -> {
                                try {
                                    waitForEver();
                                } catch (CancelledError expected) {
                                    assertThatIllegalStateException()
                                            .isThrownBy(status::started)
                                            .withMessageContaining("nobody waits");
                                    calls.add("told");
                                }
                            });
                        });
                Async.sleep(SECOND);
                starter.cancel();
            });
            assertThat(calls).containsExactly("told");
        });
    }

    @Test
    void aTaskCancelledBeforeTheReportCancelsWhoWaitsForIt() {
        kit.run(() -> {
            var group = new TaskGroup();
            group.run(() ->
                    assertThatExceptionOfType(CancelledError.class)
                            .isThrownBy(() ->
                                    group.start(_ -> {
                                        Async.currentTask().cancel("changed my mind");
                                        waitForEver();
                                    }))
                            .withMessage("changed my mind"));
        });
    }

    @Test
    void aSecondReportIsAnError() {
        kit.run(() -> {
            var group = new TaskGroup();
            group.run(() ->
                    group.<@Nullable Void>start(status -> {
                        status.started();
                        assertThatIllegalStateException()
                                .isThrownBy(status::started)
                                .withMessageContaining("before");
                    }));
        });
    }

    @Test
    void theGroupWaitsForATaskThatSomebodyElseStarts() {
        kit.run(() -> {
            var group = new TaskGroup();
            var outsider = new Task<?>[1];
            group.run(() -> {
                outsider[0] =
                        Async.createTask(() -> {
                            group.<@Nullable Void>start(status -> {
                                Async.sleep(SECOND);
                                status.started();
                                Async.sleep(SECOND);
                                calls.add("ended");
                            });
                        });
                Async.yieldNow();
                Async.yieldNow();
            });
            assertThat(calls).containsExactly("ended");
            outsider[0].await();
        });
    }

    @Test
    void aGroupThatIsNotOpenAndACallbackAreRefused() {
        kit.run(() -> {
            var group = new TaskGroup();
            assertThatIllegalStateException()
                    .isThrownBy(() -> group.start(TaskStatus::started))
                    .withMessageContaining("not entered yet");
            group.run(() -> {
                var done = kit.loop().<Boolean>createFuture();
                kit.loop()
                        .callSoon(() -> {
                            assertThatIllegalStateException()
                                    .isThrownBy(() -> group.start(TaskStatus::started))
                                    .withMessageContaining("TaskGroup.start");
                            done.setResult(true);
                        });
                done.await();
            });
            assertThat(Async.allTasks()).hasSize(1);
        });
    }
}

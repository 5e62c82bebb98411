package dev.jloop.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jloop.core.Async;
import dev.jloop.core.CancelledError;
import dev.jloop.core.ContextVar;
import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopFuture;
import dev.jloop.core.Task;
import dev.jloop.core.TaskFactory;
import dev.jloop.core.TaskOptions;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;

@Timeout(30)
class RunCoroutineThreadsafeTest {
    private static final ContextVar<String> USER = ContextVar.create("user", "nobody");
    private static final Duration FOR_EVER = Duration.ofDays(1);

    private final CountingLoop loop = new CountingLoop();
    private final Thread loopThread = Thread.ofPlatform().unstarted(loop::runForever);

    private void start() {
        loopThread.start();
    }

    @AfterEach
    void close() throws InterruptedException {
        if (!loop.isClosed()) {
            stop();
            loop.close();
        }
    }

    private void stop() throws InterruptedException {
        if (loopThread.isAlive()) {
            loop.callSoonThreadsafe(loop::stop);
            loopThread.join();
        }
    }

    private int tasksLeft() throws Exception {
        return Offload.runCoroutineThreadsafe(() -> Async.allTasks().size() - 1, loop).get();
    }

    @Test
    void theResultComesToTheThreadThatAsked() throws Exception {
        start();

        var result =
                Offload.runCoroutineThreadsafe(
                                () -> {
                                    Async.yieldNow();
                                    return EventLoop.current();
                                },
                                loop)
                        .get();

        assertThat(result).isSameAs(loop);
    }

    @Test
    void aCoroutineWithoutAResultGivesNull() throws Exception {
        start();
        var ran = new AtomicBoolean();

        var future =
                Offload.runCoroutineThreadsafe(
                        () -> {
                            Async.yieldNow();
                            ran.set(true);
                        },
                        loop);

        assertThat((Object) future.get()).isNull();
        assertThat(ran).isTrue();
    }

    @Test
    void aCallThatTheLoopNeverCameToIsCancelledWhenItCloses() {
        var future = Offload.runCoroutineThreadsafe(() -> "never", loop);

        loop.close();

        assertThat(future).isCancelled();
    }

    @Test
    void aResultThatCameInTheLastTurnIsNotLostWhenTheLoopCloses() throws Exception {
        var future =
                Offload.runCoroutineThreadsafe(
                        () -> {
                            loop.stop();
                            return "in time";
                        },
                        loop);
        loop.runForever(); // takes the call
        loop.close();

        assertThat(future.get(10, TimeUnit.SECONDS)).isEqualTo("in time");
    }

    @Test
    void theFailureOfTheBodyComesUnchanged() {
        start();
        var failure = new IOException("broken");

        var future =
                Offload.runCoroutineThreadsafe(
                        () -> {
                            throw failure;
                        },
                        loop);

        assertThatThrownBy(future::get).isInstanceOf(ExecutionException.class).hasCause(failure);
        assertThat(loop.reports()).isEmpty();
    }

    @Test
    void theBodyRunsInTheContextOfTheCallingThread() throws Exception {
        start();
        USER.set("bob");
        try {
            assertThat(Offload.runCoroutineThreadsafe(() -> USER.get(), loop).get())
                    .isEqualTo("bob");
        } finally {
            USER.set("nobody");
        }
    }

    @Test
    void aCallerThatGivesUpAndCancelsLeavesNoTask() throws Exception {
        start();
        var cancelled = new CompletableFuture<String>();
        var future =
                Offload.runCoroutineThreadsafe(
                        () -> {
                            try {
                                Async.sleep(FOR_EVER);
                            } catch (CancelledError cancellation) {
                                cancelled.complete(cancellation.getMessage());
                                throw cancellation;
                            }
                        },
                        loop);

        assertThatThrownBy(() -> future.get(0, TimeUnit.SECONDS))
                .isInstanceOf(TimeoutException.class);
        assertThat(tasksLeft()).isEqualTo(1);
        future.cancel(true);

        assertThat(cancelled.get()).contains("gave up");
        assertThat(tasksLeft()).isZero();
    }

    @Test
    void aResultSetByTheCallerCancelsTheTaskToo() throws Exception {
        start();
        var future =
                Offload.runCoroutineThreadsafe(
                        () -> {
                            Async.sleep(FOR_EVER);
                            return "too late";
                        },
                        loop);
        assertThat(tasksLeft()).isEqualTo(1);

        future.complete("from elsewhere");

        awaitNoTasks();
        assertThat(future.get()).isEqualTo("from elsewhere");
    }

    @Test
    void aCancelInsideTheLoopReachesTheTaskToo() throws Exception {
        start();
        var future =
                Offload.runCoroutineThreadsafe(
                        () -> {
                            Async.sleep(FOR_EVER);
                        },
                        loop);
        assertThat(tasksLeft()).isEqualTo(1);

        loop.callSoonThreadsafe(() -> future.cancel(true));

        awaitNoTasks();
        assertThat(future.isCancelled()).isTrue();
    }

    /// A cancelled task takes a few turns to end, and each question takes some too.
    private void awaitNoTasks() throws Exception {
        while (tasksLeft() > 0) {
            Thread.onSpinWait();
        }
    }

    @Test
    void aTaskThatFailsAfterTheCallerGaveUpIsReported() throws Exception {
        start();
        var failure = new IllegalStateException("clean-up failed");
        var future =
                Offload.runCoroutineThreadsafe(
                        () -> {
                            try {
                                Async.sleep(FOR_EVER);
                            } finally {
                                Offload.runInExecutor(() -> 1).await();
                                throwIt(failure);
                            }
                        },
                        loop);
        assertThat(tasksLeft()).isEqualTo(1);

        future.cancel(true);
        awaitNoTasks();
        stop();

        assertThat(loop.reports())
                .singleElement()
                .satisfies(report -> assertThat(report.exception()).isSameAs(failure));
    }

    private static void throwIt(RuntimeException failure) {
        throw failure;
    }

    @Test
    void aCallThatWasCancelledBeforeTheLoopCameToItNeverRuns() throws Exception {
        var ran = new AtomicBoolean();
        var future = Offload.runCoroutineThreadsafe(() -> ran.set(true), loop);
        future.cancel(true);

        start();

        assertThat(tasksLeft()).isZero();
        assertThat(ran).isFalse();
    }

    @Test
    void aFailingTaskFactoryFailsTheCallerAndIsReportedOnce() throws Exception {
        var failure = new IllegalArgumentException("no tasks today");
        loop.setTaskFactory(
                new TaskFactory() {
                    @Override
                    public <T> Task<T> create(EventLoop on, Callable<T> body, TaskOptions options) {
                        throw failure;
                    }
                });
        start();

        var future = Offload.runCoroutineThreadsafe(() -> 1, loop);

        assertThatThrownBy(future::get).isInstanceOf(ExecutionException.class).hasCause(failure);
        stop();
        assertThat(loop.reports())
                .singleElement()
                .satisfies(report -> assertThat(report.exception()).isSameAs(failure));
    }

    @Test
    void theLoopsOwnThreadIsRefused() {
        loop.runUntilComplete(() -> {
            assertThatThrownBy(() -> Offload.runCoroutineThreadsafe(() -> 1, loop))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("createTask");
        });
    }

    @Test
    void anotherLoopsThreadMayAsk() {
        start();
        try (var asking = new CountingLoop()) {
            var result =
                    asking.runUntilComplete(() ->
                            LoopFuture.from(
                                            Offload.runCoroutineThreadsafe(
                                                    EventLoop::current, loop))
                                    .await());

            assertThat(result).isSameAs(loop);
        }
    }

    @Test
    void aClosedLoopRefusesTheCall() {
        loop.close();

        assertThatThrownBy(() -> Offload.runCoroutineThreadsafe(() -> 1, loop))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("is closed");
    }

    @Test
    void closingTheLoopCancelsWhatTheThreadWaitsFor() throws Exception {
        start();
        var started = new CountDownLatch(1);
        var future =
                Offload.runCoroutineThreadsafe(
                        () -> {
                            started.countDown();
                            Async.sleep(FOR_EVER);
                        },
                        loop);
        started.await();

        stop();
        loop.close();

        assertThatThrownBy(future::get).isInstanceOf(CancellationException.class);
    }
}

package dev.jloop.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jloop.core.Async;
import dev.jloop.core.CancelledError;
import dev.jloop.core.LoopFuture;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

@Timeout(30)
class RunInExecutorTest {
    private final CountingLoop loop = new CountingLoop();
    private final ExecutorService oneThread = Executors.newSingleThreadExecutor();
    private final CountDownLatch release = new CountDownLatch(1);

    @AfterEach
    void close() {
        release.countDown();
        oneThread.shutdownNow();
        loop.close();
    }

    @Test
    void theBodyRunsOnAnotherThreadAndItsResultComesToTheLoop() {
        var worker = new AtomicReference<Thread>();

        var result =
                loop.runUntilComplete(() -> {
                    var caller = Thread.currentThread();
                    var future =
                            Offload.runInExecutor(() -> {
                                worker.set(Thread.currentThread());
                                return 42;
                            });
                    var value = future.await();
                    assertThat(Thread.currentThread()).isSameAs(caller);
                    assertThat(worker.get()).isNotSameAs(caller);
                    return value;
                });

        assertThat(result).isEqualTo(42);
        loop.awaitOutsideWork(0);
    }

    @Test
    void theThreadsOfTheDefaultExecutorAreDaemonsNamedAfterTheLoopAndVirtualWhereItIsNot() {
        var thread =
                loop.runUntilComplete(() -> Offload.runInExecutor(Thread::currentThread).await());

        assertThat(thread.getName()).isEqualTo(loop + "-worker-1");
        assertThat(thread.isDaemon()).isTrue();
        assertThat(thread.isVirtual()).isEqualTo(loop.engineName().equals("mounted"));
    }

    @Test
    void aFailureComesToWhoAwaits() {
        var failure = new IOException("disk on fire");

        assertThatThrownBy(() ->
                        loop.runUntilComplete(() ->
                                Offload.runInExecutor(
                                                () -> {
                                                    throw failure;
                                                })
                                        .await()))
                .isInstanceOf(CompletionException.class)
                .hasCause(failure);
    }

    @Test
    void aFailureThatNobodyLooksAtIsReported() {
        var failure = new IllegalStateException("unseen");
        loop.runUntilComplete(() -> {
            LoopFuture<Void> future =
                    Offload.runInExecutor(() -> {
                        throw failure;
                    });
            Async.waitAll(List.of(future));
        });

        loop.close();

        assertThat(loop.reports())
                .hasSize(1)
                .first()
                .satisfies(report -> {
                    assertThat(report.exception()).isSameAs(failure);
                });
    }

    @Test
    void workWithoutAResultNeedsNoReturnStatement() {
        var ran = new AtomicBoolean();

        loop.runUntilComplete(() -> {
            Offload.runInExecutor(oneThread, () -> ran.set(true)).await();
        });

        assertThat(ran).isTrue();
    }

    @Test
    void workThatHasNotStartedIsTakenBackByCancelling() {
        var ran = new AtomicBoolean();

        loop.runUntilComplete(() -> {
            var first = Offload.runInExecutor(oneThread, () -> release.await());
            var second = Offload.runInExecutor(oneThread, () -> ran.set(true));
            assertThat(second.cancel("no longer needed")).isTrue();
            Async.yieldNow();
            assertThat(loop.outsideWork()).isEqualTo(1);
            release.countDown();
            first.await();
            Offload.runInExecutor(oneThread, () -> "behind both").await();
        });

        assertThat(ran).isFalse();
    }

    @Test
    void workThatHasStartedGoesOnAndItsResultIsDropped() throws InterruptedException {
        var started = new CountDownLatch(1);
        var ended = new CountDownLatch(1);
        var interrupted = new AtomicBoolean();

        loop.runUntilComplete(() -> {
            var future =
                    Offload.runInExecutor(
                            oneThread,
                            () -> {
                                started.countDown();
                                try {
                                    release.await();
                                } catch (InterruptedException interrupt) {
                                    interrupted.set(true);
                                }
                                ended.countDown();
                                return "late";
                            });
            Offload.runInExecutor(() -> started.await()).await();
            future.cancel();
            assertThatThrownBy(future::await).isInstanceOf(CancelledError.class);
            release.countDown();
            Offload.runInExecutor(oneThread, () -> "behind it").await();
            assertThat(future.isCancelled()).isTrue();
        });

        ended.await();
        assertThat(interrupted).isFalse();
        assertThat(loop.reports()).isEmpty();
        loop.awaitOutsideWork(0);
    }

    @Test
    void anExecutorThatTakesNoMoreWorkRejectsItAtOnce() {
        oneThread.shutdown();

        loop.runUntilComplete(() -> {
            assertThatThrownBy(() -> Offload.runInExecutor(oneThread, () -> 1))
                    .isInstanceOf(RejectedExecutionException.class)
                    .hasMessageContaining("takes no more work")
                    .hasMessageContaining(oneThread.toString());
        });

        loop.awaitOutsideWork(0);
    }

    @Test
    void anExecutorThatRunsTheWorkAtOnceWorksToo() {
        var result =
                loop.runUntilComplete(() -> Offload.runInExecutor(Runnable::run, () -> 7).await());

        assertThat(result).isEqualTo(7);
    }

    @Test
    void workThatEndsAfterTheLoopWasClosedTouchesNothing() throws Exception {
        var started = new CountDownLatch(1);
        loop.runUntilComplete(() -> {
            var _ =
                    Offload.runInExecutor(
                            oneThread,
                            () -> {
                                started.countDown();
                                release.await();
                                return 1;
                            });
            Offload.runInExecutor(() -> started.await()).await();
        });

        loop.close();
        release.countDown();
        oneThread.submit(() -> "behind it").get();

        assertThat(loop.reports()).isEmpty();
        loop.awaitOutsideWork(0);
    }

    @Test
    void outsideALoopThereIsNowhereForTheResultToGo() {
        assertThatThrownBy(() -> Offload.runInExecutor(oneThread, () -> 1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("no event loop runs");
    }
}

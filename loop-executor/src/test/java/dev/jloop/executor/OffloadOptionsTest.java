package dev.jloop.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jloop.core.Async;
import dev.jloop.core.CancelledError;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;

@Timeout(30)
class OffloadOptionsTest {
    private static final OffloadOptions INTERRUPT =
            OffloadOptions.DEFAULTS.withInterruptOnCancel(true);

    private final CountingLoop loop = new CountingLoop();
    private final CountDownLatch never = new CountDownLatch(1);
    private final CountDownLatch started = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);
    private final AtomicReference<Throwable> thrown = new AtomicReference<>();
    private final ExecutorService oneThread = Executors.newSingleThreadExecutor();

    @AfterEach
    void close() {
        never.countDown();
        oneThread.shutdownNow();
        loop.close();
    }

    private void block() {
        started.countDown();
        try {
            never.await();
        } catch (InterruptedException interrupt) {
            thrown.set(interrupt);
        }
        ended.countDown();
    }

    @Test
    void aCancelledTaskInterruptsItsThreadWhereThatWasAskedFor() {
        loop.runUntilComplete(() -> {
            var task = Async.createTask(() -> Offload.toThread(this::block, INTERRUPT));
            Offload.toThread(() -> started.await());
            task.cancel();
            assertThatThrownBy(task::await).isInstanceOf(CancelledError.class);
            Offload.toThread(() -> ended.await());
        });
        assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
        assertThat(loop.reports()).isEmpty();
    }

    @Test
    void theThreadIsGivenBackWithoutTheInterrupt() {
        // A pool of the JDK would clear the flag by itself.
        Executor oneThread =
                work ->
                        Thread.ofPlatform()
                                .start(() -> {
                                    work.run();
                                    if (Thread.currentThread().isInterrupted()) {
                                        thrown.set(new AssertionError("still interrupted"));
                                    }
                                    ended.countDown();
                                });
        loop.runUntilComplete(() -> {
            var future =
                    Offload.runInExecutor(
                            oneThread,
                            () -> {
                                started.countDown();
                                while (!Thread.currentThread().isInterrupted()) {
                                    Thread.onSpinWait();
                                }
                                return "with its flag still set";
                            },
                            INTERRUPT);
            Offload.toThread(() -> started.await());
            future.cancel();
            Offload.toThread(() -> ended.await());
        });
        assertThat(thrown.get()).isNull();
    }

    @Test
    void aLoopThatClosesInterruptsTheThreadToo() throws InterruptedException {
        loop.runUntilComplete(() -> {
            var _ =
                    Offload.runInExecutor(
                            () -> {
                                block();
                                return 1;
                            },
                            INTERRUPT);
            Offload.toThread(() -> started.await());
        });
        loop.close();
        ended.await();
        assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
    }

    @Test
    void theThreadBearsTheNameOfTheWorkWhileItDoesIt() {
        var named = OffloadOptions.DEFAULTS.withName("fetch report");
        loop.runUntilComplete(() -> {
            assertThat(Offload.toThread(() -> Thread.currentThread().getName(), named))
                    .isEqualTo(loop + "-worker-1: fetch report");
            var before =
                    Offload.runInExecutor(oneThread, () -> Thread.currentThread().getName())
                            .await();
            assertThat(
                            Offload.runInExecutor(
                                            oneThread,
                                            () -> Thread.currentThread().getName(),
                                            named)
                                    .await())
                    .isEqualTo(before + ": fetch report");
            assertThat(
                            Offload.runInExecutor(oneThread, () -> Thread.currentThread().getName())
                                    .await())
                    .isEqualTo(before);
        });
    }
}

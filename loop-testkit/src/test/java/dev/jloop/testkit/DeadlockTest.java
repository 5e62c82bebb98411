package dev.jloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jloop.core.Async;
import dev.jloop.core.LoopFuture;
import dev.jloop.core.sync.AsyncSemaphore;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.time.Duration;

@Timeout(30)
class DeadlockTest {
    private final VirtualTimeLoop loop = VirtualTimeLoop.create();

    @AfterEach
    void close() {
        loop.cancelAndJoin(loop.pendingTasks(false), "the test is over");
        loop.close();
    }

    private static void waitForWhatNeverComes(LoopFuture<?> future) {
        future.await();
    }

    @Test
    void everyPendingTaskIsListedWithWhatItAwaitsAndWhere() {
        var never = loop.<String>createFuture();
        loop.createTask(() -> waitForWhatNeverComes(never), "first philosopher");

        assertThatThrownBy(() ->
                        loop.runUntilComplete(() -> {
                            var child =
                                    Async.createTask(
                                            () -> waitForWhatNeverComes(never),
                                            "second philosopher");
                            child.await();
                        }))
                .isInstanceOf(DeadlockException.class)
                .hasMessageContaining("nothing is ready")
                .hasMessageContaining(
                        "Task['first philosopher', pending, awaits LoopFuture[pending]]")
                .hasMessageContaining(
                        "Task['second philosopher', pending, awaits LoopFuture[pending]]")
                .hasMessageContaining("awaits Task 'second philosopher'")
                .hasMessageContaining("DeadlockTest.waitForWhatNeverComes");
    }

    @Test
    void aRunThatIsRefusedInsideARunLeavesTheWatchForDeadlocksOn() {
        var never = loop.<String>createFuture();

        assertThatThrownBy(() ->
                        loop.runUntilComplete(() -> {
                            assertThatThrownBy(() -> loop.runUntilComplete(never))
                                    .isInstanceOf(IllegalStateException.class);
                            never.await();
                        }))
                .isInstanceOf(DeadlockException.class);
    }

    @Test
    void timeGoesOnForAsLongAsThereIsATimer() {
        loop.callLater(Duration.ofDays(1), () -> {});

        assertThatThrownBy(() -> loop.runUntilComplete(() -> loop.createFuture().await()))
                .isInstanceOf(DeadlockException.class);
        assertThat(loop.time()).isEqualTo(Duration.ofDays(1).toNanos());
    }

    @Test
    void tasksThatWaitForOneAnothersPermitsAreFound() {
        var left = new AsyncSemaphore(1);
        var right = new AsyncSemaphore(1);

        assertThatThrownBy(() ->
                        loop.runUntilComplete(() -> {
                            var one =
                                    Async.createTask(() -> {
                                        left.acquire();
                                        Async.sleep(Duration.ofSeconds(1));
                                        right.acquire();
                                    });
                            var other =
                                    Async.createTask(() -> {
                                        right.acquire();
                                        Async.sleep(Duration.ofSeconds(1));
                                        left.acquire();
                                    });
                            one.await();
                            other.await();
                        }))
                .isInstanceOf(DeadlockException.class)
                .hasMessageContaining("AsyncSemaphore.acquire");
    }

    @Test
    void anAnnouncedThreadIsNoDeadlock() {
        var value =
                loop.runUntilComplete(() -> {
                    var future = loop.<Integer>createFuture();
                    var work = loop.beginOutsideWork("a thread");
                    Thread.ofVirtual()
                            .start(() -> {
                                loop.callSoonThreadsafe(() -> future.setResult(1));
                                work.close();
                            });
                    return future.await();
                });

        assertThat(value).isEqualTo(1);
    }

    @Test
    void theLoopCanBeUsedAfterADeadlock() {
        var future = loop.<String>createFuture();
        var task = loop.createTask(() -> future.await());
        assertThatThrownBy(() -> loop.runUntilComplete(task)).isInstanceOf(DeadlockException.class);

        loop.callSoon(() -> future.setResult("at last"));

        assertThat(loop.runUntilComplete(task)).isEqualTo("at last");
    }
}

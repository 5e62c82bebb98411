package dev.jloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jloop.core.Async;
import dev.jloop.core.LoopFuture;
import dev.jloop.core.Task;
import dev.jloop.core.sync.AsyncLock;
import dev.jloop.core.sync.AsyncSemaphore;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

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
    void everyPendingTaskIsShownWithWhatItAwaitsAndWhere() {
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
                .hasMessageContaining("-- #1 first philosopher: waits 0 ms for a future")
                .hasMessageContaining("-- #2 Task-1: waits 0 ms for task 'second philosopher'")
                .hasMessageContaining("        `-- #3 second philosopher: waits 0 ms for a future")
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
    void twoTasksThatAwaitEachOtherAreShownAsACycle() {
        assertThatThrownBy(() ->
                        loop.runUntilComplete(() -> {
                            var tasks = new ArrayList<Task<?>>();
                            tasks.add(Async.createTask(() -> tasks.get(1).await(), "left"));
                            tasks.add(Async.createTask(() -> tasks.get(0).await(), "right"));
                            tasks.getFirst().await();
                        }))
                .isInstanceOf(DeadlockException.class)
                .hasMessageContaining("cycle: #2 left -> #3 right -> #2 left")
                .hasMessageContaining("#2 left (a cycle closes here");
    }

    @Test
    void locksTakenInTheOppositeOrderAreShownAsACycle() {
        var fork = new AsyncLock();
        var spoon = new AsyncLock();

        assertThatThrownBy(() ->
                        loop.runUntilComplete(() -> {
                            Async.waitAll(
                                    List.of(
                                            Async.createTask(() -> take(fork, spoon), "one"),
                                            Async.createTask(() -> take(spoon, fork), "other")));
                        }))
                .isInstanceOf(DeadlockException.class)
                .hasMessageContaining("cycle: #2 one -> #3 other -> #2 one")
                .hasMessageContaining("DeadlockTest.take");
    }

    private static void take(AsyncLock first, AsyncLock second) {
        first.acquire();
        Async.sleep(Duration.ofSeconds(1));
        second.acquire();
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

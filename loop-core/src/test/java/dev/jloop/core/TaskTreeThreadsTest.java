package dev.jloop.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jloop.core.TaskTree.LoopNode;
import dev.jloop.core.TaskTree.TaskNode;
import dev.jloop.core.TaskTree.TaskState;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/// Trees of a loop that runs on another thread.
class TaskTreeThreadsTest {
    private static final long SAFETY_NET_SECONDS = 20;
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Duration NOT_LONG = Duration.ofMillis(1);
    private static final Duration LONG_ENOUGH = Duration.ofSeconds(SAFETY_NET_SECONDS);

    @RegisterExtension final LoopFixture kit = LoopFixture.onRealSelector();

    /// What another thread captures while this one runs the loop.
    private static <T> CompletableFuture<T> elsewhere(java.util.function.Supplier<T> supplier) {
        var result = new CompletableFuture<T>();
        Thread.ofPlatform()
                .start(() -> {
                    try {
                        result.complete(supplier.get());
                    } catch (Throwable failure) {
                        result.completeExceptionally(failure);
                        throw failure;
                    }
                });
        return result;
    }

    private LoopNode captureWith(Duration patience) {
        return TaskTree.capture(kit.loop(), patience).loops().getFirst();
    }

    @Test
    void aLoopThatWaitsForWorkIsWokenAndAnswers() {
        kit.run(() -> {
            var sleeper = Async.createTask(() -> Async.sleep(HOUR), "sleeper");
            Async.yieldNow();

            var tree = LoopFuture.from(elsewhere(() -> captureWith(LONG_ENOUGH))).await();

            sleeper.cancel();
            assertThat(tree.running()).isTrue();
            assertThat(tree.stuckIn()).isEmpty();
            assertThat(tree.tasks())
                    .filteredOn(task -> task.name().equals("sleeper"))
                    .singleElement()
                    .satisfies(task -> {
                        assertThat(task.state()).isEqualTo(TaskState.WAITING);
                        assertThat(task.frames().getFirst().getMethodName()).isEqualTo("sleep");
                    });
        });
    }

    @Test
    void aLoopStuckInATaskIsReadAsItStands() {
        kit.run(() -> {
            var sleeper = Async.createTask(() -> Async.sleep(HOUR), "sleeper");
            var blocker = Async.createTask(this::blockWhileItIsCaptured, "blocker");
            blocker.await();
            sleeper.cancel();
        });
    }

    private void blockWhileItIsCaptured() {
        var tree = elsewhere(() -> captureWith(NOT_LONG)).orTimeout(20, TimeUnit.SECONDS).join();

        assertThat(tree.stuckIn().orElseThrow().callback()).contains("blocker");
        assertThat(tree.stuckIn().orElseThrow().frames().toString())
                .contains("blockWhileItIsCaptured");
        assertThat(tree.tasks()).extracting(TaskNode::name).contains("sleeper", "blocker");
        assertThat(tree.tasks())
                .filteredOn(task -> task.state() == TaskState.RUNNING)
                .singleElement()
                .satisfies(task -> {
                    assertThat(task.name()).isEqualTo("blocker");
                    assertThat(task.frames().toString()).contains("blockWhileItIsCaptured");
                });
    }

    @Test
    void aLoopStuckInACallbackIsReadAsItStands() {
        kit.run(() -> {
            var stuck = new CompletableFuture<LoopNode>();
            kit.loop()
                    .callSoon(() -> stuck.complete(elsewhere(() -> captureWith(NOT_LONG)).join()));
            Async.yieldNow();
            Async.yieldNow();
            assertThat(stuck.join().stuckIn().orElseThrow().frames().toString())
                    .contains("aLoopStuckInACallbackIsReadAsItStands");
        });
    }

    /// Around a turn, where a host program has its own work.
    private static final class BusyLoop extends SelectorEventLoop {
        private @Nullable LoopNode seen;

        BusyLoop() {
            super(builder());
        }

        @Override
        protected void runOnce() {
            super.runOnce();
            seen = elsewhere(() -> TaskTree.capture(this, NOT_LONG).loops().getFirst()).join();
        }
    }

    @Test
    void aLoopStuckAroundATurnShowsWhere() {
        try (var loop = new BusyLoop()) {
            loop.runUntilComplete(() -> {});

            var stuckIn = Objects.requireNonNull(loop.seen).stuckIn().orElseThrow();
            assertThat(stuckIn.callback()).isEqualTo("something between its callbacks");
            assertThat(stuckIn.frames().toString()).contains("BusyLoop.runOnce");
        }
    }

    @Test
    void aLoopOfAClassWithoutANameHasOne() {
        try (var loop = new SelectorEventLoop(SelectorEventLoop.builder()) {}) {
            assertThat(loop.toString()).matches("SelectorEventLoop-\\d+");
        }
    }

    @Test
    void anInterruptedThreadMayCaptureAndStaysInterrupted() {
        kit.run(() -> {
            var tree =
                    LoopFuture.from(
                                    elsewhere(() -> {
                                        Thread.currentThread().interrupt();
                                        var captured = captureWith(LONG_ENOUGH);
                                        assertThat(Thread.interrupted()).isTrue();
                                        return captured;
                                    }))
                            .await();
            assertThat(tree.stuckIn()).isEmpty();
        });
    }

    @Test
    void theTextOfAStuckLoopSaysWhere() {
        kit.run(() -> {
            var text = elsewhere(() -> TaskTree.capture(kit.loop(), NOT_LONG).text()).join();
            assertThat(text).contains("stuck in Task['").contains("theTextOfAStuckLoopSaysWhere");
        });
    }

    /// Reads without asking while tasks come, wait and end: it may miss some, and no more.
    @Test
    void readingALoopThatGoesOnEndsAndDoesNotThrow() {
        var over = new AtomicBoolean();
        var begun = new CountDownLatch(1);
        var captures =
                elsewhere(() -> {
                    var seen = 0;
                    begun.countDown();
                    // At least until the loop, which may get no processor for a while, has shown
                    // one.
                    for (var i = 0; i < 300 || seen == 0; i++) {
                        var tree = TaskTree.capture(kit.loop(), Duration.ZERO);
                        seen += tree.loops().getFirst().tasks().size();
                        assertThat(tree.text()).isNotEmpty();
                        assertThat(tree.json()).startsWith("{");
                    }
                    over.set(true);
                    return seen;
                });
        kit.run(() -> {
            begun.await();
            while (!over.get() && !captures.isDone()) {
                var group = new TaskGroup();
                group.run(() -> {
                    for (var i = 0; i < 20; i++) {
                        group.createTask(() -> {
                            Async.yieldNow();
                            Async.waitAny(
                                    java.util.List.of(
                                            Async.createTask(Async::yieldNow),
                                            Async.createTask(Async::yieldNow)));
                        });
                    }
                });
            }
        });
        assertThat(captures.join()).isPositive();
    }
}

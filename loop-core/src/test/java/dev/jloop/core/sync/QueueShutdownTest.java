package dev.jloop.core.sync;

import static dev.jloop.core.sync.SyncFixture.assertCancelled;
import static dev.jloop.core.sync.SyncFixture.turns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.jloop.core.Async;
import dev.jloop.core.LoopFuture;
import dev.jloop.core.Task;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// For all three kinds of queue.
class QueueShutdownTest {
    @RegisterExtension final SyncFixture kit = new SyncFixture();

    private static AsyncQueue<String> queue(String kind, int capacity) {
        return switch (kind) {
            case "lifo" -> new AsyncLifoQueue<>(capacity);
            case "priority" -> new AsyncPriorityQueue<>(capacity, Comparator.naturalOrder());
            default -> new AsyncQueue<>(capacity);
        };
    }

    private static void assertShutDown(ThrowingCallable call) {
        assertThatExceptionOfType(QueueShutdownException.class)
                .isThrownBy(call)
                .withMessageContaining("shut down");
    }

    private static void assertShutDown(LoopFuture<?> future) {
        assertThat(future.isDone()).as(future + " is done").isTrue();
        assertShutDown(future::result);
    }

    private static void assertNothingMayCome(AsyncQueue<String> queue) {
        assertShutDown(() -> queue.put("more"));
        assertShutDown(() -> queue.tryPut("more"));
    }

    private static void assertNothingIsLeft(AsyncQueue<String> queue) {
        assertShutDown(queue::get);
        assertShutDown(queue::tryGet);
    }

    private Task<String> getter(AsyncQueue<String> queue) {
        return kit.loop().createTask(queue::get);
    }

    private Task<Void> putter(AsyncQueue<String> queue, String item) {
        return kit.loop().createTask(() -> queue.put(item));
    }

    @ParameterizedTest
    @ValueSource(strings = {"fifo", "lifo", "priority"})
    void anEmptyQueueFailsItsGettersAndEverybodyAfterThem(String kind) {
        kit.run(() -> {
            var queue = queue(kind, 0);
            var getter = getter(queue);
            var second = getter(queue);
            turns(1);
            queue.shutdown(false);
            assertThat(queue.isShutDown()).isTrue();
            queue.join();
            turns(1);
            assertShutDown(getter);
            assertShutDown(second);
            assertNothingMayCome(queue);
            assertNothingIsLeft(queue);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"fifo", "lifo", "priority"})
    void aFullQueueFailsItsPuttersGivesWhatItHasAndJoinWaitsForTheMark(String kind) {
        kit.run(() -> {
            var queue = queue(kind, 1);
            queue.put("item");
            var joiner = kit.start("joiner", queue::join);
            var putter = putter(queue, "late");
            turns(1);
            assertThat(putter.isDone()).isFalse();
            queue.shutdown(false);
            assertThat(queue.size()).isEqualTo(1);
            turns(1);
            assertShutDown(putter);
            assertNothingMayCome(queue);

            assertThat(queue.get()).isEqualTo("item");
            assertNothingIsLeft(queue);
            turns(2);
            assertThat(joiner.isDone()).isFalse();
            queue.taskDone();
            joiner.await();
            assertThatIllegalStateException().isThrownBy(queue::taskDone);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"fifo", "lifo", "priority"})
    void atOnceTheItemsAreDroppedAndMarkedAsDone(String kind) {
        kit.run(() -> {
            var queue = queue(kind, 1);
            queue.put("item");
            var joiner = kit.start("joiner", queue::join);
            var putter = putter(queue, "late");
            turns(1);
            queue.shutdown(true);
            assertThat(queue.size()).isZero();
            turns(1);
            assertThat(joiner.isDone()).isTrue();
            assertShutDown(putter);
            assertNothingMayCome(queue);
            assertNothingIsLeft(queue);
            assertThatIllegalStateException().isThrownBy(queue::taskDone);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"fifo", "lifo", "priority"})
    void atOnceJoinStillWaitsForWhatWasGotBefore(String kind) {
        kit.run(() -> {
            var queue = queue(kind, 2);
            queue.put("a");
            queue.put("b");
            var joiner = kit.start("joiner", queue::join);
            queue.get();
            turns(1);
            queue.shutdown(true);
            assertThat(queue.isEmpty()).isTrue();
            turns(2);
            assertThat(joiner.isDone()).isFalse();
            queue.taskDone();
            turns(1);
            assertThat(joiner.isDone()).isTrue();
            assertThatIllegalStateException().isThrownBy(queue::taskDone);
        });
    }

    @Test
    void afterAGracefulShutdownTheRestCanStillBeDropped() {
        kit.run(() -> {
            var queue = queue("fifo", 0);
            queue.put("item");
            queue.shutdown(false);
            queue.shutdown(false);
            assertThat(queue.size()).isEqualTo(1);
            queue.shutdown(true);
            assertNothingIsLeft(queue);
            queue.join();
        });
    }

    @Test
    void itemsMarkedBeforeTheyWereGotDoNotUpsetTheCount() {
        kit.run(() -> {
            var queue = queue("fifo", 0);
            queue.put("a");
            queue.put("b");
            queue.taskDone();
            queue.shutdown(true);
            queue.join();
            assertThatIllegalStateException().isThrownBy(queue::taskDone);
        });
    }

    @Test
    void aPutterWhoseSlotWasOnTheWayFailsAndItsItemDoesNotAppear() {
        kit.run(() -> {
            var queue = queue("fifo", 1);
            queue.put("first");
            var putter = putter(queue, "second");
            turns(1);
            assertThat(queue.get()).isEqualTo("first");
            queue.shutdown(false);
            turns(1);
            assertShutDown(putter);
            assertThat(queue.isEmpty()).isTrue();
        });
    }

    @Test
    void aGetterWhoseItemIsOnTheWayGetsItAndTheOthersFailThen() {
        kit.run(() -> {
            var queue = queue("fifo", 0);
            var first = getter(queue);
            var second = getter(queue);
            turns(1);
            queue.put("item");
            queue.shutdown(false);
            var late = getter(queue);
            Async.waitAll(List.of(first, second, late));
            assertThat(first.result()).isEqualTo("item");
            assertShutDown(second);
            assertShutDown(late);
        });
    }

    @Test
    void aGetterCancelledWhileTheLastItemIsOnItsWayPassesItOnAlsoAfterTheShutdown() {
        kit.run(() -> {
            var queue = queue("fifo", 0);
            var first = getter(queue);
            var second = getter(queue);
            turns(1);
            queue.put("item");
            queue.shutdown(false);
            var late = getter(queue);
            first.cancel();
            assertCancelled(first);
            assertThat(second.await()).isEqualTo("item");
            turns(1);
            assertShutDown(late);
        });
    }

    @Test
    void aGetterWhoseItemWasOnTheWayFailsWhereTheItemsAreDropped() {
        kit.run(() -> {
            var queue = queue("fifo", 0);
            var getter = getter(queue);
            turns(1);
            queue.put("item");
            queue.shutdown(true);
            turns(1);
            assertShutDown(getter);
            assertNothingIsLeft(queue);
        });
    }

    @Test
    void aGetterCancelledAfterTheItemsWereDroppedLeavesNothingToGet() {
        kit.run(() -> {
            var queue = queue("fifo", 0);
            var getter = getter(queue);
            turns(1);
            queue.put("item");
            queue.shutdown(true);
            getter.cancel();
            assertCancelled(getter);
            assertNothingIsLeft(queue);
        });
    }

    @Test
    void workersThatGetUntilTheShutdownDoAllThereIsAndEnd() {
        kit.run(() -> {
            var queue = queue("fifo", 2);
            var done = new int[1];
            var workers = new ArrayList<Task<Void>>();
            for (var i = 0; i < 3; i++) {
                workers.add(
                        kit.start(
                                "worker",
                                () -> {
                                    while (true) {
                                        try {
                                            queue.get();
                                        } catch (QueueShutdownException end) {
                                            return;
                                        }
                                        turns(1);
                                        done[0]++;
                                        queue.taskDone();
                                    }
                                }));
            }
            for (var i = 0; i < 20; i++) {
                queue.put("item " + i);
            }
            queue.shutdown(false);
            queue.join();
            assertThat(done[0]).isEqualTo(20);
            Async.gather(workers).await();
        });
    }
}

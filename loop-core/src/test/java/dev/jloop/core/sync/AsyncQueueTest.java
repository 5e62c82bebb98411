package dev.jloop.core.sync;

import static dev.jloop.core.sync.SyncFixture.assertCancelled;
import static dev.jloop.core.sync.SyncFixture.turns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jloop.core.Async;
import dev.jloop.core.CancelledError;
import dev.jloop.core.SelectorEventLoop;
import dev.jloop.core.Task;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

class AsyncQueueTest {
    @RegisterExtension final SyncFixture kit = new SyncFixture();

    private final AsyncQueue<String> unbounded = AsyncQueue.unbounded();
    private final AsyncQueue<String> one = new AsyncQueue<>(1);

    private Task<String> getter(AsyncQueue<String> queue) {
        return kit.loop().createTask(queue::get);
    }

    private Task<Void> putter(AsyncQueue<String> queue, String item) {
        return kit.start(item, () -> queue.put(item));
    }

    // ---- without waiting

    @Test
    void itemsComeOutInTheOrderTheyWerePut() {
        kit.run(() -> {
            for (var item : List.of("a", "c", "b")) {
                unbounded.put(item);
            }
            assertThat(List.of(unbounded.get(), unbounded.get(), unbounded.get()))
                    .containsExactly("a", "c", "b");
        });
    }

    @Test
    void aLifoQueueGivesTheLastFirst() {
        var queue = new AsyncLifoQueue<String>(0);
        List.of("a", "c", "b").forEach(queue::tryPut);
        assertThat(List.of(queue.tryGet(), queue.tryGet(), queue.tryGet()))
                .containsExactly("b", "c", "a");
    }

    @Test
    void aPriorityQueueGivesTheLeastFirstAndEqualOnesAsTheyWerePut() {
        var queue = new AsyncPriorityQueue<String>(0, Comparator.comparingInt(String::length));
        List.of("ccc", "x1", "a", "x2", "x3", "b").forEach(queue::tryPut);
        var got = new ArrayList<String>();
        while (!queue.isEmpty()) {
            got.add(queue.tryGet());
        }
        assertThat(got).containsExactly("a", "b", "x1", "x2", "x3", "ccc");
    }

    @Test
    void sizeEmptyAndFullSayWhatLiesInIt() {
        assertThat(one.isEmpty()).isTrue();
        assertThat(one.isFull()).isFalse();
        assertThat(one.tryPut("item")).isTrue();
        assertThat(one.isEmpty()).isFalse();
        assertThat(one.isFull()).isTrue();
        assertThat(one.size()).isEqualTo(1);
        assertThat(one.capacity()).isEqualTo(1);
    }

    @Test
    void aCapacityOfZeroOrLessIsNone() {
        for (var capacity : List.of(0, -1, Integer.MIN_VALUE)) {
            var queue = new AsyncQueue<Integer>(capacity);
            for (var i = 0; i < 1000; i++) {
                assertThat(queue.tryPut(i)).isTrue();
            }
            assertThat(queue.isFull()).isFalse();
        }
    }

    @Test
    void tryPutAndTryGetNeverWait() {
        assertThat(one.tryGet()).isNull();
        assertThat(one.tryPut("a")).isTrue();
        assertThat(one.tryPut("b")).isFalse();
        assertThat(one.tryGet()).isEqualTo("a");
        assertThat(one.tryGet()).isNull();
    }

    @Test
    void nullIsRefused() {
        kit.run(() -> {
            assertThatNullPointerException().isThrownBy(() -> unbounded.put(null));
            assertThatNullPointerException().isThrownBy(() -> unbounded.tryPut(null));
            assertThat(unbounded.isEmpty()).isTrue();
        });
    }

    @Test
    void anItemThatCannotBeComparedLeavesTheQueueAsItWas() {
        var queue =
                new AsyncPriorityQueue<Integer>(
                        2,
                        (a, b) -> {
                            if (a == 13 || b == 13) {
                                throw new IllegalArgumentException("unlucky");
                            }
                            return Integer.compare(a, b);
                        });
        assertThat(queue.tryPut(2)).isTrue();
        assertThatThrownBy(() -> queue.tryPut(13)).hasMessage("unlucky");
        assertThat(queue.tryPut(1)).isTrue();
        assertThat(queue.tryGet()).isEqualTo(1);
        assertThat(queue.tryGet()).isEqualTo(2);
        assertThat(queue.tryGet()).isNull();
    }

    @Test
    void aComparatorThatFailsHalfWayLosesNoItemAndDoublesNone() {
        var queue =
                new AsyncPriorityQueue<Integer>(
                        0,
                        (a, b) -> {
                            if (Math.min(a, b) == 0 && Math.max(a, b) == 1) {
                                throw new IllegalArgumentException("unlucky");
                            }
                            return Integer.compare(a, b);
                        });
        List.of(1, 2, 3, 4, 5, 6, 7).forEach(queue::tryPut);
        assertThatThrownBy(() -> queue.tryPut(0)).hasMessage("unlucky");
        var got = new ArrayList<Integer>();
        while (!queue.isEmpty()) {
            got.add(queue.tryGet());
        }
        assertThat(got).containsExactly(1, 2, 3, 4, 5, 6, 7);
    }

    @Test
    void theComparatorIsNotAskedWhereAnItemIsTaken() {
        var unlucky = new boolean[1];
        var queue =
                new AsyncPriorityQueue<Integer>(
                        3,
                        (a, b) -> {
                            if (unlucky[0]) {
                                throw new IllegalArgumentException("unlucky");
                            }
                            return Integer.compare(a, b);
                        });
        List.of(2, 3, 1).forEach(queue::tryPut);
        unlucky[0] = true;
        assertThat(queue.tryGet()).isEqualTo(1);
        assertThat(queue.tryGet()).isEqualTo(2);
        assertThat(queue.tryGet()).isEqualTo(3);
    }

    // ---- waiting

    @Test
    void getWaitsForAnItem() {
        kit.run(() -> {
            var getter = getter(unbounded);
            turns(2);
            assertThat(getter.isDone()).isFalse();
            unbounded.put("item");
            assertThat(getter.await()).isEqualTo("item");
        });
    }

    @Test
    void putWaitsForAFreeSlot() {
        kit.run(() -> {
            var done = new ArrayList<String>();
            var two = new AsyncQueue<String>(2);
            var putter =
                    kit.start(
                            "putter",
                            () -> {
                                for (var item : List.of("a", "b", "c")) {
                                    two.put(item);
                                    done.add(item);
                                }
                            });
            turns(2);
            assertThat(done).containsExactly("a", "b");
            assertThat(two.tryGet()).isEqualTo("a");
            turns(1);
            assertThat(done).containsExactly("a", "b", "c");
            putter.await();
            assertThat(two.get()).isEqualTo("b");
            assertThat(two.get()).isEqualTo("c");
        });
    }

    @Test
    void gettersAreServedInTheOrderTheyCame() {
        kit.run(() -> {
            var getters = List.of(getter(unbounded), getter(unbounded), getter(unbounded));
            turns(1);
            for (var item : List.of("a", "b", "c")) {
                unbounded.put(item);
            }
            assertThat(Async.gather(getters).await()).containsExactly("a", "b", "c");
        });
    }

    @Test
    void puttersAreServedInTheOrderTheyCame() {
        kit.run(() -> {
            one.put("first");
            for (var item : List.of("a", "b", "c")) {
                putter(one, item);
            }
            turns(1);
            var got = new ArrayList<String>();
            for (var i = 0; i < 4; i++) {
                got.add(one.get());
            }
            assertThat(got).containsExactly("first", "a", "b", "c");
        });
    }

    @Test
    void aNewcomerDoesNotOvertakeAGetterWhoseItemIsOnTheWay() {
        kit.run(() -> {
            var getter = getter(unbounded);
            turns(1);
            unbounded.put("item");
            assertThat(unbounded.size()).isEqualTo(1);
            assertThat(unbounded.tryGet()).isNull();
            var newcomer = getter(unbounded);
            assertThat(getter.await()).isEqualTo("item");
            turns(2);
            assertThat(newcomer.isDone()).isFalse();
            unbounded.put("next");
            assertThat(newcomer.await()).isEqualTo("next");
        });
    }

    @Test
    void aNewcomerDoesNotOvertakeAPutterWhoseSlotIsOnTheWay() {
        kit.run(() -> {
            one.put("first");
            var putter = putter(one, "second");
            turns(1);
            assertThat(one.get()).isEqualTo("first");
            assertThat(one.tryPut("newcomer")).isFalse();
            putter.await();
            assertThat(one.get()).isEqualTo("second");
        });
    }

    @Test
    void aCancelledGetterLeavesTheItemToTheNext() {
        kit.run(() -> {
            var first = getter(unbounded);
            var second = getter(unbounded);
            turns(1);
            first.cancel();
            turns(1);
            assertThat(first.isCancelled()).isTrue();
            unbounded.put("item");
            turns(1);
            assertThat(second.result()).isEqualTo("item");
        });
    }

    @Test
    void aGetterCancelledWhileTheItemIsOnItsWayPassesItOn() {
        kit.run(() -> {
            var first = getter(unbounded);
            var second = getter(unbounded);
            turns(1);
            unbounded.put("item");
            first.cancel();
            assertThat(second.await()).isEqualTo("item");
            assertThat(first.isCancelled()).isTrue();
            assertThat(unbounded.isEmpty()).isTrue();
        });
    }

    @Test
    void theItemOfTheOnlyGetterThatWasCancelledCanBeGotByWhoeverComes() {
        kit.run(() -> {
            var getter = getter(unbounded);
            turns(1);
            unbounded.put("item");
            getter.cancel();
            assertCancelled(getter);
            assertThat(unbounded.tryGet()).isEqualTo("item");
            assertThat(unbounded.tryGet()).isNull();
        });
    }

    @Test
    void aPutThatIsCancelledAsItsSlotComesAndThenRetriedPutsItsItemOnce() {
        kit.run(() -> {
            one.put("first");
            var putter =
                    kit.start(
                            "putter",
                            () -> {
                                try {
                                    one.put("second");
                                } catch (CancelledError cancellation) {
                                    one.put("second");
                                }
                            });
            turns(1);
            assertThat(one.tryGet()).isEqualTo("first");
            putter.cancel();
            turns(2);
            assertThat(putter.isDone()).isTrue();
            assertThat(one.size()).isEqualTo(1);
            assertThat(one.tryGet()).isEqualTo("second");
            assertThat(one.tryGet()).isNull();
        });
    }

    @Test
    void aPutterCancelledWhileItsSlotIsOnItsWayPassesItOn() {
        kit.run(() -> {
            one.put("first");
            var second = putter(one, "second");
            var third = putter(one, "third");
            turns(1);
            assertThat(one.get()).isEqualTo("first");
            second.cancel();
            assertCancelled(second);
            third.await();
            assertThat(one.get()).isEqualTo("third");
            assertThat(one.isEmpty()).isTrue();
            assertThat(one.tryPut("more")).isTrue();
        });
    }

    @Test
    void aCancelledPutterLeavesNothingBehind() {
        kit.run(() -> {
            var a = putter(one, "a");
            var b = putter(one, "b");
            var dropped = putter(one, "dropped");
            turns(1);
            assertThat(a.isDone()).isTrue();
            dropped.cancel();
            assertCancelled(dropped);
            assertThat(one.statistics().putters()).isEqualTo(1);
            assertThat(one.get()).isEqualTo("a");
            assertThat(one.get()).isEqualTo("b");
            b.await();
            assertThat(one.isEmpty()).isTrue();
        });
    }

    @Test
    void everyItemArrivesOnceWithManyAtBothEnds() {
        kit.run(() -> {
            var queue = new AsyncQueue<String>(3);
            var expected = new ArrayList<String>();
            var got = new ArrayList<String>();
            var putters = new ArrayList<Task<Void>>();
            for (var i = 0; i < 8; i++) {
                for (var j = 0; j < 25; j++) {
                    expected.add(i + "-" + j);
                }
                var number = i;
                putters.add(
                        kit.start(
                                "putter",
                                () -> {
                                    for (var j = 0; j < 25; j++) {
                                        queue.put(number + "-" + j);
                                        turns((number + j) % 3);
                                    }
                                }));
            }
            var getters = new ArrayList<Task<Void>>();
            for (var i = 0; i < 5; i++) {
                var pause = i % 3;
                getters.add(
                        kit.start(
                                "getter",
                                () -> {
                                    while (true) {
                                        try {
                                            got.add(queue.get());
                                        } catch (QueueShutdownException end) {
                                            return;
                                        }
                                        assertThat(queue.size()).isLessThanOrEqualTo(3);
                                        turns(pause);
                                    }
                                }));
            }
            Async.gather(putters).await();
            queue.shutdown(false);
            Async.gather(getters).await();
            assertThat(got).containsExactlyInAnyOrderElementsOf(expected);
        });
    }

    // ---- taskDone and join

    @Test
    void joinWaitsUntilEveryItemIsMarkedAsDone() {
        kit.run(() -> {
            for (var i = 0; i < 3; i++) {
                unbounded.put("item");
            }
            var joiner = kit.start("joiner", unbounded::join);
            for (var i = 0; i < 3; i++) {
                unbounded.get();
                turns(1);
                assertThat(joiner.isDone()).isFalse();
                unbounded.taskDone();
            }
            joiner.await();
        });
    }

    @Test
    void joinOfAQueueWithNothingToDoReturnsAtOnce() {
        kit.run(() -> {
            var yielded = new boolean[1];
            kit.loop().callSoon(() -> yielded[0] = true);
            unbounded.join();
            unbounded.join();
            assertThat(yielded[0]).isFalse();
        });
    }

    @Test
    void joinEndsEvenIfMoreIsPutRightAfterAllWasDone() {
        kit.run(() -> {
            unbounded.put("item");
            var joiner = kit.start("joiner", unbounded::join);
            turns(1);
            unbounded.taskDone();
            unbounded.put("more");
            joiner.await();
        });
    }

    @Test
    void taskDoneMoreOftenThanItemsWerePutIsAnError() {
        assertThatIllegalStateException()
                .isThrownBy(unbounded::taskDone)
                .withMessageContaining("more often than items were put");
        assertThat(unbounded.tryPut("item")).isTrue();
        unbounded.taskDone();
        assertThatIllegalStateException().isThrownBy(unbounded::taskDone);
    }

    // ---- what it says of itself

    @Test
    void itSaysItsState() {
        kit.run(() -> {
            assertThat(unbounded)
                    .hasToString("AsyncQueue[size=0, unfinished=0, getters=0, putters=0]");
            one.put("first");
            var putter = putter(one, "second");
            var getter = getter(unbounded);
            turns(1);
            assertThat(one)
                    .hasToString(
                            "AsyncQueue[size=1, capacity=1, unfinished=1, getters=0, putters=1]");
            assertThat(one.statistics()).isEqualTo(new AsyncQueue.Statistics(1, 1, 1, 0, 1, false));
            assertThat(putter.toString()).contains("for a free slot of AsyncQueue[size=1");
            assertThat(getter.toString()).contains("for an item of AsyncQueue[size=0");
            one.shutdown(true);
            unbounded.shutdown(true);
            Async.waitAll(List.of(putter, getter));
            assertThat(putter.exception()).isInstanceOf(QueueShutdownException.class);
            assertThat(getter.exception()).isInstanceOf(QueueShutdownException.class);
            assertThat(one.toString()).endsWith(", shut down]");
        });
    }

    @Test
    void aQueueBelongsToOneLoopAtBothEnds() {
        kit.run(() -> {
            var getter = getter(one);
            turns(1);
            one.put("item");
            getter.await();
            one.put("full");
        });
        try (var other = SelectorEventLoop.builder().build()) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> other.runUntilComplete(() -> one.put("more")))
                    .withMessageContaining(kit.loop().toString())
                    .withMessageContaining(other.toString());
        }
    }
}

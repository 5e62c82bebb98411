package dev.jloop.core;

import static dev.jloop.core.CancelEverywhere.Stage.turns;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jloop.core.CancelEverywhere.Scenario;
import dev.jloop.core.CancelEverywhere.Stage;
import dev.jloop.core.sync.AsyncBarrier;
import dev.jloop.core.sync.AsyncCondition;
import dev.jloop.core.sync.AsyncEvent;
import dev.jloop.core.sync.AsyncLifoQueue;
import dev.jloop.core.sync.AsyncLock;
import dev.jloop.core.sync.AsyncPriorityQueue;
import dev.jloop.core.sync.AsyncQueue;
import dev.jloop.core.sync.AsyncSemaphore;
import dev.jloop.core.sync.BarrierBrokenException;
import dev.jloop.core.sync.QueueShutdownException;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/// Every await point of the synchronisation package, cancelled at every point.
class CancelSyncEverywhereTest {
    private static final int FEWEST_POINTS = 4;

    @ParameterizedTest(name = "{0}")
    @MethodSource("scenarios")
    void nothingIsLostWhereverTheTaskIsCancelled(String name, Scenario scenario) {
        assertThat(CancelEverywhere.check(name, scenario))
                .as("points at which %s was cancelled", name)
                .isGreaterThanOrEqualTo(FEWEST_POINTS);
    }

    static Stream<Arguments> scenarios() {
        return Stream.of(
                scenario("AsyncLock.run", CancelSyncEverywhereTest::lockRun),
                scenario("AsyncLock.call", CancelSyncEverywhereTest::lockCall),
                scenario("AsyncEvent.await", CancelSyncEverywhereTest::event),
                scenario("AsyncCondition.await", CancelSyncEverywhereTest::condition),
                scenario(
                        "AsyncCondition.await until it holds",
                        CancelSyncEverywhereTest::conditionWithPredicate),
                scenario("AsyncCondition.signalAll", CancelSyncEverywhereTest::conditionAll),
                scenario("AsyncSemaphore.run", CancelSyncEverywhereTest::semaphore),
                scenario("AsyncSemaphore.bounded", CancelSyncEverywhereTest::boundedSemaphore),
                scenario("AsyncBarrier.await", CancelSyncEverywhereTest::barrier),
                scenario("AsyncBarrier.await, twice", CancelSyncEverywhereTest::barrierRounds),
                scenario("AsyncBarrier.reset", CancelSyncEverywhereTest::barrierReset),
                scenario("AsyncQueue.get", stage -> get(stage, new AsyncQueue<>(0))),
                scenario("AsyncLifoQueue.get", stage -> get(stage, new AsyncLifoQueue<>(0))),
                scenario(
                        "AsyncPriorityQueue.get",
                        stage ->
                                get(stage, new AsyncPriorityQueue<>(0, Comparator.naturalOrder()))),
                scenario("AsyncQueue.put", stage -> put(stage, new AsyncQueue<>(1))),
                scenario("AsyncLifoQueue.put", stage -> put(stage, new AsyncLifoQueue<>(1))),
                scenario(
                        "AsyncPriorityQueue.put",
                        stage ->
                                put(stage, new AsyncPriorityQueue<>(1, Comparator.naturalOrder()))),
                scenario("AsyncQueue.join", CancelSyncEverywhereTest::join),
                scenario("AsyncQueue.get, shut down", CancelSyncEverywhereTest::getUntilShutDown),
                scenario("AsyncQueue.put, shut down", CancelSyncEverywhereTest::putUntilShutDown));
    }

    private static Arguments scenario(String name, Scenario scenario) {
        return Arguments.of(name, scenario);
    }

    private static void lockRun(Stage stage) {
        var lock = new AsyncLock();
        stage.other("holder", () -> lock.run(() -> turns(2)));
        stage.underTest(() -> lock.run(() -> turns(2)));
        stage.other("next", () -> lock.run(() -> turns(1)));
        stage.other("last", () -> lock.run(() -> turns(1)));
        stage.afterwards(() -> assertFree(lock));
    }

    private static void lockCall(Stage stage) {
        var lock = new AsyncLock();
        var inside = new AtomicInteger();
        stage.underTest(() -> {
            for (var i = 0; i < 3; i++) {
                assertThat(lock.<Integer, RuntimeException>call(() -> enter(inside))).isOne();
            }
        });
        stage.other(
                "other",
                () -> {
                    for (var i = 0; i < 3; i++) {
                        assertThat(lock.<Integer, RuntimeException>call(() -> enter(inside)))
                                .isOne();
                    }
                });
        stage.afterwards(() -> assertFree(lock));
    }

    /// Gives how many were inside while this one was.
    private static int enter(AtomicInteger inside) {
        var most = inside.incrementAndGet();
        try {
            turns(1);
            return Math.max(most, inside.get());
        } finally {
            inside.decrementAndGet();
        }
    }

    private static void assertFree(AsyncLock lock) {
        assertThat(lock.statistics().locked()).as("locked").isFalse();
        assertThat(lock.statistics().waiters()).as("waiters").isZero();
        assertThat(lock.tryAcquire()).as("the lock can be taken").isTrue();
    }

    private static void event(Stage stage) {
        var event = new AsyncEvent();
        stage.other("before", event::await);
        stage.underTest(event::await);
        stage.other("after", event::await);
        stage.other(
                "setter",
                () -> {
                    turns(2);
                    event.set();
                    event.clear();
                });
        stage.afterwards(() -> assertThat(event.statistics().waiters()).isZero());
    }

    /// One signal for two waiters; a second one only if the task under test has used the first. The
    /// lock is held for a while after the signal, so that the waiter has to wait for it too.
    private static void condition(Stage stage) {
        var condition = new AsyncCondition();
        var signalled = new boolean[1];
        stage.underTest(() ->
                condition.run(() -> {
                    condition.await();
                    signalled[0] = true;
                }));
        stage.other("other", () -> condition.run(() -> condition.await()));
        stage.other(
                "signaller",
                () -> {
                    turns(2);
                    condition.run(() -> {
                        condition.signal();
                        turns(2);
                    });
                    stage.awaitEndOfTaskUnderTest();
                    if (signalled[0]) {
                        condition.run(() -> condition.signal());
                    }
                });
        stage.afterwards(() -> assertQuiet(condition));
    }

    private static void conditionWithPredicate(Stage stage) {
        var condition = new AsyncCondition();
        var stock = new int[1];
        var taken = new boolean[1];
        stage.underTest(() ->
                condition.run(() -> {
                    condition.await(() -> stock[0] > 0);
                    stock[0]--;
                    taken[0] = true;
                }));
        stage.other(
                "other",
                () ->
                        condition.run(() -> {
                            condition.await(() -> stock[0] > 0);
                            stock[0]--;
                        }));
        stage.other(
                "producer",
                () -> {
                    turns(2);
                    produce(condition, stock);
                    stage.awaitEndOfTaskUnderTest();
                    if (taken[0]) {
                        produce(condition, stock);
                    }
                });
        stage.afterwards(() -> assertThat(stock[0]).as("stock").isZero());
        stage.afterwards(() -> assertQuiet(condition));
    }

    private static void produce(AsyncCondition condition, int[] stock) {
        condition.run(() -> {
            stock[0]++;
            condition.signal();
        });
    }

    private static void conditionAll(Stage stage) {
        var condition = new AsyncCondition();
        var over = new boolean[1];
        stage.other("before", () -> condition.run(() -> condition.await(() -> over[0])));
        stage.underTest(() -> condition.run(() -> condition.await(() -> over[0])));
        stage.other("after", () -> condition.run(() -> condition.await(() -> over[0])));
        stage.other(
                "signaller",
                () -> {
                    turns(2);
                    condition.run(() -> {
                        over[0] = true;
                        condition.signalAll();
                        turns(1);
                    });
                });
        stage.afterwards(() -> assertQuiet(condition));
    }

    private static void assertQuiet(AsyncCondition condition) {
        assertThat(condition.statistics().waiters()).as("waiters").isZero();
        assertThat(condition.isLocked()).as("locked").isFalse();
        assertThat(condition.statistics().lock().waiters()).as("waiters for the lock").isZero();
    }

    private static void semaphore(Stage stage) {
        var semaphore = new AsyncSemaphore(2);
        stage.other("one", () -> semaphore.run(() -> turns(2)));
        stage.other("two", () -> semaphore.run(() -> turns(3)));
        stage.underTest(() -> semaphore.run(() -> turns(2)));
        stage.other("three", () -> semaphore.run(() -> turns(1)));
        stage.other("four", () -> semaphore.run(() -> turns(1)));
        stage.afterwards(() -> assertThat(semaphore.statistics().permits()).isEqualTo(2));
    }

    private static void boundedSemaphore(Stage stage) {
        var semaphore = AsyncSemaphore.bounded(1);
        stage.other("holder", () -> semaphore.run(() -> turns(1)));
        stage.underTest(() ->
                assertThat(
                                semaphore.<String, RuntimeException>call(() -> {
                                    turns(1);
                                    return "value";
                                }))
                        .isEqualTo("value"));
        stage.other("next", () -> semaphore.run(() -> turns(1)));
        stage.afterwards(() -> assertThat(semaphore.statistics().permits()).isOne());
    }

    /// A substitute comes where the task under test leaves before the barrier opens.
    private static void barrier(Stage stage) {
        var barrier = new AsyncBarrier(3);
        var indices = new ArrayList<Integer>();
        stage.other("first", () -> indices.add(barrier.await()));
        stage.underTest(barrier::await);
        stage.other(
                "last",
                () -> {
                    turns(2);
                    indices.add(barrier.await());
                });
        stage.other(
                "substitute",
                () -> {
                    stage.awaitEndOfTaskUnderTest();
                    turns(3);
                    if (barrier.waiting() > 0) {
                        barrier.await();
                    }
                });
        stage.afterwards(() -> assertThat(indices).doesNotHaveDuplicates());
        stage.afterwards(() -> assertUsable(barrier));
    }

    /// With the barrier draining when parties come again.
    private static void barrierRounds(Stage stage) {
        var barrier = new AsyncBarrier(2);
        stage.underTest(() -> {
            barrier.await();
            barrier.await();
        });
        stage.other(
                "partner",
                () -> {
                    barrier.await();
                    barrier.await();
                });
        stage.other(
                "substitute",
                () -> {
                    stage.awaitEndOfTaskUnderTest();
                    turns(3);
                    while (barrier.waiting() > 0) {
                        barrier.await();
                        turns(3);
                    }
                });
        stage.afterwards(() -> assertUsable(barrier));
    }

    private static void barrierReset(Stage stage) {
        var barrier = new AsyncBarrier(3);
        stage.other("before", () -> expectBroken(barrier));
        stage.underTest(() -> expectBroken(barrier));
        stage.other(
                "resetting",
                () -> {
                    turns(2);
                    barrier.reset();
                });
        stage.other(
                "newcomers",
                () -> {
                    turns(2); // while it is reset
                    var others =
                            List.of(
                                    Async.createTask(barrier::await),
                                    Async.createTask(barrier::await));
                    barrier.await();
                    Async.gather(others).await();
                });
        stage.afterwards(() -> assertUsable(barrier));
    }

    private static void expectBroken(AsyncBarrier barrier) {
        try {
            barrier.await();
        } catch (BarrierBrokenException expected) {
            return;
        }
        throw new AssertionError("the barrier was not reset");
    }

    private static void assertUsable(AsyncBarrier barrier) {
        assertThat(barrier.isBroken()).as("broken").isFalse();
        assertThat(barrier.waiting()).as("waiting").isZero();
        assertThat(barrier.statistics().blocked()).as("blocked").isZero();
        assertThat(barrier.toString()).contains("filling");
    }

    /// One item for two getters; a second one only if the task under test has taken the first.
    private static void get(Stage stage, AsyncQueue<String> queue) {
        var got = new ArrayList<String>();
        var taken = new boolean[1];
        stage.underTest(() -> {
            got.add(queue.get());
            taken[0] = true;
        });
        stage.other("other getter", () -> got.add(queue.get()));
        stage.other(
                "putter",
                () -> {
                    turns(2);
                    queue.put("first");
                    stage.awaitEndOfTaskUnderTest();
                    if (taken[0]) {
                        queue.put("second");
                    }
                });
        stage.afterwards(() -> {
            assertThat(queue.isEmpty()).as("queue is empty").isTrue();
            assertThat(got)
                    .containsExactlyInAnyOrderElementsOf(
                            taken[0] ? List.of("first", "second") : List.of("first"));
            assertThat(queue.tryPut("more")).isTrue();
            assertThat(queue.tryGet()).as("a further item").isEqualTo("more");
        });
    }

    private static void put(Stage stage, AsyncQueue<String> queue) {
        var got = new ArrayList<String>();
        var wasPut = new boolean[1];
        queue.tryPut("first");
        stage.underTest(() -> {
            queue.put("tested");
            wasPut[0] = true;
            turns(1);
        });
        stage.other("other putter", () -> queue.put("other"));
        stage.other(
                "getter",
                () -> {
                    turns(2);
                    got.add(queue.get());
                    got.add(queue.get());
                    stage.awaitEndOfTaskUnderTest();
                    if (wasPut[0]) {
                        got.add(queue.get());
                    }
                });
        stage.afterwards(() -> {
            assertThat(queue.isEmpty()).as("queue is empty").isTrue();
            assertThat(got)
                    .containsExactlyInAnyOrderElementsOf(
                            wasPut[0]
                                    ? List.of("first", "tested", "other")
                                    : List.of("first", "other"));
            assertThat(queue.tryPut("more")).as("the slot is free").isTrue();
            assertThat(queue.tryPut("too many")).as("there is one slot").isFalse();
        });
    }

    private static void join(Stage stage) {
        var queue = AsyncQueue.<String>unbounded();
        queue.tryPut("one");
        queue.tryPut("two");
        stage.underTest(queue::join);
        stage.other("joiner", queue::join);
        stage.other(
                "worker",
                () -> {
                    for (var i = 0; i < 2; i++) {
                        queue.get();
                        turns(1);
                        queue.taskDone();
                    }
                });
        stage.afterwards(() -> assertThat(queue.statistics().unfinished()).isZero());
    }

    /// An item and a shutdown at once: who waits longest gets the item, or passes it on, and the
    /// other one may fail only then.
    private static void getUntilShutDown(Stage stage) {
        var queue = AsyncQueue.<String>unbounded();
        var got = new ArrayList<String>();
        stage.underTest(() -> getAll(queue, got));
        stage.other("other getter", () -> getAll(queue, got));
        stage.other(
                "putter",
                () -> {
                    turns(2);
                    queue.put("item");
                    queue.shutdown(false);
                });
        stage.afterwards(() -> assertThat(got).containsExactly("item"));
    }

    private static void getAll(AsyncQueue<String> queue, List<String> into) {
        while (true) {
            try {
                into.add(queue.get());
            } catch (QueueShutdownException end) {
                return;
            }
        }
    }

    private static void putUntilShutDown(Stage stage) {
        var queue = new AsyncQueue<String>(1);
        var put = new ArrayList<String>();
        var got = new ArrayList<String>();
        stage.underTest(() -> putAll(queue, put));
        stage.other("other putter", () -> putAll(queue, put));
        stage.other(
                "getter",
                () -> {
                    turns(1);
                    got.add(queue.get());
                    turns(3);
                    queue.shutdown(false);
                    getAll(queue, got);
                });
        stage.afterwards(() -> assertThat(got).containsExactlyInAnyOrderElementsOf(put));
    }

    private static void putAll(AsyncQueue<String> queue, List<String> put) {
        while (true) {
            var item = "item " + put.size();
            try {
                queue.put(item);
            } catch (QueueShutdownException end) {
                return;
            }
            put.add(item);
        }
    }
}

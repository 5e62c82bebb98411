package dev.jloop.core.sync;

import static dev.jloop.core.sync.SyncFixture.assertCancelled;
import static dev.jloop.core.sync.SyncFixture.turns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jloop.core.Async;
import dev.jloop.core.CancelledError;
import dev.jloop.core.Task;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

class AsyncConditionTest {
    @RegisterExtension final SyncFixture kit = new SyncFixture();

    private final AsyncCondition condition = new AsyncCondition();

    /// Holds the lock when it ends.
    private Task<Void> holdingWaiter(String name) {
        return kit.start(
                name,
                () -> {
                    condition.acquire();
                    condition.await();
                });
    }

    private Task<Void> waiter(String name) {
        return kit.start(name, () -> condition.run(() -> condition.await()));
    }

    @Test
    void aSignalledWaiterGoesOnOnceItHasTheLock() {
        kit.run(() -> {
            holdingWaiter("a");
            holdingWaiter("b");
            holdingWaiter("c");
            turns(1);
            condition.acquire();
            condition.signal();
            turns(2);
            assertThat(kit.calls).isEmpty();
            condition.release();
            turns(1);
            assertThat(kit.calls).containsExactly("a");
            assertThat(condition.isLocked()).isTrue();

            condition.signal(2);
            condition.release();
            turns(1);
            assertThat(kit.calls).containsExactly("a", "b");
            condition.release();
            turns(1);
            assertThat(kit.calls).containsExactly("a", "b", "c");
        });
    }

    @Test
    void asManyAsAreSignalledGoOnInTheOrderTheyCame() {
        kit.run(() -> {
            var tasks = List.of(waiter("a"), waiter("b"), waiter("c"));
            turns(1);
            condition.run(() -> condition.signal(1));
            turns(1);
            assertThat(kit.calls).containsExactly("a");
            condition.run(() -> {
                condition.signal(1);
                condition.signal(2048);
            });
            turns(1);
            assertThat(kit.calls).containsExactly("a", "b", "c");
            Async.gather(tasks).await();
        });
    }

    @Test
    void signalAllWakesAllAndNoneThatComesLater() {
        kit.run(() -> {
            var tasks = List.of(waiter("a"), waiter("b"));
            turns(1);
            condition.run(() -> condition.signalAll());
            var late = waiter("late");
            Async.gather(tasks).await();
            turns(3);
            assertThat(kit.calls).containsExactly("a", "b");
            late.cancel();
            assertCancelled(late);
        });
    }

    @Test
    void theLockIsFreeForOthersDuringTheWait() {
        kit.run(() -> {
            var waiter = waiter("waiter");
            turns(1);
            assertThat(condition.isLocked()).isFalse();
            condition.run(() -> condition.signal());
            waiter.await();
            assertThat(condition.isLocked()).isFalse();
        });
    }

    @Test
    void aCancelledWaiterHasTheLockWhenTheCancellationComesOut() {
        kit.run(() -> {
            var heldThen = new boolean[1];
            var waiter =
                    kit.start(
                            "waiter",
                            () -> {
                                condition.acquire();
                                try {
                                    condition.await();
                                } finally {
                                    heldThen[0] = condition.isLocked();
                                    condition.release();
                                }
                            });
            turns(1);
            condition.acquire();
            waiter.cancel();
            turns(3);
            assertThat(waiter.isDone()).as("it waits for the lock").isFalse();
            condition.release();
            assertCancelled(waiter);
            assertThat(heldThen[0]).isTrue();
            assertThat(condition.statistics().waiters()).isZero();
            assertThat(condition.isLocked()).isFalse();
        });
    }

    @Test
    void theVeryCancellationThatInterruptedTheWaitComesOut() {
        kit.run(() -> {
            var caught = new ArrayList<CancelledError>();
            var waiter = catching(caught);
            turns(1);
            waiter.cancel("reason");
            Async.waitAll(List.of(waiter));
            assertThat(caught).hasSize(1);
            assertThat(caught.getFirst()).hasMessage("reason");
            assertThatThrownBy(waiter::await).isSameAs(caught.getFirst());
        });
    }

    private Task<Void> catching(List<CancelledError> caught) {
        return kit.start(
                "waiter",
                () ->
                        condition.run(() -> {
                            try {
                                condition.await(() -> false);
                            } catch (CancelledError cancellation) {
                                caught.add(cancellation);
                                throw cancellation;
                            }
                        }));
    }

    @Test
    void howeverOftenItIsCancelledWhileItWaitsForTheLockTheLastCancellationComesOut() {
        kit.run(() -> {
            var caught = new ArrayList<CancelledError>();
            var waiter = catching(caught);
            turns(1);
            condition.acquire();
            condition.signal();
            turns(1);
            for (var reason : List.of("first", "second", "third")) {
                waiter.cancel(reason);
                turns(2);
                assertThat(waiter.isDone()).isFalse();
            }
            condition.release();
            assertCancelled(waiter);
            assertThat(caught).hasSize(1);
            assertThat(caught.getFirst()).hasMessage("third");
            assertThat(condition.isLocked()).isFalse();
        });
    }

    @Test
    void aCancellationBetweenTheSignalAndTheStepOfItsWaiterGoesUnnoticedByNobody() {
        kit.run(() -> {
            condition.acquire();
            var waiter = kit.start("waiter", () -> condition.await());
            turns(1);
            assertThat(condition.isLocked()).isFalse();
            condition.acquire();
            condition.signal();
            kit.loop().callSoon(waiter::cancel);
            kit.loop().callSoon(condition::release);
            assertCancelled(waiter);
            assertThat(condition.isLocked()).isTrue();
        });
    }

    /// Takes one item off the stock each time it is signalled, until the stock is negative.
    private Task<Void> consumer(int[] stock) {
        return kit.start(
                "consumer",
                () ->
                        condition.run(() -> {
                            while (true) {
                                condition.await(() -> stock[0] != 0);
                                if (stock[0] < 0) {
                                    return;
                                }
                                stock[0]--;
                            }
                        }));
    }

    @Test
    void aWaiterCancelledBeforeItRunsPassesTheSignalOn() {
        kit.run(() -> {
            var stock = new int[1];
            var first = consumer(stock);
            var second = consumer(stock);
            turns(1);
            condition.run(() -> {
                stock[0]++;
                condition.signal(1);
                first.cancel();
            });
            turns(4);
            assertThat(first.isCancelled()).isTrue();
            assertThat(stock[0]).as("the other one took the item").isZero();
            end(stock, second);
        });
    }

    @Test
    void aWaiterCancelledWhileItWaitsForTheLockPassesTheSignalOn() {
        kit.run(() -> {
            var stock = new int[1];
            var first = consumer(stock);
            var second = consumer(stock);
            turns(1);
            condition.run(() -> {
                stock[0]++;
                condition.signal(1);
                turns(2);
                first.cancel();
            });
            turns(4);
            assertThat(first.isCancelled()).isTrue();
            assertThat(stock[0]).as("the other one took the item").isZero();
            end(stock, second);
        });
    }

    private void end(int[] stock, Task<Void> consumer) {
        condition.run(() -> {
            stock[0] = -1;
            condition.signalAll();
        });
        consumer.await();
    }

    @Test
    void aWaiterThatWasNotSignalledHasNoSignalToPassOn() {
        kit.run(() -> {
            var first = waiter("first");
            var second = waiter("second");
            turns(1);
            first.cancel();
            assertCancelled(first);
            turns(3);
            assertThat(second.isDone()).isFalse();
            condition.run(() -> condition.signal());
            second.await();
        });
    }

    @Test
    void awaitUntilLooksFirstAndThenAfterEachSignal() {
        kit.run(() -> {
            var looked = new int[1];
            var over = new boolean[1];
            var waiter =
                    kit.start(
                            "waiter",
                            () ->
                                    condition.run(() ->
                                            condition.await(() -> {
                                                looked[0]++;
                                                return over[0];
                                            })));
            turns(1);
            assertThat(looked[0]).isEqualTo(1);
            condition.run(() -> condition.signal());
            turns(2);
            assertThat(looked[0]).isEqualTo(2);
            over[0] = true;
            condition.run(() -> condition.signal());
            waiter.await();
            assertThat(looked[0]).isEqualTo(3);
        });
    }

    @Test
    void awaitUntilNeedsTheLockOnlyWhereItHasToWait() {
        kit.run(() -> {
            condition.await(() -> true);
            assertThatIllegalStateException().isThrownBy(() -> condition.await(() -> false));
        });
    }

    @Test
    void whatThePredicateThrowsComesOutWithTheLockHeld() {
        kit.run(() -> {
            assertThatThrownBy(() ->
                            condition.run(() ->
                                    condition.await(() -> {
                                        assertThat(condition.isLocked()).isTrue();
                                        throw new UnsupportedOperationException("predicate");
                                    })))
                    .isInstanceOf(UnsupportedOperationException.class);
            assertThat(condition.isLocked()).isFalse();
        });
    }

    @Test
    void awaitAndSignalNeedTheLock() {
        kit.run(() -> {
            assertThatIllegalStateException()
                    .isThrownBy(condition::await)
                    .withMessageContaining("await needs the lock");
            assertThatIllegalStateException()
                    .isThrownBy(condition::signal)
                    .withMessageContaining("signal needs the lock");
            assertThatIllegalStateException().isThrownBy(() -> condition.signal(2));
            assertThatIllegalStateException()
                    .isThrownBy(condition::signalAll)
                    .withMessageContaining("signalAll needs the lock");
            assertThatIllegalStateException().isThrownBy(condition::release);
            condition.run(() ->
                    assertThatIllegalArgumentException()
                            .isThrownBy(() -> condition.signal(-1))
                            .withMessageContaining("-1"));
        });
    }

    @Test
    void aCallbackCannotWaitAndTheLockStaysAsItIs() {
        kit.run(() -> {
            condition.acquire();
            kit.loop()
                    .callSoon(() ->
                            assertThatIllegalStateException()
                                    .isThrownBy(condition::await)
                                    .withMessageContaining("only a coroutine can wait"));
            turns(2);
            assertThat(condition.isLocked()).isTrue();
            assertThat(condition.statistics().waiters()).isZero();
        });
    }

    @Test
    void conditionsMayShareALock() {
        kit.run(() -> {
            var lock = new AsyncLock();
            var empty = new AsyncCondition(lock);
            var full = new AsyncCondition(lock);
            var waitsForEmpty = kit.start("empty", () -> lock.run(() -> empty.await()));
            var waitsForFull = kit.start("full", () -> lock.run(() -> full.await()));
            turns(1);
            lock.run(() -> full.signal());
            waitsForFull.await();
            turns(3);
            assertThat(waitsForEmpty.isDone()).isFalse();
            lock.run(() -> empty.signal());
            waitsForEmpty.await();
        });
    }

    @Test
    void callGivesTheResultOfTheBody() {
        kit.run(() -> {
            var value =
                    condition.<String, RuntimeException>call(() -> {
                        assertThat(condition.isLocked()).isTrue();
                        return "value";
                    });
            assertThat(value).isEqualTo("value");
            assertThat(condition.isLocked()).isFalse();
        });
    }

    @Test
    void itSaysItsState() {
        kit.run(() -> {
            var waiter = waiter("waiter");
            turns(1);
            assertThat(condition)
                    .hasToString("AsyncCondition[waiters=1, AsyncLock[free, waiters=0]]");
            assertThat(condition.statistics())
                    .isEqualTo(
                            new AsyncCondition.Statistics(
                                    1, new AsyncLock.Statistics(false, Optional.empty(), 0)));
            assertThat(waiter.toString()).contains("for AsyncCondition[waiters=1");
            condition.run(() -> condition.signal());
            waiter.await();
        });
    }
}

package dev.jloop.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

class TaskCancellationTest {
    @RegisterExtension final LoopFixture kit = LoopFixture.onVirtualTime();

    private final List<String> calls = new ArrayList<>();

    private LoopFuture<String> future() {
        return kit.loop().createFuture();
    }

    private static void awaitEnd(LoopFuture<?> future) {
        Async.waitAll(List.of(future));
    }

    @Test
    void aTaskCancelledBeforeItsFirstStepNeverRunsAndKeepsTheMessage() {
        kit.run(() -> {
            var task = Async.createTask(() -> calls.add("body"));
            assertThat(task.cancel("not needed")).isTrue();
            assertThat(task.isDone()).as("at once").isFalse();
            assertThatExceptionOfType(CancelledError.class)
                    .isThrownBy(task::await)
                    .withMessage("not needed");
            assertThat(task.isCancelled()).isTrue();
            assertThat(calls).isEmpty();
        });
    }

    @Test
    void cancellingATaskCancelsTheFutureItAwaits() {
        kit.run(() -> {
            var future = future();
            var task = Async.createTask(future::await);
            Async.yieldNow();
            assertThat(task.cancel("enough")).isTrue();
            assertThat(future.isCancelled()).isTrue();
            assertThat(task.isDone()).isFalse();
            Async.yieldNow();
            assertThat(task.isCancelled()).isTrue();
            assertThatExceptionOfType(CancelledError.class)
                    .isThrownBy(task::result)
                    .withMessage("enough");
            assertThat(task.toString()).doesNotContain("awaits");
        });
    }

    @Test
    void aTaskThatCancelsItselfAndReturnsEndsCancelled() {
        kit.run(() -> {
            var task =
                    Async.createTask(() -> {
                        Async.currentTask().cancel("by itself");
                        return 12;
                    });
            awaitEnd(task);
            assertThat(task.isCancelled()).isTrue();
            assertThatExceptionOfType(CancelledError.class)
                    .isThrownBy(task::result)
                    .withMessage("by itself");
        });
    }

    @Test
    void aTaskThatCancelsItselfIsCancelledAtItsNextAwaitPoint() {
        kit.run(() -> {
            var future = future();
            var task =
                    Async.createTask(() -> {
                        Async.currentTask().cancel();
                        calls.add("goes on");
                        future.await();
                        calls.add("not reached");
                    });
            awaitEnd(task);
            assertThat(task.isCancelled()).isTrue();
            assertThat(future.isCancelled()).isTrue();
            assertThat(calls).containsExactly("goes on");
        });
    }

    @Test
    void aTaskThatCatchesItsCancellationMayReturnAResult() {
        kit.run(() -> {
            var task =
                    Async.createTask(() -> {
                        try {
                            return future().await();
                        } catch (CancelledError swallowed) {
                            return "42";
                        }
                    });
            Async.yieldNow();
            task.cancel();
            assertThat(task.await()).isEqualTo("42");
            assertThat(task.isCancelled()).isFalse();
        });
    }

    @Test
    void aCancellationIsDeliveredOnceSoThatCleanUpMayAwait() {
        kit.run(() -> {
            var task =
                    Async.createTask(() -> {
                        try {
                            future().await();
                        } finally {
                            Async.sleep(Duration.ofSeconds(1));
                            calls.add("cleaned up");
                        }
                    });
            Async.yieldNow();
            task.cancel();
            awaitEnd(task);
            assertThat(calls).containsExactly("cleaned up");
            assertThat(task.isCancelled()).isTrue();
            assertThat(kit.loop().time()).isEqualTo(Duration.ofSeconds(1).toNanos());
        });
    }

    @Test
    void aSecondCancelInterruptsTheCleanUp() {
        kit.run(() -> {
            var task =
                    Async.createTask(() -> {
                        try {
                            future().await();
                        } finally {
                            Async.sleep(Duration.ofDays(1));
                            calls.add("cleaned up");
                        }
                    });
            Async.yieldNow();
            task.cancel();
            Async.yieldNow();
            task.cancel();
            awaitEnd(task);
            assertThat(task.isCancelled()).isTrue();
            assertThat(calls).isEmpty();
            assertThat(kit.loop().time()).isZero();
        });
    }

    @Test
    void uncancelTakesARequestBackAndTheSleepProceeds() {
        kit.run(() -> {
            var task =
                    Async.createTask(() -> {
                        try {
                            Async.sleep(Duration.ofDays(1));
                        } catch (CancelledError first) {
                            calls.add("left: " + Async.currentTask().uncancel());
                            Async.sleep(Duration.ofSeconds(1));
                            calls.add("slept");
                        }
                        Async.sleep(Duration.ofDays(1));
                    });
            Async.yieldNow();
            assertThat(task.cancel()).isTrue();
            assertThat(task.cancelling()).isEqualTo(1);
            Async.sleep(Duration.ofSeconds(2));
            assertThat(calls).containsExactly("left: 0", "slept");
            assertThat(task.cancelling()).isZero();
            assertThat(task.isDone()).isFalse();

            assertThat(task.cancel()).isTrue();
            awaitEnd(task);
            assertThat(task.isCancelled()).isTrue();
            assertThat(task.cancelling()).isEqualTo(1);
            assertThat(task.uncancel()).isZero();
            assertThat(task.uncancel()).as("not below zero").isZero();
            assertThat(task.isCancelled()).isTrue();
        });
    }

    @Test
    void twoCancelsInARowBothSayYesAndCount() {
        kit.run(() -> {
            var task = Async.createTask(() -> future().await());
            Async.yieldNow();
            assertThat(task.cancel()).isTrue();
            assertThat(task.cancel()).isTrue();
            assertThat(task.cancelling()).isEqualTo(2);
            awaitEnd(task);
            assertThat(task.cancel()).as("when done").isFalse();
        });
    }

    @Test
    void anUncancelThatLeavesNoRequestDropsACancellationNotYetDelivered() {
        kit.run(() -> {
            var task = Async.createTask(() -> 42);
            task.cancel();
            assertThat(task.uncancel()).isZero();
            assertThat(task.await()).isEqualTo(42);
        });
    }

    @Test
    void anUncancelThatLeavesARequestDropsNothing() {
        kit.run(() -> {
            var task = Async.createTask(() -> 42);
            task.cancel();
            task.cancel();
            assertThat(task.uncancel()).isEqualTo(1);
            awaitEnd(task);
            assertThat(task.isCancelled()).isTrue();
        });
    }

    @Test
    void aTaskCancelledWhileItIsRunnableGetsTheCancellationAndNotTheResult() {
        kit.run(() -> {
            var future = future();
            var task =
                    Async.createTask(() -> {
                        calls.add(future.await());
                    });
            Async.yieldNow();
            future.setResult("value");
            assertThat(task.cancel("late")).isTrue();
            awaitEnd(task);
            assertThat(task.isCancelled()).isTrue();
            assertThat(calls).isEmpty();
        });
    }

    @Test
    void aTaskCancelledDuringYieldNowGetsTheCancellationThere() {
        kit.run(() -> {
            var task =
                    Async.createTask(() -> {
                        Async.yieldNow();
                        calls.add("not reached");
                    });
            Async.yieldNow();
            task.cancel();
            awaitEnd(task);
            assertThat(task.isCancelled()).isTrue();
            assertThat(calls).isEmpty();
        });
    }

    @Test
    void cancellingAChainOfAwaitsReachesTheInnermost() {
        kit.run(() -> {
            var future = future();
            var inner = Async.createTask(future::await);
            var middle = Async.createTask(inner::await);
            var outer = Async.createTask(middle::await);
            Async.yieldNow();
            Async.yieldNow();
            outer.cancel("from outside");
            awaitEnd(outer);
            assertThat(future.isCancelled()).isTrue();
            assertThat(inner.isCancelled()).isTrue();
            assertThat(middle.isCancelled()).isTrue();
            assertThatExceptionOfType(CancelledError.class)
                    .isThrownBy(outer::result)
                    .withMessage("from outside");
        });
    }

    @Test
    void aCancelledSleepLeavesNoTimer() {
        kit.run(() -> {
            var task = Async.createTask(() -> Async.sleep(Duration.ofDays(1)));
            Async.yieldNow();
            task.cancel();
            awaitEnd(task);
            Async.sleep(Duration.ofSeconds(1));
        });
        assertThat(kit.poller.timeouts).doesNotContain(Duration.ofDays(1).toNanos());
        assertThat(kit.loop().time()).isEqualTo(Duration.ofSeconds(1).toNanos());
    }

    @Test
    void aTaskWhoseAwaitedFutureIsCancelledByOthersEndsCancelled() {
        kit.run(() -> {
            var future = future();
            var task = Async.createTask(future::await);
            Async.yieldNow();
            future.cancel("by others");
            awaitEnd(task);
            assertThat(task.isCancelled()).isTrue();
            assertThat(task.cancelling()).isZero();
        });
    }

    @Test
    void aTaskThatThrowsACancelledErrorOfItsOwnEndsCancelled() {
        kit.run(() -> {
            var task =
                    Async.createTask(() -> {
                        throw new CancelledError("own");
                    });
            awaitEnd(task);
            assertThat(task.isCancelled()).isTrue();
            assertThatExceptionOfType(CancelledError.class)
                    .isThrownBy(task::result)
                    .withMessage("own");
        });
    }

    @Test
    void aBroadCatchOfExceptionLetsTheCancellationPass() {
        kit.run(() -> {
            var task =
                    Async.createTask(() -> {
                        try {
                            future().await();
                        } catch (Exception swallowed) {
                            calls.add("swallowed");
                        }
                    });
            Async.yieldNow();
            task.cancel();
            awaitEnd(task);
            assertThat(task.isCancelled()).isTrue();
            assertThat(calls).isEmpty();
        });
    }

    @Test
    void aLongChainOfTasksThatAwaitEachOtherIsCancelledAtOnce() {
        kit.run(() -> {
            Task<?> last = Async.createTask(() -> kit.loop().createFuture().await());
            var chain = new ArrayList<Task<?>>(List.of(last));
            for (var i = 0; i < 20_000; i++) {
                var next = last;
                last = Async.createTask(() -> next.await());
                chain.add(last);
            }
            Async.yieldNow();
            Async.yieldNow();
            last.cancel("all of it");
            assertThat(chain).allMatch(task -> task.cancelling() == 1);
            Async.waitAll(chain);
            assertThat(chain).allMatch(LoopFuture::isCancelled);
        });
    }
}

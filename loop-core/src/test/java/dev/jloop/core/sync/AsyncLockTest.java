package dev.jloop.core.sync;

import static dev.jloop.core.sync.SyncFixture.assertCancelled;
import static dev.jloop.core.sync.SyncFixture.turns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jloop.core.Async;
import dev.jloop.core.EventLoop;
import dev.jloop.core.SelectorEventLoop;
import dev.jloop.core.Task;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

class AsyncLockTest {
    @RegisterExtension final SyncFixture kit = new SyncFixture();

    private final AsyncLock lock = new AsyncLock();

    private Task<Void> acquirer(String name) {
        return kit.start(name, lock::acquire);
    }

    @Test
    void aFreeLockIsTakenWithoutATurn() {
        kit.run(() -> {
            var yielded = new boolean[1];
            kit.loop().callSoon(() -> yielded[0] = true);
            lock.acquire();
            assertThat(lock.isLocked()).isTrue();
            lock.release();
            assertThat(lock.isLocked()).isFalse();
            assertThat(yielded[0]).isFalse();
        });
    }

    @Test
    void waitersGetItInTheOrderTheyCameOneForEachRelease() {
        kit.run(() -> {
            lock.acquire();
            for (var name : List.of("a", "b", "c")) {
                acquirer(name);
            }
            turns(1);
            assertThat(kit.calls).isEmpty();
            lock.release();
            turns(1);
            assertThat(kit.calls).containsExactly("a");
            turns(2);
            assertThat(kit.calls).containsExactly("a");
            lock.release();
            turns(1);
            lock.release();
            turns(1);
            assertThat(kit.calls).containsExactly("a", "b", "c");
        });
    }

    @Test
    void afterAReleaseWithAWaiterItReadsFreeAndYetANewcomerQueues() {
        kit.run(() -> {
            lock.acquire();
            var waiter = acquirer("waiter");
            turns(1);
            lock.release();
            assertThat(lock.isLocked()).isFalse();
            assertThat(lock.tryAcquire()).isFalse();
            assertThat(lock).hasToString("AsyncLock[handed over, waiters=0]");

            var newcomer = acquirer("newcomer");
            turns(3);
            assertThat(kit.calls).containsExactly("waiter");
            assertThat(lock.isLocked()).isTrue();
            lock.release();
            newcomer.await();
            assertThat(waiter.isDone()).isTrue();
        });
    }

    @Test
    void whoReleasesAndTakesItAgainAtOnceQueuesBehindTheWaiter() {
        kit.run(() -> {
            lock.acquire();
            var waiter =
                    kit.start(
                            "waiter",
                            () -> {
                                lock.acquire();
                                lock.release();
                            });
            turns(1);
            lock.release();
            lock.acquire();
            assertThat(waiter.isDone()).isTrue();
        });
    }

    @Test
    void aWaiterCancelledAsTheLockIsReleasedIsSkipped() {
        kit.run(() -> {
            var held = kit.loop().<Void>createFuture();
            var a = kit.start("a", () -> lock.run(held::await));
            turns(1);
            var b = kit.start("b", () -> lock.run(() -> {}));
            var c = kit.start("c", () -> lock.run(() -> {}));
            turns(1);
            held.setResult(null);
            b.cancel();
            turns(1);
            assertThat(a.isDone()).isTrue();
            assertThat(b.isCancelled()).isTrue();
            assertThat(lock.isLocked()).isFalse();
            c.await();
        });
        assertThat(kit.calls).containsExactly("a", "c");
    }

    @Test
    void aWaiterCancelledWhileTheLockIsOnItsWayPassesItOn() {
        kit.run(() -> {
            lock.acquire();
            var first = acquirer("first");
            var second = acquirer("second");
            turns(1);
            lock.release();
            first.cancel();
            turns(2);
            assertThat(first.isCancelled()).isTrue();
            assertThat(second.isDone()).isTrue();
            assertThat(lock.isLocked()).isTrue();
        });
        assertThat(kit.calls).containsExactly("second");
    }

    @Test
    void onlyOneOfTheOthersGetsItWhenOneIsCancelledAndTheLockReleasedAtOnce() {
        kit.run(() -> {
            lock.acquire();
            var first = acquirer("first");
            var second = acquirer("second");
            var third = acquirer("third");
            turns(1);
            kit.loop()
                    .callSoon(() -> {
                        first.cancel();
                        lock.release();
                    });
            assertCancelled(first);
            turns(3);
            assertThat(second.isDone()).isTrue();
            assertThat(third.isDone()).isFalse();
            third.cancel();
            assertCancelled(third);
        });
        assertThat(kit.calls).containsExactly("second");
    }

    @Test
    void aLockWhoseOnlyWaiterWasCancelledIsFreeAgain() {
        kit.run(() -> {
            lock.acquire();
            var waiter = acquirer("waiter");
            turns(1);
            lock.release();
            waiter.cancel();
            assertCancelled(waiter);
            assertThat(lock.isLocked()).isFalse();
            assertThat(lock.statistics().waiters()).isZero();
            assertThat(lock.tryAcquire()).isTrue();
        });
    }

    @Test
    void aTaskThatWouldWaitForItselfIsTold() {
        kit.run(() -> {
            var task =
                    kit.start(
                            "twice",
                            () ->
                                    lock.run(() ->
                                            assertThatIllegalStateException()
                                                    .isThrownBy(lock::acquire)
                                                    .withMessageContaining(
                                                            "'twice' would wait for itself")
                                                    .withMessageContaining("not reentrant")));
            task.await();
            assertThat(lock.isLocked()).isFalse();
        });
    }

    @Test
    void anotherTaskMayReleaseItAndThenTheFirstMayTakeItAgain() {
        kit.run(() -> {
            lock.acquire();
            kit.start("other", lock::release).await();
            lock.acquire();
            assertThat(lock.isLocked()).isTrue();
        });
    }

    @Test
    void toReleaseAFreeLockIsAnErrorAlsoWhileItIsHandedOver() {
        assertThatIllegalStateException()
                .isThrownBy(lock::release)
                .withMessageContaining("nobody holds the lock")
                .withMessageContaining("AsyncLock[free, waiters=0]");
        kit.run(() -> {
            lock.acquire();
            var waiter = acquirer("waiter");
            turns(1);
            lock.release();
            assertThatIllegalStateException().isThrownBy(lock::release);
            waiter.await();
            lock.release();
        });
    }

    @Test
    void tryAcquireNeverWaits() {
        kit.run(() -> {
            assertThat(lock.tryAcquire()).isTrue();
            assertThat(lock.tryAcquire()).isFalse();
            lock.release();
            assertThat(lock.tryAcquire()).isTrue();
        });
    }

    @Test
    void runAndCallReleaseItWhateverTheBodyDoes() {
        kit.run(() -> {
            assertThat(lock.<String, RuntimeException>call(() -> "value")).isEqualTo("value");
            assertThatThrownBy(() ->
                            lock.<IOException>run(() -> {
                                throw new IOException("body");
                            }))
                    .isInstanceOf(IOException.class);
            assertThat(lock.isLocked()).isFalse();
        });
    }

    @Test
    void aBodyThatReleasesTheLockItselfAndFailsStillSaysWhatFailed() {
        kit.run(() ->
                assertThatThrownBy(() ->
                                lock.run(() -> {
                                    lock.release();
                                    throw new IOException("body");
                                }))
                        .isInstanceOf(IOException.class)
                        .satisfies(failure ->
                                assertThat(failure.getSuppressed())
                                        .singleElement()
                                        .isInstanceOf(IllegalStateException.class)));
    }

    @Test
    void aBodyThatIsCancelledReleasesIt() {
        kit.run(() -> {
            var task = kit.start("holder", () -> lock.run(() -> turns(100)));
            turns(2);
            assertThat(lock.isLocked()).isTrue();
            task.cancel();
            assertCancelled(task);
            assertThat(lock.isLocked()).isFalse();
        });
    }

    @Test
    void itSaysWhoHoldsIt() {
        kit.run(() -> {
            var held = kit.loop().<Void>createFuture();
            var holder = kit.start("holder", () -> lock.run(held::await));
            var waiter = acquirer("waiter");
            turns(1);
            assertThat(lock.holder()).isSameAs(holder);
            assertThat(lock).hasToString("AsyncLock[held by 'holder', waiters=1]");
            assertThat(lock.statistics())
                    .isEqualTo(new AsyncLock.Statistics(true, Optional.of("holder"), 1));
            assertThat(waiter.toString())
                    .contains("awaits LoopFuture[pending, for AsyncLock[held by 'holder'");
            held.setResult(null);
            waiter.await();
            lock.release();
            assertThat(lock.holder()).isNull();
            assertThat(lock.statistics())
                    .isEqualTo(new AsyncLock.Statistics(false, Optional.empty(), 0));
        });
    }

    @Test
    void aLockTakenByACallbackHasNoHolder() {
        kit.run(() -> {
            kit.loop().callSoon(lock::acquire);
            turns(1);
            assertThat(lock).hasToString("AsyncLock[held, waiters=0]");
            assertThat(lock.holder()).isNull();
        });
    }

    @Test
    void aCallbackCannotWaitForItAndLeavesNothingBehind() {
        kit.run(() -> {
            lock.acquire();
            kit.loop()
                    .callSoon(() ->
                            assertThatIllegalStateException()
                                    .isThrownBy(lock::acquire)
                                    .withMessageContaining("only a coroutine can wait")
                                    .withMessageContaining("createTask"));
            turns(2);
            assertThat(lock.statistics().waiters()).isZero();
            lock.release();
            assertThat(lock.tryAcquire()).isTrue();
        });
    }

    @Test
    void aCoroutineOfAnotherLoopIsRefusedByNameOnceSomebodyHasWaited() {
        kit.run(() -> {
            lock.acquire();
            var waiter = acquirer("waiter");
            turns(1);
            lock.release();
            waiter.await();
        });
        try (var other = SelectorEventLoop.builder().build()) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> other.runUntilComplete(() -> lock.acquire()))
                    .withMessageContaining(kit.loop().toString())
                    .withMessageContaining(other.toString())
                    .withMessageContaining("for each loop");
        }
    }

    @Test
    void withoutContentionLoopsMayTakeTurnsWithIt() {
        kit.run(() -> lock.run(() -> turns(1)));
        try (var other = SelectorEventLoop.builder().build()) {
            other.runUntilComplete(() -> lock.run(() -> turns(1)));
        }
        assertThat(lock.isLocked()).isFalse();
    }

    @Test
    void aCallFromAWrongThreadIsRefusedInDebugMode() {
        kit.loop().setDebug(true);
        kit.run(() -> {
            lock.acquire();
            var waiter = acquirer("waiter");
            turns(1);
            var failures = new ArrayList<Throwable>();
            for (Runnable call :
                    List.<Runnable>of(lock::acquire, lock::tryAcquire, lock::release)) {
                var thread =
                        Thread.ofPlatform()
                                .name("stranger")
                                .unstarted(() -> {
                                    try {
                                        call.run();
                                    } catch (WrongThreadException expected) {
                                        failures.add(expected);
                                    }
                                });
                thread.start();
                thread.join();
            }
            assertThat(failures)
                    .hasSize(3)
                    .allSatisfy(failure -> assertThat(failure).hasMessageContaining("stranger"));
            assertThat(EventLoop.current()).isSameAs(kit.loop());
            lock.release();
            waiter.await();
        });
    }

    @Test
    void noMoreThanOneIsEverInside() {
        kit.run(() -> {
            var inside = new int[1];
            var most = new int[1];
            var tasks = new ArrayList<Task<Void>>();
            for (var i = 0; i < 50; i++) {
                var stay = i % 4;
                tasks.add(
                        kit.start(
                                "" + i,
                                () ->
                                        lock.run(() -> {
                                            most[0] = Math.max(most[0], ++inside[0]);
                                            turns(stay);
                                            inside[0]--;
                                        })));
            }
            Async.gather(tasks).await();
            assertThat(most[0]).isOne();
        });
        assertThat(kit.calls).hasSize(50).startsWith("0", "1", "2").endsWith("48", "49");
    }
}

package dev.jloop.core.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jloop.core.Async;
import dev.jloop.core.AsyncRunnable;
import dev.jloop.core.SelectorEventLoop;
import dev.jloop.core.Task;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

class AsyncSemaphoreTest {
    private final SelectorEventLoop loop = SelectorEventLoop.builder().build();
    private final List<String> calls = new ArrayList<>();
    private final List<String> reports = new ArrayList<>();

    AsyncSemaphoreTest() {
        loop.setExceptionHandler((_, report) -> reports.add(report.toString()));
    }

    @AfterEach
    void closeLoop() {
        loop.close();
        assertThat(reports).isEmpty();
    }

    private void run(AsyncRunnable body) {
        loop.runUntilComplete(body);
    }

    private Task<Void> acquirer(AsyncSemaphore semaphore, String name) {
        return loop.createTask(() -> {
            semaphore.acquire();
            calls.add(name);
        });
    }

    private static void turns(int count) {
        for (var i = 0; i < count; i++) {
            Async.yieldNow();
        }
    }

    @Test
    void permitsAreTakenWithoutWaitingWhileThereAreSome() {
        run(() -> {
            var semaphore = new AsyncSemaphore(2);
            var yielded = new boolean[1];
            loop.callSoon(() -> yielded[0] = true);
            semaphore.acquire();
            assertThat(semaphore.isLocked()).isFalse();
            semaphore.acquire();
            assertThat(yielded[0]).isFalse();
            assertThat(semaphore.isLocked()).isTrue();
            assertThat(semaphore.tryAcquire()).isFalse();
            semaphore.release();
            assertThat(semaphore.tryAcquire()).isTrue();
        });
    }

    @Test
    void waitersGetPermitsInTheOrderTheyCame() {
        run(() -> {
            var semaphore = new AsyncSemaphore(0);
            var tasks = new ArrayList<Task<Void>>();
            for (var name : List.of("a", "b", "c")) {
                tasks.add(acquirer(semaphore, name));
            }
            turns(1);
            for (var i = 0; i < 3; i++) {
                semaphore.release();
            }
            Async.gather(tasks).await();
        });
        assertThat(calls).containsExactly("a", "b", "c");
    }

    @Test
    void aReleaseHandsThePermitToTheWaiterSoThatANewcomerCannotOvertake() {
        run(() -> {
            var semaphore = new AsyncSemaphore(0);
            var waiter = acquirer(semaphore, "waiter");
            turns(1);
            semaphore.release();
            assertThat(semaphore.isLocked()).isTrue();
            assertThat(semaphore.tryAcquire()).isFalse();
            var newcomer = acquirer(semaphore, "newcomer");
            waiter.await();
            turns(2);
            assertThat(newcomer.isDone()).isFalse();
            semaphore.release();
            newcomer.await();
        });
        assertThat(calls).containsExactly("waiter", "newcomer");
    }

    @Test
    void waitersCancelledBeforeAPermitCameLeaveItToTheThird() {
        run(() -> {
            var semaphore = new AsyncSemaphore(0);
            var tasks = new ArrayList<Task<Void>>();
            for (var name : List.of("a", "b", "c", "d")) {
                tasks.add(acquirer(semaphore, name));
            }
            turns(1);
            tasks.get(0).cancel();
            tasks.get(1).cancel();
            semaphore.release();
            turns(4);
            assertThat(calls).containsExactly("c");
            assertThat(tasks.get(0).isCancelled()).isTrue();
            assertThat(tasks.get(1).isCancelled()).isTrue();
            assertThat(tasks.get(3).isDone()).isFalse();
            assertThat(semaphore.isLocked()).isTrue();
            semaphore.release();
            tasks.get(3).await();
        });
        assertThat(calls).containsExactly("c", "d");
    }

    @Test
    void aWaiterCancelledWhileAPermitIsOnItsWayPassesItOn() {
        run(() -> {
            var semaphore = new AsyncSemaphore(0);
            var first = acquirer(semaphore, "first");
            var second = acquirer(semaphore, "second");
            turns(1);
            semaphore.release();
            first.cancel();
            Async.waitAll(List.of(first, second));
            assertThat(first.isCancelled()).isTrue();
        });
        assertThat(calls).containsExactly("second");
    }

    @Test
    void aPermitWhoseOnlyWaiterWasCancelledIsFreeAgain() {
        run(() -> {
            var semaphore = AsyncSemaphore.bounded(1);
            semaphore.acquire();
            var waiter = acquirer(semaphore, "waiter");
            turns(1);
            semaphore.release();
            waiter.cancel();
            Async.waitAll(List.of(waiter));
            assertThat(semaphore.isLocked()).isFalse();
            assertThat(semaphore.tryAcquire()).isTrue();
        });
        assertThat(calls).isEmpty();
    }

    @Test
    void noPermitIsLostAtWhateverPointAWaiterIsCancelled() {
        for (var point = 0; point < 6; point++) {
            var cancelAt = point;
            run(() -> {
                var semaphore = AsyncSemaphore.bounded(1);
                var holder = loop.createTask(() -> semaphore.run(() -> turns(2)));
                var victim = loop.createTask(() -> semaphore.run(() -> turns(2)));
                var last = loop.createTask(() -> semaphore.run(() -> turns(1)));
                turns(cancelAt);
                victim.cancel();
                Async.waitAll(List.of(holder, victim, last));
                assertThat(last.isCancelled()).isFalse();
                assertThat(semaphore.isLocked()).as("cancelled after " + cancelAt).isFalse();
            });
        }
    }

    @Test
    void runAndCallReleaseWhateverTheBodyDoes() {
        run(() -> {
            var semaphore = AsyncSemaphore.bounded(1);
            assertThat(semaphore.<String, RuntimeException>call(() -> "value")).isEqualTo("value");
            assertThatIllegalStateException()
                    .isThrownBy(() ->
                            semaphore.run(() -> {
                                throw new IllegalStateException("body");
                            }));
            assertThat(semaphore.isLocked()).isFalse();
        });
    }

    @Test
    void aBodyThatReleasesItsPermitItselfAndFailsStillSaysWhatFailed() {
        var semaphore = AsyncSemaphore.bounded(1);
        assertThatThrownBy(() ->
                        semaphore.run(() -> {
                            semaphore.release();
                            throw new IOException("body");
                        }))
                .isInstanceOf(IOException.class)
                .satisfies(failure ->
                        assertThat(failure.getSuppressed())
                                .singleElement()
                                .isInstanceOf(IllegalStateException.class));
    }

    @Test
    void onlyABoundedSemaphoreRefusesToBeReleasedTooOften() {
        var bounded = AsyncSemaphore.bounded(1);
        assertThatIllegalStateException()
                .isThrownBy(bounded::release)
                .withMessageContaining("all of its 1 permits");
        assertThat(bounded.tryAcquire()).isTrue();
        bounded.release();

        var unbounded = new AsyncSemaphore(0);
        unbounded.release();
        assertThat(unbounded.tryAcquire()).isTrue();
        assertThat(unbounded.tryAcquire()).isFalse();
    }

    @Test
    void aNegativeNumberOfPermitsIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new AsyncSemaphore(-1))
                .withMessageContaining("-1");
    }

    @Test
    void noMoreThanItsPermitsAreEverInside() {
        run(() -> {
            var semaphore = AsyncSemaphore.bounded(3);
            var inside = new int[1];
            var most = new int[1];
            var tasks = new ArrayList<Task<Void>>();
            for (var i = 0; i < 50; i++) {
                var stay = 1 + i % 4;
                tasks.add(
                        loop.createTask(() ->
                                semaphore.run(() -> {
                                    most[0] = Math.max(most[0], ++inside[0]);
                                    turns(stay);
                                    inside[0]--;
                                })));
            }
            Async.gather(tasks).await();
            assertThat(most[0]).isEqualTo(3);
        });
    }

    @Test
    void itSaysHowManyPermitsAndWaitersThereAre() {
        run(() -> {
            var semaphore = new AsyncSemaphore(0);
            var waiter = acquirer(semaphore, "waiter");
            turns(1);
            assertThat(semaphore).hasToString("AsyncSemaphore[permits=0, waiters=1]");
            semaphore.release();
            waiter.await();
        });
    }

    @Test
    void itsStatisticsTellPermitsBoundAndWaiters() {
        run(() -> {
            var bounded = AsyncSemaphore.bounded(2);
            bounded.acquire();
            assertThat(bounded.statistics())
                    .isEqualTo(new AsyncSemaphore.Statistics(1, OptionalInt.of(2), 0));
            var semaphore = new AsyncSemaphore(0);
            var waiter = acquirer(semaphore, "waiter");
            turns(1);
            assertThat(semaphore.statistics())
                    .isEqualTo(new AsyncSemaphore.Statistics(0, OptionalInt.empty(), 1));
            semaphore.release();
            waiter.await();
        });
    }

    @Test
    void aBoundedSemaphoreWithoutPermitsIsNeverReleased() {
        assertThatIllegalStateException()
                .isThrownBy(AsyncSemaphore.bounded(0)::release)
                .withMessageContaining("all of its 0 permits");
    }

    @Test
    void aCoroutineOfAnotherLoopIsRefusedByNameOnceSomebodyHasWaited() {
        var semaphore = new AsyncSemaphore(0);
        run(() -> {
            var waiter = acquirer(semaphore, "waiter");
            turns(1);
            semaphore.release();
            waiter.await();
        });
        try (var other = SelectorEventLoop.builder().build()) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> other.runUntilComplete(() -> semaphore.acquire()))
                    .withMessageContaining(loop.toString())
                    .withMessageContaining(other.toString());
        }
    }
}

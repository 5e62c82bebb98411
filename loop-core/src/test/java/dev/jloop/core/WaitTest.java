package dev.jloop.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

class WaitTest {
    @RegisterExtension final LoopFixture kit = LoopFixture.onVirtualTime();

    private final List<String> calls = new ArrayList<>();

    private LoopFuture<String> future() {
        return kit.loop().createFuture();
    }

    @Test
    void waitAllWaitsForAllHoweverTheyEnd() {
        kit.run(() -> {
            var value = future();
            var failed = future();
            var cancelled = future();
            kit.loop().callLater(Duration.ofSeconds(1), () -> value.setResult("value"));
            kit.loop()
                    .callLater(
                            Duration.ofSeconds(2),
                            () -> failed.setException(new IllegalStateException()));
            kit.loop().callLater(Duration.ofSeconds(3), cancelled::cancel);

            var result = Async.waitAll(List.of(value, failed, cancelled));

            assertThat(result.done()).containsExactly(value, failed, cancelled);
            assertThat(result.pending()).isEmpty();
            assertThat(failed.exception()).isNotNull();
        });
    }

    @Test
    void waitAnyEndsWithTheFirst() {
        kit.run(() -> {
            var first = future();
            var second = future();
            kit.loop().callLater(Duration.ofSeconds(1), () -> first.setResult("value"));
            var result = Async.waitAny(List.of(second, first));
            assertThat(result.done()).containsExactly(first);
            assertThat(result.pending()).containsExactly(second);
            assertThat(second.isDone()).isFalse();
        });
    }

    @Test
    void whoIsDoneIsLookedAtWhenTheWaiterRunsAgain() {
        kit.run(() -> {
            var first = Async.createTask(() -> "first");
            var second =
                    Async.createTask(() -> {
                        Async.yieldNow();
                        return "one turn later";
                    });
            assertThat(Async.waitAny(List.of(first, second)).done()).containsExactly(first, second);
        });
    }

    @Test
    void waitFirstExceptionEndsWithTheFirstFailureAndNotWithACancellation() {
        kit.run(() -> {
            var cancelled = future();
            var value = future();
            var failed = future();
            var pending = future();
            kit.loop().callLater(Duration.ofSeconds(1), cancelled::cancel);
            kit.loop().callLater(Duration.ofSeconds(2), () -> value.setResult("value"));
            kit.loop()
                    .callLater(
                            Duration.ofSeconds(3),
                            () -> failed.setException(new IllegalStateException()));

            var result = Async.waitFirstException(List.of(cancelled, value, failed, pending));

            assertThat(result.done()).containsExactly(cancelled, value, failed);
            assertThat(result.pending()).containsExactly(pending);
            assertThat(failed.exception()).isNotNull();
            assertThat(kit.loop().time()).isEqualTo(Duration.ofSeconds(3).toNanos());
        });
    }

    @Test
    void waitFirstExceptionEndsWhenAllAreDoneAndNoneHasFailed() {
        kit.run(() -> {
            var tasks = List.of(Async.createTask(() -> 1), Async.createTask(() -> 2));
            assertThat(Async.waitFirstException(tasks).pending()).isEmpty();
        });
    }

    @Test
    void aTimeoutEndsTheWaitAndLeavesTheFuturesAlone() {
        kit.run(() -> {
            var pending = future();
            var waits =
                    List.<AsyncRunnable>of(
                            () -> assertNothingDone(Async.waitAll(List.of(pending), second())),
                            () -> assertNothingDone(Async.waitAny(List.of(pending), second())),
                            () ->
                                    assertNothingDone(
                                            Async.waitFirstException(List.of(pending), second())));
            for (var wait : waits) {
                wait.run();
            }
            assertThat(pending.isDone()).isFalse();
            assertThat(kit.loop().time()).isEqualTo(Duration.ofSeconds(3).toNanos());
        });
    }

    private static Duration second() {
        return Duration.ofSeconds(1);
    }

    private static void assertNothingDone(WaitResult<?> result) {
        assertThat(result.done()).isEmpty();
        assertThat(result.pending()).hasSize(1);
    }

    @Test
    void aTimeoutOfZeroOnlyLooks() {
        kit.run(() -> {
            var done = future();
            done.setResult("value");
            var pending = future();
            var result = Async.waitAll(List.of(done, pending), Duration.ZERO);
            assertThat(result.done()).containsExactly(done);
            assertThat(result.pending()).containsExactly(pending);
            assertThat(kit.loop().time()).isZero();
        });
    }

    @Test
    void aWaitThatEndsInTimeLeavesNoTimer() {
        kit.run(() -> {
            var task = Async.createTask(() -> "value");
            Async.waitAll(List.of(task), Duration.ofDays(1));
            Async.sleep(Duration.ofSeconds(1));
        });
        assertThat(kit.poller.timeouts).doesNotContain(Duration.ofDays(1).toNanos());
    }

    @Test
    void cancellingTheWaitLeavesTheChildRunning() {
        kit.run(() -> {
            var child =
                    Async.createTask(() -> {
                        Async.sleep(Duration.ofSeconds(1));
                        calls.add("child ended");
                    });
            var waiter =
                    Async.createTask(() -> {
                        Async.waitAll(List.of(child));
                    });
            Async.yieldNow();
            waiter.cancel();
            Async.waitAll(List.of(waiter));
            assertThat(waiter.isCancelled()).isTrue();
            assertThat(child.isDone()).isFalse();
            child.await();
        });
        assertThat(calls).containsExactly("child ended");
    }

    @Test
    void aFutureGivenTwiceCountsOnce() {
        kit.run(() -> {
            var task = Async.createTask(() -> "value");
            assertThat(Async.waitAll(List.of(task, task)).done()).containsExactly(task);
        });
    }

    @Test
    void thereMustBeSomethingToWaitFor() {
        kit.run(() -> {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Async.waitAll(List.of()))
                    .withMessageContaining("at least one");
        });
    }

    @Test
    void aWaitInACallbackIsRefused() {
        var refused = new Throwable[1];
        kit.loop()
                .callSoon(() ->
                        assertThatIllegalStateException()
                                .isThrownBy(() -> Async.waitAll(List.of(future())))
                                .satisfies(error -> refused[0] = error));
        kit.runOneTurn();
        assertThat(refused[0]).hasMessageContaining("callback");
    }

    @Test
    void aWaitForWhatIsDoneAlreadyReturnsItAll() {
        kit.run(() -> {
            var done = future();
            done.setResult("value");
            var pending = future();
            var result = Async.waitAny(List.of(done, pending));
            assertThat(result.done()).containsExactly(done);
            assertThat(result.pending()).containsExactly(pending);
        });
    }

    @Test
    void waitFirstExceptionReturnsAtOnceForAFailureThatIsThere() {
        kit.run(() -> {
            var failed = future();
            failed.setException(new IllegalStateException("planted"));
            var pending = future();
            var result = Async.waitFirstException(List.of(pending, failed));
            assertThat(result.done()).containsExactly(failed);
            assertThat(failed.exception()).hasMessage("planted");
        });
    }

    @Test
    void aCancelledWaitCanBeRepeatedAndLeavesNoCallbackBehind() {
        kit.run(() -> {
            var future = future();
            var waiter = Async.createTask(() -> Async.waitAll(List.of(future)));
            Async.yieldNow();
            waiter.cancel();
            Async.yieldNow();
            assertThat(waiter.isCancelled()).isTrue();
            assertThat(future.isDone()).isFalse();
            kit.loop().callSoon(() -> future.setResult("value"));
            assertThat(Async.waitAll(List.of(future)).done()).containsExactly(future);
        });
    }
}

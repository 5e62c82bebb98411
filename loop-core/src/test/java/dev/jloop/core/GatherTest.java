package dev.jloop.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

class GatherTest {
    @RegisterExtension final LoopFixture kit = LoopFixture.onVirtualTime();

    private final List<String> calls = new ArrayList<>();

    private LoopFuture<String> future() {
        return kit.loop().createFuture();
    }

    @Test
    void resultsComeInTheOrderOfTheArgumentsWhateverTheOrderOfCompletion() {
        kit.run(() -> {
            var a = future();
            var b = future();
            var c = future();
            var all = Async.gather(List.of(a, b, c));
            c.setResult("c");
            a.setResult("a");
            b.setResult("b");
            assertThat(all.await()).containsExactly("a", "b", "c");
        });
    }

    @Test
    void aFutureGivenTwiceIsAwaitedOnceAndGivesBothResults() {
        kit.run(() -> {
            var once =
                    Async.createTask(() -> {
                        calls.add("ran");
                        return "value";
                    });
            var other = Async.createTask(() -> "other");
            assertThat(Async.gather(List.of(once, other, once)).await())
                    .containsExactly("value", "other", "value");
        });
        assertThat(calls).containsExactly("ran");
    }

    @Test
    void nothingToGatherIsDoneAtOnce() {
        kit.run(() -> {
            var none = Async.<String>gather(List.of());
            assertThat(none.isDone()).isTrue();
            assertThat(none.await()).isEmpty();
        });
    }

    @Test
    void nullIsAResult() {
        kit.run(() -> {
            var none = Async.createTask(() -> {});
            assertThat(Async.gather(List.of(none)).await()).containsExactly((Void) null);
        });
    }

    @Test
    void futuresOfDifferentLoopsAreRefused() {
        try (var other = SelectorEventLoop.builder().build()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Async.gather(List.of(future(), other.<String>createFuture())))
                    .withMessageContaining(other.toString());
        }
    }

    @Test
    void theFirstFailureEndsItAtOnceAndTheOthersGoOnUnreported() {
        kit.run(() -> {
            var first = new IllegalStateException("first");
            var failing = future();
            var late = future();
            var slow =
                    Async.createTask(() -> {
                        Async.sleep(Duration.ofSeconds(1));
                        calls.add("slow ended");
                    });
            var all = Async.gather(List.of(failing, late, slow));
            failing.setException(first);
            assertThatExceptionOfType(IllegalStateException.class)
                    .isThrownBy(all::await)
                    .isSameAs(first);
            assertThat(calls).isEmpty();
            late.setException(new IllegalStateException("second"));
            slow.await();
        });
        assertThat(calls).containsExactly("slow ended");
    }

    @Test
    void aCancelledChildFailsItWithoutCancellingIt() {
        kit.run(() -> {
            var child = future();
            var all = Async.gather(List.of(child, future()));
            child.cancel("child");
            assertThatExceptionOfType(CancelledError.class)
                    .isThrownBy(all::await)
                    .withMessage("child");
            assertThat(all.isCancelled()).isFalse();
        });
    }

    @Test
    void settledHoldsValuesFailuresAndCancellationsInPlace() {
        kit.run(() -> {
            var failure = new IllegalStateException("failure");
            var value = Async.createTask(() -> "value");
            var failed =
                    Async.createTask(
                            (Callable<String>)
                                    () -> {
                                        throw failure;
                                    });
            var cancelled = future();
            cancelled.cancel("cancelled");

            var outcomes = Async.gatherSettled(List.of(value, failed, cancelled)).await();

            assertThat(outcomes).hasSize(3);
            assertThat(outcomes.get(0)).isEqualTo(new Outcome.Success<>("value"));
            assertThat(outcomes.get(1)).isEqualTo(new Outcome.Failure<>(failure));
            assertThat(outcomes.get(2))
                    .isInstanceOfSatisfying(
                            Outcome.Cancelled.class,
                            outcome -> assertThat(outcome.cancellation()).hasMessage("cancelled"));
        });
    }

    @Test
    void cancellingTheAwaiterCancelsAllChildren() {
        kit.run(() -> {
            var children =
                    List.of(
                            Async.createTask(this::waitForEver),
                            Async.createTask(this::waitForEver));
            for (var settled : List.of(false, true)) {
                var awaiter =
                        Async.createTask(() -> {
                            if (settled) {
                                Async.gatherSettled(children).await();
                            } else {
                                Async.gather(children).await();
                            }
                        });
                Async.yieldNow();
                awaiter.cancel("enough");
                Async.waitAll(List.of(awaiter));
                assertThat(awaiter.isCancelled()).isTrue();
                assertThat(children).allMatch(LoopFuture::isCancelled);
            }
        });
    }

    private String waitForEver() {
        return future().await();
    }

    @Test
    void aCancelledSettledGatherRaisesTheCancellationWhenAllChildrenHaveCleanedUp() {
        kit.run(() -> {
            var child =
                    Async.createTask(() -> {
                        try {
                            waitForEver();
                        } finally {
                            Async.sleep(Duration.ofSeconds(1));
                        }
                    });
            var all = Async.gatherSettled(List.of(child));
            Async.yieldNow();
            assertThat(all.cancel("enough")).isTrue();
            assertThatExceptionOfType(CancelledError.class)
                    .isThrownBy(all::await)
                    .withMessage("enough");
            assertThat(kit.loop().time()).isEqualTo(Duration.ofSeconds(1).toNanos());
        });
    }

    @Test
    void onceAllChildrenAreDoneItCannotBeCancelled() {
        kit.run(() -> {
            var child = future();
            var all = Async.gather(List.of(child));
            child.setResult("value");
            assertThat(all.cancel()).isFalse();
            assertThat(all.await()).containsExactly("value");
            assertThat(all.cancel()).isFalse();
        });
    }

    @Test
    void theListIsUnmodifiable() {
        kit.run(() -> {
            var all = Async.gather(List.of(Async.createTask(() -> "value"))).await();
            assertThatExceptionOfType(UnsupportedOperationException.class)
                    .isThrownBy(() -> all.add("other"));
        });
    }

    @Test
    void aGatherOfGathersGivesListsOfLists() {
        kit.run(() -> {
            var left = Async.gather(List.of(Async.createTask(() -> 1), Async.createTask(() -> 2)));
            var right = Async.gather(List.of(Async.createTask(() -> 3)));
            assertThat(Async.gather(List.of(left, right)).await())
                    .containsExactly(List.of(1, 2), List.of(3));
        });
    }

    @Test
    void cancellingAnOuterGatherReachesTheTasksOfTheInnerOne() {
        kit.run(() -> {
            var future = future();
            var task = Async.createTask(future::await);
            var outer = Async.gather(List.of(Async.gather(List.of(task))));
            Async.yieldNow();
            assertThat(outer.cancel("enough")).isTrue();
            assertThatExceptionOfType(CancelledError.class).isThrownBy(outer::await);
            assertThat(task.isCancelled()).isTrue();
            assertThat(future.isCancelled()).isTrue();
        });
    }

    @Test
    void aChildThatIsDoneBeforeTheGatherCounts() {
        kit.run(() -> {
            var done = future();
            done.setResult("done");
            var pending = future();
            kit.loop().callSoon(() -> pending.setResult("later"));
            assertThat(Async.gather(List.of(done, pending)).await())
                    .containsExactly("done", "later");
        });
    }

    @Test
    void aFailureAfterTheGatherHasFailedIsNotReported() {
        kit.run(() -> {
            var first = future();
            var second = future();
            var all = Async.gather(List.of(first, second));
            first.setException(new IllegalStateException("first"));
            second.setException(new IllegalStateException("second"));
            assertThatExceptionOfType(IllegalStateException.class)
                    .isThrownBy(all::await)
                    .withMessage("first");
        });
        // The fixture fails on a report.
    }
}

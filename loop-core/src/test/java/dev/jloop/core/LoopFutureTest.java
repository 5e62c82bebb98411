package dev.jloop.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;

class LoopFutureTest {
    @RegisterExtension final LoopFixture kit = LoopFixture.onVirtualTime();

    private final List<String> calls = new ArrayList<>();

    private LoopFuture<String> future() {
        return kit.loop().createFuture();
    }

    private Consumer<LoopFuture<String>> note(String call) {
        return _ -> calls.add(call);
    }

    @Test
    void aPendingFutureHasNeitherResultNorException() {
        var future = future();
        assertThat(future.isDone()).isFalse();
        assertThat(future.isCancelled()).isFalse();
        assertThatExceptionOfType(InvalidStateException.class).isThrownBy(future::result);
        assertThatExceptionOfType(InvalidStateException.class).isThrownBy(future::exception);
        assertThat(future.loop()).isSameAs(kit.loop());
        assertThat(future).hasToString("LoopFuture[pending]");
    }

    @Test
    void aFinishedFutureGivesItsResultAndTakesNoOther() {
        var future = future();
        future.setResult("first");
        assertThat(future.isDone()).isTrue();
        assertThat(future.result()).isEqualTo("first");
        assertThat(future.exception()).isNull();
        assertThatExceptionOfType(InvalidStateException.class)
                .isThrownBy(() -> future.setResult("second"))
                .withMessageContaining("first");
        assertThatExceptionOfType(InvalidStateException.class)
                .isThrownBy(() -> future.setException(new IOException()));
        assertThat(future.cancel()).isFalse();
        assertThat(future.isCancelled()).isFalse();
        assertThat(future.result()).isEqualTo("first");
    }

    @Test
    void aResultMayBeNull() {
        var future = future();
        future.setResult(null);
        assertThat(future.result()).isNull();
        assertThat(future.isDone()).isTrue();
    }

    @Test
    void aFailedFutureThrowsTheSameUncheckedExceptionOrError() {
        var unchecked = new IllegalArgumentException("unchecked");
        var failed = future();
        failed.setException(unchecked);
        assertThat(failed.exception()).isSameAs(unchecked);
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(failed::result)
                .isSameAs(unchecked);

        var error = new AssertionError("error");
        var broken = future();
        broken.setException(error);
        assertThatExceptionOfType(AssertionError.class).isThrownBy(broken::result).isSameAs(error);
    }

    @Test
    void aFailedFutureThrowsACheckedExceptionAsACauseWithTheStackOfTheAsker() {
        var checked = new IOException("checked");
        var failed = future();
        failed.setException(checked);
        assertThat(failed.exception()).isSameAs(checked);
        assertThatExceptionOfType(CompletionException.class)
                .isThrownBy(failed::result)
                .withCause(checked)
                .satisfies(wrapper ->
                        assertThat(wrapper.getStackTrace())
                                .anyMatch(frame ->
                                        frame.getClassName().equals(getClass().getName())));
    }

    @Test
    void anExceptionMayNotBeNull() {
        assertThatNullPointerException().isThrownBy(() -> future().setException(null));
    }

    @Test
    void aCancelledFutureRaisesTheMessageEachTimeInAnErrorOfItsOwn() {
        var future = future();
        assertThat(future.cancel("too late")).isTrue();
        assertThat(future.cancel("again")).isFalse();
        assertThat(future.isDone()).isTrue();
        assertThat(future.isCancelled()).isTrue();
        var errors = new ArrayList<Throwable>();
        for (var i = 0; i < 2; i++) {
            assertThatExceptionOfType(CancelledError.class)
                    .isThrownBy(future::result)
                    .withMessage("too late")
                    .satisfies(errors::add);
        }
        assertThat(errors.get(0)).isNotSameAs(errors.get(1));
        assertThatExceptionOfType(CancelledError.class).isThrownBy(future::exception);
        assertThat(future).hasToString("LoopFuture[cancelled: too late]");
    }

    @Test
    void doneCallbacksRunOnTheNextTurnInTheOrderTheyWereAdded() {
        var future = future();
        future.addDoneCallback(note("first"));
        future.addDoneCallback(note("second"));
        future.addDoneCallback(done -> calls.add(done.result()));
        future.setResult("value");
        assertThat(calls).isEmpty();

        kit.runOneTurn();

        assertThat(calls).containsExactly("first", "second", "value");
    }

    @Test
    void aCallbackAddedToADoneFutureRunsOnTheNextTurn() {
        var future = future();
        future.setResult("value");
        future.addDoneCallback(note("late"));
        assertThat(calls).isEmpty();

        kit.runOneTurn();

        assertThat(calls).containsExactly("late");
    }

    @Test
    void cancellingRunsTheDoneCallbacksToo() {
        var future = future();
        future.addDoneCallback(done -> calls.add("cancelled " + done.isCancelled()));
        future.cancel();

        kit.runOneTurn();

        assertThat(calls).containsExactly("cancelled true");
    }

    @Test
    void removingACallbackRemovesAllItsRegistrationsAndCountsThem() {
        var future = future();
        var removed = note("removed");
        for (var i = 0; i < 6; i++) {
            future.addDoneCallback(removed);
        }
        future.addDoneCallback(note("kept"));

        assertThat(future.removeDoneCallback(removed)).isEqualTo(6);
        assertThat(future.removeDoneCallback(removed)).isZero();
        future.setResult("value");
        kit.runOneTurn();

        assertThat(calls).containsExactly("kept");
    }

    @Test
    void theOnlyCallbackCanBeRemoved() {
        var future = future();
        var removed = note("removed");
        assertThat(future.removeDoneCallback(removed)).isZero();
        future.addDoneCallback(removed);
        assertThat(future.removeDoneCallback(note("another"))).isZero();
        assertThat(future.removeDoneCallback(removed)).isEqualTo(1);
        future.setResult("value");
        kit.runOneTurn();
        assertThat(calls).isEmpty();
    }

    @Test
    void anEqualsMethodThatRemovesAnotherCallbackDoesNoHarm() {
        var future = future();
        var kept = note("removed by the equals method");
        class Meddling implements Consumer<LoopFuture<String>> {
            private boolean meddled;

            @Override
            public void accept(LoopFuture<String> done) {
                calls.add("meddling");
            }

            @Override
            public boolean equals(Object other) {
                if (!meddled) {
                    meddled = true;
                    future.removeDoneCallback(kept);
                }
                return other == this;
            }

            @Override
            public int hashCode() {
                return 1;
            }
        }
        future.addDoneCallback(new Meddling());
        future.addDoneCallback(kept);
        future.addDoneCallback(note("last"));

        assertThat(future.removeDoneCallback(note("other"))).isZero();
        future.setResult("value");
        kit.runOneTurn();

        assertThat(calls).containsExactly("meddling", "last");
    }

    @Test
    void aDoneCallbackThatThrowsIsReportedAndTheOthersRun() {
        var failure = new IllegalStateException("callback");
        var future = future();
        future.addDoneCallback(_ -> {
            throw failure;
        });
        future.addDoneCallback(note("other"));
        future.setResult("value");

        kit.runOneTurn();

        assertThat(calls).containsExactly("other");
        var report = kit.takeOnlyReport();
        assertThat(report.exception()).isSameAs(failure);
        assertThat(report.message()).contains("done callback");
    }

    @Test
    void manyCoroutinesMayAwaitOneFuture() {
        kit.run(() -> {
            var future = future();
            var waiters = new ArrayList<Task<String>>();
            for (var i = 0; i < 3; i++) {
                waiters.add(Async.createTask(future::await));
            }
            Async.yieldNow();
            future.setResult("value");
            assertThat(Async.gather(waiters).await()).containsExactly("value", "value", "value");
        });
    }

    @Test
    void awaitThrowsWhatTheFutureFailedWith() {
        kit.run(() -> {
            var unchecked = new IllegalArgumentException();
            var future = future();
            kit.loop().callSoon(() -> future.setException(unchecked));
            assertThatExceptionOfType(IllegalArgumentException.class)
                    .isThrownBy(future::await)
                    .isSameAs(unchecked);

            var checked = new IOException();
            var other = future();
            kit.loop().callSoon(() -> other.setException(checked));
            assertThatExceptionOfType(CompletionException.class)
                    .isThrownBy(other::await)
                    .withCause(checked);
        });
    }

    @Test
    void aTimerThatCompletesACancelledSleepDoesNotThrow() {
        kit.run(() -> {
            var sleeper = Async.createTask(() -> Async.sleep(java.time.Duration.ofMillis(1)));
            Async.yieldNow();
            // Due in the very turn in which the sleep is cancelled.
            kit.clock.advance(java.time.Duration.ofMillis(1));
            kit.loop().callSoon(() -> sleeper.cancel());
            Async.waitAll(List.of(sleeper));
            assertThat(sleeper.isCancelled()).isTrue();
        });
    }

    @Test
    void aCallbackAddedByACallbackRunsOneTurnLater() {
        var future = future();
        future.addDoneCallback(_ -> {
            calls.add("first");
            future.addDoneCallback(note("third"));
        });
        future.addDoneCallback(note("second"));
        future.setResult("value");
        kit.runOneTurn();
        assertThat(calls).containsExactly("first", "second");
        kit.runOneTurn();
        assertThat(calls).containsExactly("first", "second", "third");
    }

    @Test
    void aCallbackRemovedByTheOneBeforeItInTheSameTurnStillRuns() {
        var future = future();
        var second = note("second");
        var removed = new ArrayList<Integer>();
        future.addDoneCallback(done -> removed.add(done.removeDoneCallback(second)));
        future.addDoneCallback(second);
        future.setResult("value");
        kit.runOneTurn();
        assertThat(removed).as("it was scheduled already").containsExactly(0);
        assertThat(calls).containsExactly("second");
    }

    @Test
    void aCallbackGivenToSeveralFuturesRunsForEachWithThatFuture() {
        var first = future();
        var second = future();
        var given = new ArrayList<LoopFuture<?>>();
        Consumer<LoopFuture<String>> callback = given::add;
        first.addDoneCallback(callback);
        second.addDoneCallback(callback);
        second.setResult("second");
        first.setResult("first");
        kit.runOneTurn();
        assertThat(given).containsExactly(second, first);
    }

    @Test
    void awaitingAFutureThatWasCancelledBeforeThrowsAtOnceWithItsMessage() {
        var future = future();
        future.cancel("too late");
        kit.run(() -> {
            kit.loop().callSoon(() -> calls.add("other"));
            assertThatExceptionOfType(CancelledError.class)
                    .isThrownBy(future::await)
                    .withMessage("too late");
            assertThat(calls).as("nothing ran in between").isEmpty();
            assertThat(Async.currentTask().cancelling()).isZero();
        });
    }

    @Test
    void eachAwaiterOfACancelledFutureGetsAnErrorOfItsOwn() {
        kit.run(() -> {
            var future = future();
            var errors = new ArrayList<CancelledError>();
            for (var i = 0; i < 2; i++) {
                Async.createTask(() -> {
                    try {
                        future.await();
                    } catch (CancelledError error) {
                        errors.add(error);
                    }
                });
            }
            Async.yieldNow();
            future.cancel("enough");
            Async.yieldNow();
            assertThat(errors)
                    .extracting(Throwable::getMessage)
                    .containsExactly("enough", "enough");
            assertThat(errors.getFirst()).isNotSameAs(errors.getLast());
        });
    }
}

package dev.jloop.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BiConsumer;

class StageFuturesTest {
    @RegisterExtension final LoopFixture kit = LoopFixture.onVirtualTime();

    @Test
    void aResultOfAnotherThreadArrivesOnTheLoop() {
        kit.run(() -> {
            var stage = new CompletableFuture<String>();
            var future = LoopFuture.from(stage);
            Thread.ofPlatform().start(() -> stage.complete("value"));
            assertThat(future.await()).isEqualTo("value");
            assertThat(EventLoop.current()).isSameAs(kit.loop());
        });
    }

    @Test
    void aStageThatIsDoneAlreadyGivesItsResult() {
        kit.run(() -> {
            assertThat(LoopFuture.from(CompletableFuture.completedFuture("value")).await())
                    .isEqualTo("value");
        });
    }

    @Test
    void aFailureArrivesUnwrapped() {
        kit.run(() -> {
            var failure = new IOException("stage");
            var plain = LoopFuture.from(CompletableFuture.<String>failedFuture(failure));
            var wrapped =
                    LoopFuture.from(
                            CompletableFuture.<String>failedFuture(failure).thenApply(v -> v));
            for (var future : List.of(plain, wrapped)) {
                assertThatExceptionOfType(CompletionException.class)
                        .isThrownBy(future::await)
                        .withCause(failure);
                assertThat(future.exception()).isSameAs(failure);
            }
        });
    }

    @Test
    void cancellingTheWrapperCancelsTheStage() {
        kit.run(() -> {
            var stage = new CompletableFuture<String>();
            var future = LoopFuture.from(stage);
            future.cancel();
            Async.yieldNow();
            assertThat(stage).isCancelled();
        });
    }

    @Test
    void cancellingTheWrapperOfAStageThatIsDoneKeepsItsResult() {
        kit.run(() -> {
            var stage = new CompletableFuture<String>();
            var future = LoopFuture.from(stage);
            stage.complete("value");
            future.cancel();
            Async.yieldNow();
            Async.yieldNow();
            assertThat(stage).isCompletedWithValue("value");
            assertThat(future.isCancelled()).isTrue();
        });
    }

    @Test
    void aCancelledStageCancelsTheWrapper() {
        kit.run(() -> {
            var stage = new CompletableFuture<String>();
            var direct = LoopFuture.from(stage);
            var dependent = LoopFuture.from(stage.thenApply(value -> value));
            stage.cancel(false);
            assertThatExceptionOfType(CancelledError.class).isThrownBy(direct::await);
            assertThatExceptionOfType(CancelledError.class).isThrownBy(dependent::await);
            assertThat(dependent.isCancelled()).isTrue();
        });
    }

    @Test
    void aCompletableFutureEndsAsTheLoopFutureDoes() {
        kit.run(() -> {
            var value = kit.loop().<String>createFuture();
            var ofValue = value.toCompletableFuture();
            value.setResult("value");
            var failure = new IOException("failure");
            var failed = kit.loop().<String>createFuture();
            var ofFailed = failed.toCompletableFuture();
            failed.setException(failure);
            var cancelled = kit.loop().<String>createFuture();
            var ofCancelled = cancelled.toCompletableFuture();
            cancelled.cancel();
            assertThat(ofValue).isNotDone();

            Async.yieldNow();

            assertThat(ofValue).isCompletedWithValue("value");
            assertThat(ofFailed.exceptionNow()).isSameAs(failure);
            assertThat(ofCancelled).isCancelled();
        });
    }

    @Test
    void anotherThreadMayBlockOnTheCompletableFuture() throws InterruptedException {
        var future = kit.loop().<String>createFuture();
        var completable = future.toCompletableFuture();
        var seen = new CompletableFuture<String>();
        var other = Thread.ofPlatform().start(() -> seen.complete(completable.join()));
        kit.loop().callSoon(() -> future.setResult("value"));
        kit.runTurns(2);
        other.join();
        assertThat(seen).isCompletedWithValue("value");
    }

    @Test
    void cancellingTheCompletableFutureOnAnotherThreadCancelsTheLoopFuture()
            throws InterruptedException {
        var future = kit.loop().<String>createFuture();
        var completable = future.toCompletableFuture();
        var other = Thread.ofPlatform().start(() -> completable.cancel(true));
        other.join();
        assertThat(future.isDone()).isFalse();
        kit.runOneTurn();
        assertThat(future.isCancelled()).isTrue();
    }

    @Test
    void aStageThatEndsAfterItsLoopHasClosedDisturbsNobody() {
        var stage = new CompletableFuture<String>();
        kit.run(() -> {
            LoopFuture.from(stage);
        });
        kit.loop().close();
        stage.complete("late");
        assertThat(stage).isCompletedWithValue("late");
    }

    @Test
    void anotherThreadThatWaitsForAPendingFutureIsReleasedWhenTheLoopCloses() {
        var completable = kit.loop().<String>createFuture().toCompletableFuture();
        kit.loop().close();
        assertThat(completable).isCancelled();
    }

    @Test
    void aStageIsWrappedOnALoopOnly() {
        assertThatIllegalStateException()
                .isThrownBy(() -> LoopFuture.from(new CompletableFuture<String>()))
                .withMessageContaining("no event loop runs");
    }

    @Test
    void aStageThatCannotBeCancelledGoesOnAlone() {
        kit.run(() -> {
            var source = new CompletableFuture<String>();
            for (var stage : List.of(source.minimalCompletionStage(), new OwnStage<>(source))) {
                var future = LoopFuture.from(stage);
                future.cancel();
                Async.yieldNow();
                assertThat(future.isCancelled()).isTrue();
                assertThat(source).isNotDone();
            }
            source.complete("dropped");
            Async.yieldNow();
        });
    }

    /// One that lets nobody else end it, as its interface allows.
    private static final class OwnStage<T> extends CompletableFuture<T> {
        OwnStage(CompletableFuture<T> source) {
            var _ = source.thenAccept(this::complete);
        }

        @Override
        public CompletableFuture<T> toCompletableFuture() {
            throw new UnsupportedOperationException("this stage is its maker's");
        }
    }

    @Test
    void aStageThatCannotBeWatchedLeavesNoWorkOutsideBehind() {
        kit.run(() -> {
            var broken =
                    new CompletableFuture<String>() {
                        @Override
                        public CompletableFuture<String> whenComplete(
                                BiConsumer<? super String, ? super Throwable> action) {
                            throw new IllegalStateException("broken");
                        }
                    };
            assertThatIllegalStateException()
                    .isThrownBy(() -> LoopFuture.from(broken))
                    .withMessage("broken");
            assertThatNullPointerException().isThrownBy(() -> LoopFuture.from(null));
        });
        assertThat(kit.loop().outsideWorkCount()).isZero();
    }

    @Test
    void aResultThatIsThereBeforeTheCancellationArrivesIsKept() {
        kit.run(() -> {
            var future = kit.loop().<String>createFuture();
            var completable = future.toCompletableFuture();
            future.setResult("value");
            completable.cancel(false);
            Async.yieldNow();
            assertThat(future.await()).isEqualTo("value");
            assertThat(completable).isCancelled();
        });
    }

    @Test
    void aCancelledErrorOfAStageIsNoCancellationOfTheWrapper() {
        kit.run(() -> {
            var failure = new CancelledError("elsewhere");
            var future = LoopFuture.from(CompletableFuture.<String>failedFuture(failure));
            assertThatExceptionOfType(CancelledError.class)
                    .isThrownBy(future::await)
                    .isSameAs(failure);
            assertThat(future.isCancelled()).isFalse();
        });
    }

    @Test
    void aFailureThatAThreadHasSeenIsNotReportedAsUnseen() {
        var future = kit.loop().<String>createFuture();
        var completable = future.toCompletableFuture();
        future.setException(new IOException("failure"));
        kit.runOneTurn();
        assertThat(completable).isCompletedExceptionally();
        kit.loop().close();
        assertThat(kit.takeReports()).isEmpty();
    }

    @Test
    void aFutureThatIsDoneGivesItsResultAlsoWhenItsLoopIsClosed() {
        var done = kit.loop().<String>createFuture();
        done.setResult("value");
        kit.loop().close();
        assertThat(done.toCompletableFuture()).isCompletedWithValue("value");
    }
}

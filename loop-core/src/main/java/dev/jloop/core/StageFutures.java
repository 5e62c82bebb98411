package dev.jloop.core;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/// Bridges between futures of a loop and the JDK's. Results are copied on the loop's thread; a
/// cancellation of either side reaches the other.
final class StageFutures {
    private StageFutures() {}

    static <T extends @Nullable Object> LoopFuture<T> from(
            CompletionStage<T> stage, SelectorEventLoop loop) {
        var future = new DefaultFuture<T>(loop);
        var work = loop.beginOutsideWork("CompletionStage " + stage);
        future.addDoneCallback(done -> {
            work.close();
            if (done.isCancelled()) {
                stage.toCompletableFuture().cancel(false);
            }
        });
        stage.whenComplete((value, failure) -> submit(loop, () -> copy(value, failure, future)));
        return future;
    }

    private static <T extends @Nullable Object> void copy(
            T value, @Nullable Throwable failure, DefaultFuture<T> future) {
        if (future.isDone()) {
            return; // cancelled meanwhile
        }
        switch (failure) {
            case null -> future.setResult(value);
            case CancellationException cancelled -> future.cancel(cancelled.getMessage());
            case CompletionException wrapped
                    when wrapped.getCause() instanceof CancellationException cancelled ->
                    future.cancel(cancelled.getMessage());
            case CompletionException wrapped when wrapped.getCause() != null ->
                    future.setException(wrapped.getCause());
            default -> future.setException(failure);
        }
    }

    static <T extends @Nullable Object> CompletableFuture<T> toCompletable(
            DefaultFuture<T> future) {
        var result = new CompletableFuture<T>();
        future.addDoneCallback(done -> {
            switch (Outcome.of(done)) {
                case Outcome.Success<T>(var value) -> result.complete(value);
                case Outcome.Failure<T>(var exception) -> result.completeExceptionally(exception);
                case Outcome.Cancelled<T> _ -> result.cancel(false);
            }
        });
        var _ =
                result.whenComplete((_, failure) -> {
                    if (failure instanceof CancellationException) {
                        submit(future.loop(), () -> future.cancel(failure.getMessage()));
                    }
                });
        return result;
    }

    /// A closed loop has ended its futures already, so there is nobody left to tell.
    private static void submit(SelectorEventLoop loop, Runnable callback) {
        if (!loop.isClosed()) {
            loop.submitUnlessClosed(callback);
        }
    }
}

package dev.jloop.core;

import org.jspecify.annotations.Nullable;

import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/// Bridges between the futures of one loop and the JDK's. Results are copied on the loop's thread;
/// a cancellation of either side reaches the other.
final class StageFutures {
    private final SelectorEventLoop loop;

    /// Handed out and not done. Other threads may wait for them, so a closing loop may not forget
    /// them.
    private final Set<CompletableFuture<?>> handedOut = ConcurrentHashMap.newKeySet();

    StageFutures(SelectorEventLoop loop) {
        this.loop = loop;
    }

    <T extends @Nullable Object> LoopFuture<T> from(CompletionStage<T> stage) {
        var future = new DefaultFuture<T>(loop, Objects.requireNonNull(stage, "stage"));
        stage.whenComplete(
                (value, failure) -> loop.submitUnlessClosed(() -> copy(value, failure, future)));
        var work = loop.beginOutsideWork("CompletionStage " + Descriptions.of(stage));
        future.addDoneCallback(done -> {
            work.close();
            if (done.isCancelled()) {
                cancel(stage);
            }
        });
        return future;
    }

    private static void cancel(CompletionStage<?> stage) {
        CompletableFuture<?> future;
        try {
            future = stage.toCompletableFuture();
        } catch (UnsupportedOperationException _) {
            return; // a stage that nobody but its maker can end goes on, and its result is dropped
        }
        future.cancel(false);
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

    <T extends @Nullable Object> CompletableFuture<T> toCompletable(DefaultFuture<T> future) {
        loop.checkThread("toCompletableFuture");
        var result = new CompletableFuture<T>();
        if (future.isDone()) { // of a closed loop too
            complete(result, Outcome.of(future));
            return result;
        }
        add(result);
        future.addDoneCallback(done -> complete(result, Outcome.of(done)));
        var _ =
                result.whenComplete((_, failure) -> {
                    if (failure instanceof CancellationException) {
                        loop.submitUnlessClosed(() -> future.cancel(failure.getMessage()));
                    }
                });
        return result;
    }

    private static <T extends @Nullable Object> void complete(
            CompletableFuture<T> result, Outcome<T> outcome) {
        switch (outcome) {
            case Outcome.Success<T>(var value) -> result.complete(value);
            case Outcome.Failure<T>(CancelledError _) -> result.cancel(false); // of a gather
            case Outcome.Failure<T>(var exception) -> result.completeExceptionally(exception);
            case Outcome.Cancelled<T> _ -> result.cancel(false);
        }
    }

    /// Sees to it that `future` does not outlive the loop. Any thread.
    @SuppressWarnings("UndefinedEquals") // by identity
    void add(CompletableFuture<?> future) {
        handedOut.add(future);
        var _ = future.whenComplete((_, _) -> handedOut.remove(future));
    }

    /// Cancels what other threads may still wait for.
    void close() {
        handedOut.forEach(future -> future.cancel(false));
    }
}

package dev.jloop.core;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.concurrent.Callable;

/// Coroutines started one after the other, of which the first to return wins.
final class StaggeredRace<T extends @Nullable Object> {
    private final List<Callable<? extends T>> starters;
    private final @Nullable Duration delay;
    private final TaskGroup group = new TaskGroup();
    private final List<@Nullable Throwable> exceptions = new ArrayList<>();
    private OptionalInt winner = OptionalInt.empty();
    private @Nullable T value;

    /// Done when the coroutine started last has failed, a cancellation of its own included;
    /// cancelled when the race is.
    private @Nullable DefaultFuture<@Nullable Void> newestFailed;

    /// @param delay null to start the next one only when the one before has failed
    StaggeredRace(List<? extends Callable<? extends T>> starters, @Nullable Duration delay) {
        this.starters = List.copyOf(starters);
        this.delay = delay;
        if (delay != null && delay.isNegative()) {
            throw new IllegalArgumentException(
                    "the delay between two starts cannot be negative: " + delay);
        }
    }

    /// Suspends until one has won and the others have ended, or all have failed.
    RaceResult<T> run() {
        group.run(this::startAll);
        return new RaceResult<>(winner, value, exceptions);
    }

    private void startAll() {
        for (var i = 0; i < starters.size(); i++) {
            var index = i;
            var failed =
                    new DefaultFuture<@Nullable Void>(
                            CurrentLoop.require(), "a coroutine of a race that fails");
            newestFailed = failed;
            exceptions.add(null);
            group.createTask(() -> runOne(index), "racer " + index);
            if (delay == null) {
                failed.await();
            } else {
                Async.waitAny(List.of(failed), delay);
            }
        }
    }

    private void runOne(int index) throws Exception {
        try {
            var result = starters.get(index).call();
            if (winner.isEmpty()) {
                winner = OptionalInt.of(index);
                value = result;
                group.cancel();
            }
        } catch (Exception | Error failure) {
            Failures.rethrowIfFatal(failure);
            exceptions.set(index, failure);
            if (index == exceptions.size() - 1) {
                Objects.requireNonNull(newestFailed).finishUnlessDone(null);
            }
            if (failure instanceof CancelledError cancellation) {
                throw cancellation;
            }
        }
    }
}

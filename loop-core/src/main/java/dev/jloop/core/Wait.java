package dev.jloop.core;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Set;

/// One wait for several futures, which goes on for as long as [Until] says. Leaves the futures
/// alone.
///
/// @param <F> the type of the futures
final class Wait<F extends LoopFuture<?>> {
    enum Until {
        ALL_DONE,
        FIRST_DONE,
        FIRST_FAILED
    }

    private final Set<F> futures;
    private final Until until;
    private final SelectorEventLoop loop;
    private final DefaultFuture<@Nullable Void> over;
    private int pending;

    private Wait(Collection<? extends F> futures, Until until) {
        if (futures.isEmpty()) {
            throw new IllegalArgumentException(
                    "there is nothing to wait for: give at least one future");
        }
        this.futures = new LinkedHashSet<>(futures);
        this.until = until;
        this.loop = Futures.commonLoop("a wait", this.futures);
        this.over = new DefaultFuture<>(loop, this);
        this.pending = this.futures.size();
    }

    /// Suspends until the wait is over or the time is.
    ///
    /// @param timeout null for no limit
    static <F extends LoopFuture<?>> WaitResult<F> until(
            Until until, Collection<? extends F> futures, @Nullable Duration timeout) {
        return new Wait<F>(futures, until).await(timeout);
    }

    private WaitResult<F> await(@Nullable Duration timeout) {
        loop.execution()
                .taskAwaiting(over); // refuse a call from elsewhere before anything is registered
        var timer = timeout == null ? null : loop.callLater(timeout, this::end);
        var callbacks =
                futures.stream()
                        .map(future -> new Registration(future, () -> futureDone(future)))
                        .toList();
        callbacks.forEach(Registration::add);
        try {
            over.await();
        } finally {
            callbacks.forEach(Registration::remove);
            if (timer != null) {
                timer.cancel();
            }
        }
        return result();
    }

    /// Any thread. {@return what is waited for}
    Set<F> futures() {
        return futures;
    }

    private record Registration(LoopFuture<?> future, Runnable callback) {
        void add() {
            Futures.whenDone(future, callback);
        }

        void remove() {
            Futures.forget(future, callback);
        }
    }

    private void futureDone(F future) {
        pending--;
        var enough =
                switch (until) {
                    case ALL_DONE -> false;
                    case FIRST_DONE -> true;
                    case FIRST_FAILED -> Futures.hasFailed(future);
                };
        if (enough || pending == 0) {
            end();
        }
    }

    private void end() {
        over.finishUnlessDone(null);
    }

    /// Looked at when the waiter runs again, which may be after more futures have ended.
    private WaitResult<F> result() {
        var done = new LinkedHashSet<F>();
        var stillPending = new LinkedHashSet<F>();
        for (var future : futures) {
            (future.isDone() ? done : stillPending).add(future);
        }
        return new WaitResult<>(
                Collections.unmodifiableSet(done), Collections.unmodifiableSet(stillPending));
    }

    @Override
    public String toString() {
        var what =
                switch (until) {
                    case ALL_DONE -> "all";
                    case FIRST_DONE -> "the first";
                    case FIRST_FAILED -> "the first failure";
                };
        return what + " of " + Futures.count(futures);
    }
}

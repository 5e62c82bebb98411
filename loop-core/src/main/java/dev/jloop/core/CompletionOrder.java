package dev.jloop.core;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NoSuchElementException;

/// Futures in the order in which they are done. One pass over them.
///
/// @param <F> the type of the futures
final class CompletionOrder<F extends LoopFuture<?>> implements Iterator<F> {
    private final SelectorEventLoop loop;
    private final @Nullable Duration timeout;
    private final Map<F, Runnable> pending = new LinkedHashMap<>();
    private final Deque<F> done = new ArrayDeque<>();
    private final @Nullable TimerHandle timer;
    private int left;
    private boolean timedOut;
    private @Nullable DefaultFuture<@Nullable Void> next;

    CompletionOrder(Collection<? extends F> futures, @Nullable Duration timeout) {
        this.loop = Futures.commonLoop("asCompleted", futures);
        this.timeout = timeout;
        for (var future : futures) {
            pending.put(future, () -> futureDone(future));
        }
        left = pending.size();
        pending.forEach(Futures::whenDone);
        timer = timeout == null || left == 0 ? null : loop.callLater(timeout, this::timeIsOver);
    }

    @Override
    public boolean hasNext() {
        return left > 0;
    }

    /// Suspends until one more is done.
    @Override
    public F next() {
        if (left == 0) {
            throw new NoSuchElementException("all futures were handed out");
        }
        while (done.isEmpty() && !timedOut) {
            next = new DefaultFuture<>(loop, this);
            next.await();
        }
        left--;
        var future = done.poll();
        if (future == null) {
            throw new TimedOutException((left + 1) + " futures were not done within " + timeout);
        }
        return future;
    }

    /// {@return what was not done yet; may be read by another thread where the loop is at rest}
    Collection<F> pending() {
        return pending.keySet();
    }

    @Override
    public String toString() {
        return "the next of " + left + " futures";
    }

    private void futureDone(F future) {
        pending.remove(future);
        done.add(future);
        if (pending.isEmpty() && timer != null) {
            timer.cancel();
        }
        wake();
    }

    private void timeIsOver() {
        timedOut = true;
        pending.forEach(Futures::forget);
        pending.clear();
        wake();
    }

    private void wake() {
        if (next != null) {
            next.finishUnlessDone(null);
        }
    }
}

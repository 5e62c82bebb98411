package dev.jloop.netty;

import dev.jloop.core.LoopException;
import dev.jloop.core.TimerHandle;

import io.netty.util.concurrent.DefaultPromise;
import io.netty.util.concurrent.ScheduledFuture;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.Callable;
import java.util.concurrent.Delayed;
import java.util.concurrent.TimeUnit;

/// A timer of the loop as Netty's handlers see it.
final class ScheduledCall<V> extends DefaultPromise<V> implements ScheduledFuture<V> {
    private final LoopExecutor executor;
    private final Callable<V> callable;

    /// Zero for a single call; positive for a fixed rate; negative for a fixed pause.
    private final long periodNanos;

    private volatile long deadlineNanos;

    /// Loop thread only.
    private @Nullable TimerHandle timer;

    ScheduledCall(
            LoopExecutor executor, Callable<V> callable, long deadlineNanos, long periodNanos) {
        super(executor);
        this.executor = executor;
        this.callable = callable;
        this.deadlineNanos = deadlineNanos;
        this.periodNanos = periodNanos;
    }

    ScheduledCall<V> start() {
        if (executor.inEventLoop() && !executor.isClosing()) {
            arm();
        } else {
            executor.execute(this::arm);
        }
        return this;
    }

    private void arm() {
        if (!isDone() && !executor.isClosing()) {
            timer = executor.loop().callAt(deadlineNanos, this::run);
        }
    }

    private void run() {
        timer = null;
        if (periodNanos == 0) {
            runOnce();
        } else if (!isDone()) {
            runAgain();
        }
    }

    private void runOnce() {
        if (!setUncancellable()) {
            return;
        }
        try {
            trySuccess(callable.call());
        } catch (Throwable failure) {
            failed(failure);
        }
    }

    private void runAgain() {
        try {
            callable.call();
        } catch (Throwable failure) {
            failed(failure);
            return;
        }
        deadlineNanos =
                periodNanos > 0
                        ? deadlineNanos + periodNanos
                        : executor.loop().time() - periodNanos;
        arm();
    }

    /// Hardly anybody looks at the future of a timer, so the loop is told too.
    private void failed(Throwable failure) {
        tryFailure(failure);
        executor.loop()
                .callExceptionHandler(
                        LoopException.of("a scheduled call of a Netty handler failed", failure));
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        var cancelled = super.cancel(mayInterruptIfRunning);
        if (cancelled) {
            if (executor.inEventLoop()) {
                disarm();
            } else if (!executor.isClosing()) {
                executor.execute(this::disarm);
            }
        }
        return cancelled;
    }

    private void disarm() {
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }

    @Override
    public long getDelay(TimeUnit unit) {
        var left = deadlineNanos - executor.loop().time();
        return unit.convert(Math.max(left, 0), TimeUnit.NANOSECONDS);
    }

    @Override
    public int compareTo(Delayed other) {
        return Long.compare(getDelay(TimeUnit.NANOSECONDS), other.getDelay(TimeUnit.NANOSECONDS));
    }
}

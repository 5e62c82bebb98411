package dev.jloop.executor;

import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopFuture;

import org.jspecify.annotations.Nullable;

import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;

/// One piece of work in an executor, and the future of its result on the loop that asked for it.
///
/// @param <T> the type of the result
final class OffloadedCall<T extends @Nullable Object> implements Runnable {
    /// SUBMITTED -a thread takes it-> STARTED; SUBMITTED -future is cancelled-> TAKEN_BACK.
    private enum State {
        SUBMITTED,
        STARTED,
        TAKEN_BACK
    }

    private final EventLoop loop;
    private final LoopFuture<T> future;
    private final EventLoop.OutsideWork outsideWork;
    private final AtomicReference<State> state = new AtomicReference<>(State.SUBMITTED);

    /// Dropped once the work is taken back, as it may wait in the executor's queue for long.
    private volatile @Nullable Callable<T> body;

    private OffloadedCall(Callable<T> body, Object described, EventLoop loop) {
        this.body = body;
        this.loop = loop;
        future = loop.createFuture();
        outsideWork = loop.beginOutsideWork("work in an executor: " + described);
    }

    /// Hands `body` to `executor`. Loop thread.
    ///
    /// @param described names the work in reports: the body as the user knows it
    static <T extends @Nullable Object> LoopFuture<T> submit(
            Executor executor, Callable<T> body, Object described, EventLoop loop) {
        var call = new OffloadedCall<>(Objects.requireNonNull(body, "body"), described, loop);
        call.submitTo(executor);
        return call.future;
    }

    private void submitTo(Executor executor) {
        var accepted = false;
        try {
            executor.execute(this);
            accepted = true;
        } catch (RejectedExecutionException rejection) {
            throw new RejectedExecutionException(
                    "the executor "
                            + executor
                            + " takes no more work from "
                            + loop
                            + "; it is full or was shut down",
                    rejection);
        } finally {
            if (!accepted) {
                outsideWork.close();
            }
        }
        future.addDoneCallback(_ -> futureDone());
    }

    /// Loop thread. Whatever the work still does, nobody waits for it any more.
    private void futureDone() {
        if (state.compareAndSet(State.SUBMITTED, State.TAKEN_BACK)) {
            body = null;
        }
        outsideWork.close();
    }

    /// On a thread of the executor.
    @Override
    public void run() {
        var current = body;
        if (current == null || !state.compareAndSet(State.SUBMITTED, State.STARTED)) {
            return;
        }
        body = null;
        var outcome = outcomeOf(current);
        try {
            Handover.submitUnlessClosed(loop, outcome);
        } finally {
            outsideWork.close(); // after the handover, so that no virtual time passes in between
        }
    }

    /// Runs the body. {@return what to do on the loop's thread}
    private Runnable outcomeOf(Callable<T> current) {
        try {
            var value = current.call();
            return () -> {
                if (!future.isDone()) {
                    future.setResult(value);
                }
            };
        } catch (Throwable failure) { // whoever awaits the future gets it
            return () -> {
                if (!future.isDone()) {
                    future.setException(failure);
                }
            };
        }
    }

    @Override
    public String toString() {
        return "OffloadedCall[" + state.get() + ", for " + loop + "]";
    }
}

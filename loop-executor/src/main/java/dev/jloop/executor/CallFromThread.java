package dev.jloop.executor;

import dev.jloop.core.CancelledError;
import dev.jloop.core.EventLoop;
import dev.jloop.core.TaskTree.StuckIn;
import dev.jloop.core.ThrowingSupplier;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// A coroutine on a loop, for which a body that the loop has offloaded waits on its thread.
///
/// @param <T> the type of the result
final class CallFromThread<T extends @Nullable Object> {
    private final EventLoop loop;
    private final ThreadsafeCall<T> coroutine;

    private CallFromThread(EventLoop loop, ThreadsafeCall<T> coroutine) {
        this.loop = loop;
        this.coroutine = coroutine;
    }

    /// Runs a coroutine and blocks until it has ended.
    ///
    /// @param patience how long the loop may give no sign before it is looked at
    static <T extends @Nullable Object, X extends Throwable> T run(
            ThrowingSupplier<? extends T, X> body, Duration patience) throws X {
        var caller = callerOnThisThread();
        var loop = caller.loop();
        checkRuns(loop);
        var coroutine = new ThreadsafeCall<T>(() -> workFor(caller, body), loop);
        var call = new CallFromThread<>(loop, coroutine);
        if (!caller.tryBeginCall(call)) {
            throw new CancelledError("the work was cancelled, and nobody waits for it any more");
        }
        try {
            return call.<X>await(coroutine.submit(), patience);
        } finally {
            caller.endCall();
        }
    }

    private static OffloadedCall<?> callerOnThisThread() {
        var here = EventLoop.currentOrNull();
        if (here != null) {
            throw new IllegalStateException(
                    "callFromThread was called on the thread of "
                            + here
                            + ", and to block there would stop that loop; call the coroutine"
                            + " itself, or start it with createTask");
        }
        var caller = OffloadedCall.current();
        if (caller == null) {
            throw new IllegalStateException(
                    "callFromThread works on the thread of a body that was given to toThread,"
                            + " compute or runInExecutor, and '"
                            + Thread.currentThread().getName()
                            + "' runs none; use runCoroutineThreadsafe, which is told the loop");
        }
        return caller;
    }

    private static void checkRuns(EventLoop loop) {
        if (loop.isClosed() || !loop.isRunning()) {
            throw new IllegalStateException(
                    "callFromThread would wait for a loop that "
                            + (loop.isClosed() ? "is closed: " : "does not run: ")
                            + loop);
        }
    }

    /// The coroutine itself.
    @SuppressWarnings("unchecked") // what it throws goes to `await`, which knows the type
    private static <T extends @Nullable Object> T workFor(
            OffloadedCall<?> caller, ThrowingSupplier<? extends T, ?> body) {
        caller.coroutineStarts();
        try {
            return ((ThrowingSupplier<? extends T, RuntimeException>) body).get();
        } finally {
            caller.coroutineEnds();
        }
    }

    /// The thread that waits is cancelled: asks the coroutine to end. Loop thread.
    void cancel() {
        coroutine.requestCancel("the work that waits for it was cancelled");
    }

    @SuppressWarnings("unchecked") // besides unchecked failures the body can only throw X
    private <X extends Throwable> T await(CompletableFuture<T> result, Duration patience) throws X {
        var deadlock = new DeadlockCheck(loop);
        var interrupted = false;
        try {
            while (true) {
                try {
                    return result.get(patience.toNanos(), TimeUnit.NANOSECONDS);
                } catch (InterruptedException _) {
                    interrupted = true; // and wait on, for the clean-up of the coroutine
                    Handover.submitUnlessClosed(
                            loop,
                            () ->
                                    coroutine.requestCancel(
                                            "the thread that waits for it was interrupted"));
                } catch (TimeoutException _) {
                    var stuckIn = deadlock.look();
                    if (stuckIn != null) {
                        result.cancel(false);
                        throw deadlocked(stuckIn);
                    }
                } catch (CancellationException _) {
                    throw cancelled();
                } catch (ExecutionException failure) {
                    throw (X) failure.getCause();
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private CancelledError cancelled() {
        var reason = coroutine.cancelReason();
        if (reason == null && loop.isClosed()) {
            reason = "the loop closed";
        }
        return new CancelledError(
                "the coroutine was cancelled" + (reason == null ? "" : ": " + reason));
    }

    private IllegalStateException deadlocked(StuckIn stuckIn) {
        var stack = new Throwable("where " + loop + " blocks");
        stack.setStackTrace(stuckIn.frames().toArray(StackTraceElement[]::new));
        return new IllegalStateException(
                "deadlock: this thread waits for "
                        + loop
                        + ", which blocks without a limit of time in "
                        + stuckIn.callback()
                        + "; let that await instead of block",
                stack);
    }
}

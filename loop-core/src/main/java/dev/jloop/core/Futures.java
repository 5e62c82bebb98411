package dev.jloop.core;

import java.util.Collection;
import java.util.Objects;

/// What combinators need of futures beyond the public interface.
final class Futures {
    private Futures() {}

    /// Runs `callback` on a later turn once `future` is done. It may not throw.
    static void whenDone(LoopFuture<?> future, Runnable callback) {
        implementation(future).addWaiter(callback);
    }

    /// Undoes [#whenDone(LoopFuture, Runnable)], as long as the callback was not queued.
    static void forget(LoopFuture<?> future, Runnable callback) {
        implementation(future).removeWaiter(callback);
    }

    /// For an exception that is dropped on purpose.
    static void markRetrieved(LoopFuture<?> future) {
        implementation(future).markRetrieved();
    }

    /// Cancels `future` for whatever has made `request`.
    static boolean cancel(LoopFuture<?> future, Cancellation request) {
        return implementation(future).cancelFor(request);
    }

    /// {@return whether a future that is done has an exception; does not count as looking at it}
    static boolean hasFailed(LoopFuture<?> future) {
        return implementation(future).hasFailed();
    }

    /// {@return the exception of a failed future}
    static Throwable failureOf(LoopFuture<?> future) {
        return Objects.requireNonNull(future.exception());
    }

    /// {@return the error that a cancelled future raises}
    static CancelledError cancellationOf(LoopFuture<?> future) {
        return ((Outcome.Cancelled<?>) Outcome.of(future)).cancellation();
    }

    /// {@return the loop that all belong to; the current one where there are none}
    ///
    /// @param caller what wants to know, for the check of the thread
    static SelectorEventLoop commonLoop(
            String caller, Collection<? extends LoopFuture<?>> futures) {
        EventLoop common = null;
        for (var future : futures) {
            if (common == null) {
                common = future.loop();
            } else if (common != future.loop()) {
                throw new IllegalArgumentException(
                        "the futures belong to different loops, "
                                + common
                                + " and "
                                + future.loop()
                                + "; gather or wait for those of one loop at a time");
            }
        }
        var loop = common == null ? CurrentLoop.require() : (SelectorEventLoop) common;
        loop.checkThread(caller);
        return loop;
    }

    /// {@return how many `futures` there are, in words}
    static String count(Collection<? extends LoopFuture<?>> futures) {
        var pending = futures.stream().filter(future -> !future.isDone()).count();
        return futures.size()
                + (futures.size() == 1 ? " future, " : " futures, ")
                + pending
                + " pending";
    }

    private static DefaultFuture<?> implementation(LoopFuture<?> future) {
        return (DefaultFuture<?>) future;
    }
}

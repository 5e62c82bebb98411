package dev.jloop.netty;

import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopFuture;

import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GenericFutureListener;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;

/// Netty's futures for coroutines.
///
/// @since 0.1
public final class NettyFutures {
    private NettyFutures() {}

    /// Suspends until a future of Netty is done, for instance that of a handshake or of a write.
    ///
    /// ```java
    /// NettyFutures.await(handshaker.handshake(connection.channel(), request));
    /// ```
    ///
    /// Cancelled it stops waiting, and leaves the future alone.
    ///
    /// **Threading:** coroutines of a loop only. The future may belong to any executor.
    ///
    /// @param future what to wait for
    /// @param <T> the type of its result
    /// @return its result
    /// @throws IOException the one that the future failed with. Unchecked exceptions and errors
    ///   come as they are too, and other checked ones as the cause of a `CompletionException`
    public static <T extends @Nullable Object> T await(Future<T> future) throws IOException {
        if (!future.isDone()) {
            awaitDone(future);
        }
        return switch (future.cause()) {
            case null -> future.getNow();
            case IOException failure -> throw failure;
            case RuntimeException failure -> throw failure;
            case Error failure -> throw failure;
            case Throwable failure -> throw new CompletionException(failure);
        };
    }

    private static <T extends @Nullable Object> void awaitDone(Future<T> future) {
        var loop = EventLoop.current();
        LoopFuture<@Nullable Void> waiter = loop.createFuture(future);
        GenericFutureListener<Future<T>> listener = _ -> wake(loop, waiter);
        future.addListener(listener);
        try {
            waiter.await();
        } finally {
            future.removeListener(listener);
        }
    }

    private static void wake(EventLoop loop, LoopFuture<@Nullable Void> waiter) {
        if (EventLoop.currentOrNull() == loop) {
            complete(waiter);
            return;
        }
        try {
            loop.execute(() -> complete(waiter));
        } catch (RejectedExecutionException closed) {
            // The waiting task has ended with its loop.
        }
    }

    private static void complete(LoopFuture<@Nullable Void> waiter) {
        if (!waiter.isDone()) {
            waiter.setResult(null);
        }
    }
}

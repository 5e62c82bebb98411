package dev.jloop.transports;

import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopFuture;

import org.jspecify.annotations.Nullable;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// Asks the JDK's resolver on threads of its own, since the resolver blocks.
///
/// The queue needs no bound: each entry has a coroutine that waits for it.
final class NameLookup implements AutoCloseable {
    private static final int MAX_THREADS = 32;
    private static final int IDLE_SECONDS = 10;

    private final EventLoop loop;
    private final ThreadPoolExecutor threads;

    NameLookup(EventLoop loop) {
        this.loop = loop;
        threads =
                new ThreadPoolExecutor(
                        MAX_THREADS,
                        MAX_THREADS,
                        IDLE_SECONDS,
                        TimeUnit.SECONDS,
                        new LinkedBlockingQueue<>(),
                        Thread.ofPlatform().daemon().name("jloop-resolver-", 0).factory());
        threads.allowCoreThreadTimeOut(true);
    }

    /// Suspends. A cancelled lookup goes on in its thread, and its answer is dropped.
    List<InetAddress> resolve(String host) throws UnknownHostException {
        var literal = literal(host);
        if (literal != null) {
            return List.of(literal);
        }
        LoopFuture<Answer> future = loop.createFuture();
        var work = loop.beginOutsideWork("resolving " + host);
        Runnable query =
                () -> {
                    try (work) {
                        deliver(future, lookUp(host));
                    }
                };
        try {
            threads.execute(query);
            return switch (future.await()) {
                case Found(var addresses) -> addresses;
                case NotFound(var cause) -> throw unknown(host, cause);
            };
        } finally {
            // The answer to a cancelled question is awaited by nobody, so time need not stand still
            // for it.
            work.close();
            threads.remove(query);
        }
    }

    private void deliver(LoopFuture<Answer> future, Answer answer) {
        try {
            loop.callSoonThreadsafe(() -> {
                if (!future.isDone()) {
                    future.setResult(answer);
                }
            });
        } catch (IllegalStateException closed) {
            if (!loop.isClosed()) {
                throw closed;
            }
            // Whoever asked has ended with the loop.
        }
    }

    private static Answer lookUp(String host) {
        try {
            return new Found(List.of(InetAddress.getAllByName(host)));
        } catch (UnknownHostException | RuntimeException cause) {
            return new NotFound(cause);
        }
    }

    private static UnknownHostException unknown(String host, Exception cause) {
        var reason = cause.getMessage() == null ? cause.toString() : cause.getMessage();
        var detail = reason.startsWith(host + ": ") ? reason.substring(host.length() + 2) : reason;
        var failure =
                new UnknownHostException(
                        "cannot resolve host '"
                                + host
                                + "': "
                                + detail
                                + "; check the spelling and the name service");
        failure.initCause(cause);
        return failure;
    }

    private static @Nullable InetAddress literal(String host) {
        try {
            return InetAddress.ofLiteral(host);
        } catch (IllegalArgumentException notALiteral) {
            return null;
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }

    private sealed interface Answer {}

    private record Found(List<InetAddress> addresses) implements Answer {}

    private record NotFound(Exception cause) implements Answer {}
}

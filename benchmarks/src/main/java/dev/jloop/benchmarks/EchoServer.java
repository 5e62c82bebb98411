package dev.jloop.benchmarks;

import java.io.IOException;
import java.net.SocketAddress;
import java.util.concurrent.CompletableFuture;

/// A server that sends back what it gets, on a thread of its own.
abstract class EchoServer implements AutoCloseable {
    /// What the server is made of.
    enum Kind {
        PLAIN_SELECTOR,
        NETTY,
        JLOOP_RETAIN,
        JLOOP_COPY,
        JLOOP_ARRAY,
        JLOOP_BUFFERED
    }

    private final CompletableFuture<SocketAddress> address = new CompletableFuture<>();
    private final Thread thread = Thread.ofPlatform().daemon().name("server").unstarted(this::run);

    /// @param messageBytes how much each answer has, where it is made without a look at the request
    static EchoServer start(Kind kind, int messageBytes) {
        var server =
                switch (kind) {
                    case PLAIN_SELECTOR -> new PlainEchoServer();
                    case NETTY -> new NettyEchoServer();
                    case JLOOP_RETAIN, JLOOP_COPY, JLOOP_ARRAY, JLOOP_BUFFERED ->
                            new JloopEchoServer(kind, messageBytes);
                };
        server.thread.start();
        return server;
    }

    private void run() {
        try {
            serve(address);
        } catch (Throwable failure) {
            address.completeExceptionally(failure);
        }
    }

    /// Serves until the server is closed.
    ///
    /// @param bound to be completed with the address
    abstract void serve(CompletableFuture<SocketAddress> bound) throws Exception;

    SocketAddress address() {
        return address.join();
    }

    /// {@return the thread whose cost counts}
    long threadId() {
        return thread.threadId();
    }

    @Override
    public abstract void close() throws IOException;

    /// Waits until [#serve(CompletableFuture)] has returned.
    final void join() {
        try {
            thread.join();
        } catch (InterruptedException interrupt) {
            Thread.currentThread().interrupt();
        }
    }
}

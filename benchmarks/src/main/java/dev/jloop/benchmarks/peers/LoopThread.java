package dev.jloop.benchmarks.peers;

import dev.jloop.core.SelectorEventLoop;
import dev.jloop.transports.Server;

import java.net.InetSocketAddress;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/// One loop on one thread, on the engine that `-Djloop.engine` asks for.
final class LoopThread {
    private LoopThread() {}

    /// Starts a server on a new loop.
    ///
    /// @return its port
    static int listen(Callable<Server> start) throws ExecutionException, InterruptedException {
        var port = new CompletableFuture<Integer>();
        Thread.ofPlatform().daemon().name("server").start(() -> run(start, port));
        return port.get();
    }

    private static void run(Callable<Server> start, CompletableFuture<Integer> port) {
        try (var loop = SelectorEventLoop.builder().build()) {
            loop.runUntilComplete(() -> {
                var server = start.call();
                var address = (InetSocketAddress) server.addresses().getFirst();
                port.complete(address.getPort());
                server.waitClosed();
            });
        } catch (Throwable failure) {
            if (!port.completeExceptionally(failure)) {
                throw failure; // while it served
            }
        }
    }
}

package dev.jloop.transports;

import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopFuture;

import org.jspecify.annotations.Nullable;

import java.nio.channels.SelectableChannel;

/// Lets a coroutine wait for a channel. Cancelled, it leaves no reader or writer behind.
final class Readiness {
    private Readiness() {}

    /// Suspends until something can be written, or a connection attempt has ended.
    static void awaitWritable(EventLoop loop, SelectableChannel channel) {
        LoopFuture<@Nullable Void> ready = loop.createFuture();
        loop.addWriter(channel, () -> complete(ready));
        try {
            ready.await();
        } finally {
            loop.removeWriter(channel);
        }
    }

    /// Finishes a waiter that may have been woken or cancelled before.
    static void complete(LoopFuture<@Nullable Void> waiter) {
        if (!waiter.isDone()) {
            waiter.setResult(null);
        }
    }
}

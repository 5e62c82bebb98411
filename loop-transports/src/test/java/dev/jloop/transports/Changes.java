package dev.jloop.transports;

import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopFuture;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/// Lets coroutines wait for what a protocol is told.
final class Changes {
    private final List<LoopFuture<Void>> watchers = new ArrayList<>();

    void happened() {
        watchers.forEach(watcher -> {
            if (!watcher.isDone()) {
                watcher.setResult(null);
            }
        });
        watchers.clear();
    }

    void awaitUntil(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            LoopFuture<Void> changed = EventLoop.current().createFuture();
            watchers.add(changed);
            changed.await();
        }
    }
}

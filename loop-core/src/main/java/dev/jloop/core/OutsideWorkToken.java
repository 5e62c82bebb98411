package dev.jloop.core;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/// Counts as one in a loop's outside work until it is closed.
final class OutsideWorkToken implements EventLoop.OutsideWork {
    private final AtomicInteger count;
    private final String description;
    private final AtomicBoolean ended = new AtomicBoolean();

    OutsideWorkToken(AtomicInteger count, String description) {
        this.count = count;
        this.description = description;
        count.incrementAndGet();
    }

    @Override
    public void close() {
        if (ended.compareAndSet(false, true)) {
            count.decrementAndGet();
        }
    }

    @Override
    public String toString() {
        return "OutsideWork[" + description + "]";
    }
}

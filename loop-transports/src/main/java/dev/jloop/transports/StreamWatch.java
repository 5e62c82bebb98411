package dev.jloop.transports;

import dev.jloop.core.Context;
import dev.jloop.core.EventLoop;

import org.jspecify.annotations.Nullable;

import java.util.function.BooleanSupplier;

/// A reader or a writer of a link without a selector: runs in each turn in which the link is ready.
final class StreamWatch {
    private final EventLoop loop;
    private final BooleanSupplier isReady;
    private @Nullable Runnable callback;
    private boolean scheduled;

    /// @param isReady may ask for what is missing, and comes to [#look()] when that is there
    StreamWatch(EventLoop loop, BooleanSupplier isReady) {
        this.loop = loop;
        this.isReady = isReady;
    }

    void add(Runnable added) {
        var context = Context.copyCurrent();
        callback = () -> context.run(added::run);
        look();
    }

    void remove() {
        callback = null;
    }

    /// To be called whenever the link may have become ready.
    void look() {
        if (callback != null && !scheduled && isReady.getAsBoolean()) {
            scheduled = true;
            loop.callSoon(this::run);
        }
    }

    private void run() {
        scheduled = false;
        var current = callback;
        if (current != null) {
            try {
                current.run();
            } finally {
                look();
            }
        }
    }
}

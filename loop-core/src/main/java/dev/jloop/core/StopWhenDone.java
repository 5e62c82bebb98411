package dev.jloop.core;

import org.jspecify.annotations.Nullable;

import java.util.function.Consumer;

/// Ends a run when its future is done. It may be queued already when the run ends for another
/// reason, and must not end the next one.
final class StopWhenDone<T extends @Nullable Object> implements Consumer<LoopFuture<T>> {
    private final EventLoop loop;
    private boolean runIsOver;

    StopWhenDone(EventLoop loop) {
        this.loop = loop;
    }

    @Override
    public void accept(LoopFuture<T> done) {
        if (!runIsOver) {
            loop.stop();
        }
    }

    void runIsOver() {
        runIsOver = true;
    }
}

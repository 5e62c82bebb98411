package dev.jloop.testkit;

import dev.jloop.core.spi.LoopObserver;

import org.jspecify.annotations.Nullable;

/// A place for an observer that comes after its loop was made, which a builder has no place for.
/// Confined to the loop's thread.
final class ObserverSlot implements LoopObserver {
    private @Nullable LoopObserver observer;

    void fill(LoopObserver value) {
        observer = value;
    }

    @Override
    public void callbackEnded(Object callback, long nanos) {
        if (observer != null) {
            observer.callbackEnded(callback, nanos);
        }
    }

    @Override
    public void taskCreated(Object task) {
        if (observer != null) {
            observer.taskCreated(task);
        }
    }

    @Override
    public void taskEnded(Object task) {
        if (observer != null) {
            observer.taskEnded(task);
        }
    }
}

package dev.jloop.core;

import org.jspecify.annotations.Nullable;

import java.lang.ref.Reference;
import java.util.NoSuchElementException;

/// The end of a generator that its user holds. The run of the body does not refer to it, so that it
/// becomes unreachable when the user has left.
final class GeneratorIterator<T extends @Nullable Object> implements AsyncIterator<T> {
    private final GeneratorIterable<T> source;

    /// Made for the first item.
    private @Nullable GeneratorRun<T> run;

    private boolean closedBeforeStart;

    GeneratorIterator(GeneratorIterable<T> source) {
        this.source = source;
    }

    @Override
    public boolean hasNext() {
        if (closedBeforeStart) {
            return false;
        }
        try {
            return run().awaitItem();
        } finally {
            Reference.reachabilityFence(this); // not to be closed as left behind while it waits
        }
    }

    @Override
    public T next() {
        if (!hasNext()) {
            throw new NoSuchElementException("the " + source + " has ended");
        }
        return run().takeItem();
    }

    @Override
    public void close() {
        if (run == null) {
            closedBeforeStart = true;
            return;
        }
        try {
            run.close();
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    private GeneratorRun<T> run() {
        if (run == null) {
            run = CurrentLoop.require().generators().create(source, this);
        }
        return run;
    }

    @Override
    public String toString() {
        return "iterator of the " + source;
    }
}

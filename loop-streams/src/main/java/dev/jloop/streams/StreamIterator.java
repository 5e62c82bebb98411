package dev.jloop.streams;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.NoSuchElementException;

/// Goes through what a reader gives, up to the end of the stream. Suspends in `hasNext` and `next`.
final class StreamIterator<T> implements Iterator<T> {
    @FunctionalInterface
    interface Source<T> {
        /// {@return the next one, or null at the end}
        @Nullable T read() throws IOException;
    }

    private final Source<T> source;
    private @Nullable T next;

    StreamIterator(Source<T> source) {
        this.source = source;
    }

    @Override
    public boolean hasNext() {
        if (next == null) {
            try {
                next = source.read();
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        }
        return next != null;
    }

    @Override
    public T next() {
        if (!hasNext() || next == null) {
            throw new NoSuchElementException("the stream has ended");
        }
        var taken = next;
        next = null;
        return taken;
    }
}

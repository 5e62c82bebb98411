package dev.jloop.executor;

import org.jspecify.annotations.Nullable;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;

/// Reads items off the loop, as many at a time as are worth a change of threads.
///
/// @param <T> the type of the items
final class ItemReader<T> implements Closeable {
    /// What one batch weighs about, in bytes or characters.
    private static final int BATCH_WEIGHT = 32 * 1024;

    private static final int WEIGHT_OF_PATH = 128;

    @FunctionalInterface
    private interface Source<T> {
        /// {@return the next item; null at the end}
        @Nullable T read() throws IOException;
    }

    private final Source<T> source;
    private final ToIntFunction<T> weight;
    private final Closeable closing;

    /// Came after items that were still to be handed out.
    private @Nullable IOException failure;

    private ItemReader(Source<T> source, ToIntFunction<T> weight, Closeable closing) {
        this.source = source;
        this.weight = weight;
        this.closing = closing;
    }

    /// {@return a reader of lines}
    static ItemReader<String> lines(BufferedReader reader) {
        return new ItemReader<>(reader::readLine, String::length, reader);
    }

    /// {@return a reader of pieces of that size, of which the last may be shorter}
    static ItemReader<byte[]> chunks(InputStream stream, int bytes) {
        return new ItemReader<>(
                () -> {
                    var chunk = stream.readNBytes(bytes);
                    return chunk.length == 0 ? null : chunk;
                },
                chunk -> chunk.length,
                stream);
    }

    /// {@return a reader of the paths in a folder}
    static ItemReader<Path> paths(Stream<Path> paths) {
        var iterator = paths.iterator();
        return new ItemReader<>(
                () -> {
                    try {
                        return iterator.hasNext() ? iterator.next() : null;
                    } catch (UncheckedIOException failure) {
                        throw failure.getCause();
                    }
                },
                _ -> WEIGHT_OF_PATH,
                paths::close);
    }

    /// {@return the next items; none at the end}
    List<T> batch() throws IOException {
        if (failure != null) {
            throw failure;
        }
        var items = new ArrayList<T>();
        try {
            for (var left = BATCH_WEIGHT; left > 0; ) {
                var item = source.read();
                if (item == null) {
                    break;
                }
                items.add(item);
                left -= Math.max(1, weight.applyAsInt(item));
            }
        } catch (IOException broken) {
            if (items.isEmpty()) {
                throw broken;
            }
            failure = broken;
        }
        return items;
    }

    @Override
    public void close() throws IOException {
        closing.close();
    }
}

package dev.jloop.core;

import org.jspecify.annotations.Nullable;

import java.util.Objects;

/// What a generator's body emits, from the start for each pass.
final class GeneratorIterable<T extends @Nullable Object> implements AsyncIterable<T> {
    private final Generator<T> body;
    private final Object described;

    GeneratorIterable(Generator<T> body) {
        this(body, body);
    }

    /// A generator that reports name by something else than its body.
    GeneratorIterable(Generator<T> body, Object described) {
        this.body = Objects.requireNonNull(body, "body");
        this.described = described;
    }

    Generator<T> body() {
        return body;
    }

    @Override
    public AsyncIterator<T> iterator() {
        return new GeneratorIterator<>(this);
    }

    @Override
    public String toString() {
        return "generator " + Descriptions.of(described);
    }
}

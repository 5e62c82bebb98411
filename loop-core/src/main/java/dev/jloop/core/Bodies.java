package dev.jloop.core;

import org.jspecify.annotations.Nullable;

import java.util.Objects;
import java.util.concurrent.Callable;

/// Bodies of coroutines, in the one form that tasks take.
final class Bodies {
    private Bodies() {}

    static Callable<@Nullable Void> withoutResult(AsyncRunnable body) {
        Objects.requireNonNull(body, "body");
        return () -> {
            body.run();
            return null;
        };
    }
}

package dev.jloop.core;

import org.jspecify.annotations.Nullable;

/// The body of a generator: a coroutine that makes items as they are asked for. See
/// [Async#generate(Generator)].
///
/// @param <T> the type of the items
/// @since 0.1
@FunctionalInterface
public interface Generator<T extends @Nullable Object> {
    /// Makes the items. May suspend.
    ///
    /// @param emitter takes them; it serves for this call only
    /// @throws Exception whatever it fails with, which comes out of the iterator
    void run(Emitter<T> emitter) throws Exception;
}

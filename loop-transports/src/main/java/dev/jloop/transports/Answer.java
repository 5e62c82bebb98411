package dev.jloop.transports;

/// How a lookup ended.
///
/// @param <V> the type of what was looked up
sealed interface Answer<V> {
    record Found<V>(V value) implements Answer<V> {}

    record NotFound<V>(Throwable cause) implements Answer<V> {}
}

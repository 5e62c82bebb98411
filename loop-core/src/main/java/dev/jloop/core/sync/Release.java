package dev.jloop.core.sync;

/// Gives back what a body was run with. It stands in a try-with-resources and not in a `finally`
/// block, so that what it throws does not hide what the body threw.
@FunctionalInterface
interface Release extends AutoCloseable {
    @Override
    void close();
}

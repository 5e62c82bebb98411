package dev.jloop.core;

import org.jspecify.annotations.Nullable;

import java.util.Iterator;
import java.util.NoSuchElementException;

/// One pass over the items of an [AsyncIterable].
///
/// It belongs to the loop on which it was first used. One task at a time may use it.
///
/// @param <T> the type of the items
/// @since 0.1
public interface AsyncIterator<T extends @Nullable Object> extends Iterator<T>, AutoCloseable {
    /// {@return whether there is another item} **Suspends** until that is known.
    ///
    /// @throws CancelledError if the task is cancelled meanwhile; the pass is then over, unless its
    ///   source has kept the cancellation to itself
    /// @throws java.util.concurrent.CompletionException if the source failed with a checked
    ///   exception, which is the cause; an unchecked one or an error is thrown as it is. The pass
    ///   is over then
    /// @throws IllegalStateException if this is no coroutine, belongs to another loop, or another
    ///   task uses the iterator
    @Override
    boolean hasNext();

    /// {@return the next item} **Suspends** until it is there; fails as [#hasNext()] does.
    ///
    /// @throws NoSuchElementException if there is none
    @Override
    T next();

    /// Ends the pass early, and waits for the clean-up of its source. **Suspends.** On a pass that
    /// is over, or has not begun, it does nothing more.
    ///
    /// @throws CancelledError if the task is cancelled meanwhile
    /// @throws java.util.concurrent.CompletionException if the clean-up failed with a checked
    ///   exception, which is the cause; an unchecked one or an error is thrown as it is
    /// @throws IllegalStateException if this is no coroutine, belongs to another loop, or another
    ///   task uses the iterator
    @Override
    void close();
}

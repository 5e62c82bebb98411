package dev.jloop.core.sync;

/// A queue that hands out the item that was put last. In all else it is an [AsyncQueue]: its
/// waiters, too, are served first in, first out.
///
/// The semantics are those of Python's `asyncio.LifoQueue`.
///
/// @param <T> the type of the items
/// @since 0.1
public class AsyncLifoQueue<T> extends AsyncQueue<T> {
    /// A queue in which a number of items fit.
    ///
    /// @param capacity the greatest number of items; zero or less for any number
    public AsyncLifoQueue(int capacity) {
        super(capacity, new Items.Lifo<>());
    }
}

package dev.jloop.core.sync;

import java.util.Comparator;
import java.util.Objects;

/// A queue that hands out the least item first, and equal ones in the order they were put. In all
/// else it is an [AsyncQueue].
///
/// The order of an item may not change while it lies in the queue.
///
/// The semantics are those of Python's `asyncio.PriorityQueue`, which leaves the order of equal
/// items open.
///
/// @param <T> the type of the items
/// @since 0.1
public class AsyncPriorityQueue<T> extends AsyncQueue<T> {
    /// A queue in which a number of items fit.
    ///
    /// @param capacity the greatest number of items; zero or less for any number
    /// @param order which item is less; `Comparator.naturalOrder()` for comparable ones. What it
    ///   throws comes out of `put`, and the item is then not in the queue
    public AsyncPriorityQueue(int capacity, Comparator<? super T> order) {
        super(capacity, new Items.Sorted<>(Objects.requireNonNull(order, "order")));
    }
}

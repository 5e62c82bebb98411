package dev.jloop.core.sync;

import dev.jloop.core.CancelledError;

import org.jspecify.annotations.Nullable;

import java.util.Objects;

/// Items on their way from coroutines that put them to coroutines that get them, first in, first
/// out.
///
/// ```java
/// var queue = new AsyncQueue<URI>(100);
/// createTask(() -> { while (true) { fetch(queue.get()); queue.taskDone(); } });
/// for (var url : urls) queue.put(url);   // suspends while a hundred wait
/// queue.join();                          // until all are fetched
/// ```
///
/// It is fair at both ends: an item that is put belongs to the getter that has waited longest, and
/// a slot that becomes free to the putter that has, before anybody who comes later; that holds for
/// [#tryGet()] and [#tryPut(Object)] too. A waiter that is cancelled while an item or a slot is on
/// its way to it passes it on, so that no item is lost and none comes twice.
///
/// Items may not be null.
///
/// **Threading:** the coroutines and callbacks of one loop, that of the first coroutine that had to
/// wait; a coroutine of another is refused. In debug mode a call from a wrong thread throws
/// `WrongThreadException`.
///
/// The semantics are those of Python's `asyncio.Queue`, in which newcomers may overtake.
///
/// @param <T> the type of the items
/// @since 0.1
public class AsyncQueue<T> {
    /// A queue at one moment.
    ///
    /// @param size how many items lie in it
    /// @param capacity how many fit, zero or less for any number
    /// @param unfinished how many were put and not marked by [AsyncQueue#taskDone()]
    /// @param getters how many coroutines wait for an item
    /// @param putters how many coroutines wait for a free slot
    /// @param shutDown whether it was shut down
    /// @since 0.1
    public record Statistics(
            int size, int capacity, int unfinished, int getters, int putters, boolean shutDown) {}

    /// OPEN -shutdown-> SHUT_DOWN, which ends nothing by itself: what lies in the queue can be got.
    private enum State {
        OPEN,
        SHUT_DOWN
    }

    /// What reports say that a waiter waits for.
    private record Purpose(String what, AsyncQueue<?> queue) {
        @Override
        public String toString() {
            return what + " of " + queue;
        }
    }

    private final LoopBinding binding = new LoopBinding();
    private final int capacity;
    private final Items<T> items;

    /// One for each item in the queue; who has one may take an item.
    private final Permits available;

    /// One for each item that fits in.
    private final Permits slots;

    private final Waiters<@Nullable Void> joiners;
    private State state = State.OPEN;
    private int unfinished;

    /// A queue in which a number of items fit.
    ///
    /// @param capacity the greatest number of items; zero or less for any number, which only the
    ///   memory limits
    public AsyncQueue(int capacity) {
        this(capacity, new Items.Fifo<>());
    }

    @SuppressWarnings("this-escape") // reports refer to the queue, when it is in use
    AsyncQueue(int capacity, Items<T> items) {
        this.capacity = capacity;
        this.items = items;
        available = new Permits(0, binding, new Purpose("an item", this));
        slots =
                new Permits(
                        capacity <= 0 ? Integer.MAX_VALUE : capacity,
                        binding,
                        new Purpose("a free slot", this));
        joiners = new Waiters<>(binding, new Purpose("all items to be done", this));
    }

    /// {@return a queue in which any number of items fit} Nothing but the memory limits it, so use
    /// it where something else bounds what is put.
    ///
    /// @param <T> the type of the items
    public static <T> AsyncQueue<T> unbounded() {
        return new AsyncQueue<>(0);
    }

    /// Adds an item. **Suspends** while the queue is full or others have waited longer; else it
    /// goes on at once.
    ///
    /// @param item not null
    /// @throws QueueShutdownException if the queue is shut down, now or while this waits
    /// @throws CancelledError if the task is cancelled meanwhile; the item is then not in the queue
    /// @throws IllegalStateException if it would have to wait and is no coroutine, or coroutines of
    ///   another loop have waited here
    public void put(T item) {
        checkPut("put", item);
        if (!slots.take()) {
            throw shutDownBefore("put");
        }
        add(item);
    }

    /// Adds an item if there is room and nobody waits for it. Does not suspend.
    ///
    /// @param item not null
    /// @return whether it was added
    /// @throws QueueShutdownException if the queue is shut down
    public boolean tryPut(T item) {
        checkPut("tryPut", item);
        if (!slots.tryTake()) {
            return false;
        }
        add(item);
        return true;
    }

    private void checkPut(String method, T item) {
        Objects.requireNonNull(item, "item: a queue holds no null");
        binding.checkThread(method);
        if (state == State.SHUT_DOWN) {
            throw shutDownBefore(method);
        }
    }

    /// Adds an item for who has a slot, which is given back if that fails.
    private void add(T item) {
        var added = false;
        try {
            if (state == State.SHUT_DOWN) { // since the slot was handed over
                throw shutDownBefore("put");
            }
            items.add(item); // a comparator of the user's may throw
            added = true;
        } finally {
            if (!added) {
                slots.give();
            }
        }
        unfinished++;
        available.give();
    }

    /// Takes the next item. **Suspends** while there is none or others have waited longer; else it
    /// goes on at once.
    ///
    /// @return the item
    /// @throws QueueShutdownException if the queue is shut down, now or while this waits, and has
    ///   no items left
    /// @throws CancelledError if the task is cancelled meanwhile; no item is then taken
    /// @throws IllegalStateException if it would have to wait and is no coroutine, or coroutines of
    ///   another loop have waited here
    public T get() {
        checkGet("get");
        if (!available.take()) {
            throw shutDownBefore("get");
        }
        return takeItem("get");
    }

    /// Takes the next item if there is one that nobody waits for. Does not suspend.
    ///
    /// @return the item, or null
    /// @throws QueueShutdownException if the queue is shut down and has no items left
    public @Nullable T tryGet() {
        checkGet("tryGet");
        return available.tryTake() ? takeItem("tryGet") : null;
    }

    private void checkGet(String method) {
        binding.checkThread(method);
        if (isDrained()) {
            throw shutDownBefore(method);
        }
    }

    /// Takes an item for who has a right to one.
    private T takeItem(String method) {
        var item = items.poll();
        if (item == null) { // the queue was emptied since the right was handed over
            throw shutDownBefore(method);
        }
        slots.give();
        if (isDrained()) {
            available.refuseWaiters();
        }
        return item;
    }

    private boolean isDrained() {
        return state == State.SHUT_DOWN && items.size() == 0;
    }

    private QueueShutdownException shutDownBefore(String method) {
        return new QueueShutdownException(method + " on a queue that was shut down: " + this);
    }

    /// {@return how many items lie in the queue; some may be on their way to getters already}
    public int size() {
        binding.checkThread("size");
        return items.size();
    }

    /// {@return whether there are no items}
    public boolean isEmpty() {
        binding.checkThread("isEmpty");
        return items.size() == 0;
    }

    /// {@return whether no more items fit; never of a queue without a capacity}
    public boolean isFull() {
        binding.checkThread("isFull");
        return capacity > 0 && items.size() >= capacity;
    }

    /// {@return how many items fit, zero or less for any number} Any thread may ask.
    public int capacity() {
        return capacity;
    }

    /// Says that the work on one item that was got is finished: once for each [#get()], where
    /// somebody uses [#join()].
    ///
    /// @throws IllegalStateException if it is called more often than items were put
    public void taskDone() {
        binding.checkThread("taskDone");
        if (unfinished == 0) {
            throw new IllegalStateException(
                    "taskDone() was called more often than items were put: " + this);
        }
        finish(1);
    }

    private void finish(int count) {
        unfinished = Math.max(0, unfinished - count);
        if (unfinished == 0) {
            joiners.wakeAll(null);
        }
    }

    /// Waits until every item that was put is marked by [#taskDone()]. **Suspends**, unless all are
    /// already.
    ///
    /// @throws CancelledError if the task is cancelled meanwhile
    /// @throws IllegalStateException if it would have to wait and is no coroutine, or coroutines of
    ///   another loop have waited here
    public void join() {
        binding.checkThread("join");
        if (unfinished > 0) {
            joiners.await();
        }
    }

    /// Shuts the queue down, gracefully or at once. A queue that was shut down gracefully can be
    /// shut down at once later; otherwise a second call does nothing.
    ///
    /// From now on every `put` fails, also those that wait. Every `get` fails once the queue is
    /// empty, also those that wait then.
    ///
    /// @param immediate false leaves the items to be got; true drops them and marks them as done,
    ///   so that [#join()] waits only for those that were got before
    public void shutdown(boolean immediate) {
        binding.checkThread("shutdown");
        state = State.SHUT_DOWN;
        if (immediate) {
            drop();
        }
        slots.refuseWaiters();
        if (isDrained()) {
            available.refuseWaiters();
        }
    }

    private void drop() {
        var dropped = items.size();
        while (items.poll() != null) {
            // dropped
        }
        available.dropFree();
        finish(dropped);
    }

    /// {@return whether the queue was shut down; there may be items left}
    public boolean isShutDown() {
        binding.checkThread("isShutDown");
        return state == State.SHUT_DOWN;
    }

    /// {@return what is known of the queue now}
    public Statistics statistics() {
        binding.checkThread("statistics");
        return new Statistics(
                items.size(),
                capacity,
                unfinished,
                available.waiters(),
                slots.waiters(),
                state == State.SHUT_DOWN);
    }

    @Override
    public String toString() {
        return getClass().getSimpleName()
                + "[size="
                + items.size()
                + (capacity > 0 ? ", capacity=" + capacity : "")
                + ", unfinished="
                + unfinished
                + ", getters="
                + available.waiters()
                + ", putters="
                + slots.waiters()
                + (state == State.SHUT_DOWN ? ", shut down" : "")
                + "]";
    }
}

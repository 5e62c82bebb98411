package dev.jloop.core;

import dev.jloop.core.spi.ReadyQueue;

import org.jspecify.annotations.Nullable;

/// First in, first out, in a ring.
///
/// A callback keeps its place in the ring until the next one is asked for, so that another thread
/// can see what runs. To write that down elsewhere, in an object that has grown old, would cost the
/// default collector's write barrier: a fifth of what it takes to schedule and run a callback.
final class FifoReadyQueue implements ReadyQueue {
    private static final int NONE = -1;
    private static final int INITIAL_CAPACITY = 256;
    private static final int LARGEST_KEPT_EMPTY = 64 * 1024;

    private @Nullable Runnable[] ring = new @Nullable Runnable[INITIAL_CAPACITY];
    private int head;
    private int size;
    private int leftInTurn;

    /// Where the callback stands that was handed out last, or [#NONE].
    private int running = NONE;

    @Override
    public void add(Runnable callback) {
        if (size + 1 == ring.length) { // one place is for the running one
            grow();
        }
        ring[(head + size) & (ring.length - 1)] = callback;
        size++;
    }

    private void grow() {
        var larger = new @Nullable Runnable[ring.length * 2];
        var untilWrap = ring.length - head;
        System.arraycopy(ring, head, larger, 0, untilWrap);
        System.arraycopy(ring, 0, larger, untilWrap, head);
        if (running != NONE) {
            var lastPlace = larger.length - 1;
            larger[lastPlace] = ring[running];
            running = lastPlace;
        }
        ring = larger;
        head = 0;
    }

    @Override
    public void startTurn() {
        forgetRunning();
        if (size == 0 && ring.length > LARGEST_KEPT_EMPTY) {
            clear(); // a burst is over
        }
        leftInTurn = size;
    }

    @Override
    public @Nullable Runnable next() {
        forgetRunning();
        if (leftInTurn == 0) {
            return null;
        }
        leftInTurn--;
        size--;
        running = head;
        head = (head + 1) & (ring.length - 1);
        return ring[running];
    }

    /// An idle loop must not keep its last task.
    private void forgetRunning() {
        if (running != NONE) {
            ring[running] = null;
            running = NONE;
        }
    }

    /// {@return what [#next()] has handed out last; null once it was called again, or nothing was}
    /// Any thread may ask; exact while nothing changes.
    @Nullable Runnable running() {
        var places = ring;
        var place = running;
        return place >= 0 && place < places.length ? places[place] : null;
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public void clear() {
        ring = new @Nullable Runnable[INITIAL_CAPACITY];
        head = 0;
        size = 0;
        leftInTurn = 0;
        running = NONE;
    }
}

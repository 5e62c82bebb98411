package dev.jloop.core;

import dev.jloop.core.spi.ReadyQueue;

import org.jspecify.annotations.Nullable;

/// First in, first out, in a ring.
final class FifoReadyQueue implements ReadyQueue {
    private static final int INITIAL_CAPACITY = 256;
    private static final int LARGEST_KEPT_EMPTY = 64 * 1024;

    private @Nullable Runnable[] ring = new @Nullable Runnable[INITIAL_CAPACITY];
    private int head;
    private int size;
    private int leftInTurn;

    @Override
    public void add(Runnable callback) {
        if (size == ring.length) {
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
        ring = larger;
        head = 0;
    }

    @Override
    public void startTurn() {
        if (size == 0 && ring.length > LARGEST_KEPT_EMPTY) {
            clear(); // a burst is over
        }
        leftInTurn = size;
    }

    @Override
    public @Nullable Runnable next() {
        if (leftInTurn == 0) {
            return null;
        }
        leftInTurn--;
        size--;
        var callback = ring[head];
        ring[head] = null;
        head = (head + 1) & (ring.length - 1);
        return callback;
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
    }
}

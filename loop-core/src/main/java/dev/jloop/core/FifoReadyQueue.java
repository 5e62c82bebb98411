package dev.jloop.core;

import dev.jloop.core.spi.ReadyQueue;

import org.jspecify.annotations.Nullable;

import java.util.Objects;

/// First in, first out, in a chain of blocks.
///
/// A reference written into an object that has grown old costs the default collector a memory
/// fence, as much as half of all that it takes to schedule and run a callback. So a busy loop asks
/// for new blocks after each garbage collection: see [#renew()]. Between collections the same
/// blocks serve again and again.
final class FifoReadyQueue implements ReadyQueue {
    private static final int PLACES = 256;

    private static final class Block {
        /// Not of runnables: the check of what is written would have to look for an interface.
        final @Nullable Object[] places = new @Nullable Object[PLACES];

        /// Null in the last one, and in one that was left: else a block that has grown old would
        /// keep all that came after it.
        @Nullable Block next;

        final int generation;

        Block(int generation) {
            this.generation = generation;
        }
    }

    /// How often the blocks were renewed.
    private int generation;

    /// An empty one, to be the next.
    private @Nullable Block spare;

    /// From which callbacks are taken.
    private Block head = new Block(generation);

    /// To which they are added.
    private Block tail = head;

    /// The place in `head` of the next callback to be taken.
    private int headPlace;

    /// The place in `tail` for the next callback to be added.
    private int tailPlace;

    private int size;
    private int leftInTurn;

    @Override
    public void add(Runnable callback) {
        if (tailPlace == PLACES) {
            addBlock();
        }
        tail.places[tailPlace++] = callback;
        size++;
    }

    private void addBlock() {
        var block = spare == null ? new Block(generation) : spare;
        spare = null;
        tail.next = block;
        tail = block;
        tailPlace = 0;
    }

    /// Lets go of the blocks of today as soon as they are empty, before they grow old.
    @Override
    public void renew() {
        generation++;
        spare = null;
    }

    @Override
    public void startTurn() {
        leftInTurn = size;
    }

    @Override
    public @Nullable Runnable next() {
        if (leftInTurn == 0) {
            return null;
        }
        if (headPlace == PLACES) {
            leaveBlock();
        }
        leftInTurn--;
        size--;
        var places = head.places;
        var place = headPlace++;
        var callback = (Runnable) places[place];
        places[place] = null;
        return callback;
    }

    private void leaveBlock() {
        var left = head;
        head = Objects.requireNonNull(left.next);
        left.next = null;
        spare = left.generation == generation ? left : null;
        headPlace = 0;
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public void clear() {
        head = new Block(generation);
        spare = null;
        tail = head;
        headPlace = 0;
        tailPlace = 0;
        size = 0;
        leftInTurn = 0;
    }
}

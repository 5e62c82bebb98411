package dev.jloop.core;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;

/// Timers by deadline, ties in order of registration. Confined to the loop's thread.
///
/// A 4-ary heap in which each timer knows its place, so that a cancelled one leaves at once and
/// keeps no memory. With a million outstanding it is half as deep as a binary heap.
final class TimerQueue {
    private static final int ARITY = 4;
    private static final int INITIAL_CAPACITY = 16;
    private static final int LARGEST_KEPT_SPARSE = 1024;

    private @Nullable ScheduledTimer[] heap = new @Nullable ScheduledTimer[INITIAL_CAPACITY];

    /// The deadline of each timer, at its place. The timers themselves lie all over the memory: to
    /// look at four of them in order to compare costs four times what it takes to look here.
    private long[] deadlines = new long[INITIAL_CAPACITY];

    private int size;
    private long nextSequence;

    ScheduledTimer add(
            SelectorEventLoop loop, Runnable callback, ContextCopy context, long deadlineNanos) {
        var timer =
                new ScheduledTimer(loop, callback, context, this, deadlineNanos, nextSequence++);
        if (size == heap.length) {
            resize(size * 2);
        }
        siftUp(size++, timer);
        return timer;
    }

    boolean isEmpty() {
        return size == 0;
    }

    int size() {
        return size;
    }

    /// {@return for how many timers there is room}
    int capacity() {
        return heap.length;
    }

    /// {@return the earliest deadline; the queue may not be empty}
    long firstDeadline() {
        if (size == 0) {
            throw new IllegalStateException("no timer is waiting");
        }
        return deadlines[0];
    }

    /// Removes and returns the first timer due at `nowNanos`, or null if none is due.
    @Nullable ScheduledTimer pollDue(long nowNanos) {
        if (size == 0 || deadlines[0] > nowNanos) {
            return null;
        }
        var first = at(0);
        remove(first);
        return first;
    }

    void remove(ScheduledTimer timer) {
        var hole = timer.position();
        timer.leaveQueue();
        var last = at(--size);
        heap[size] = null;
        shrinkIfSparse();
        if (last == timer) {
            return;
        }
        siftDown(hole, last);
        if (last.position() == hole) {
            siftUp(hole, last);
        }
    }

    private void shrinkIfSparse() {
        if (heap.length > LARGEST_KEPT_SPARSE && size < heap.length / 4) {
            resize(heap.length / 2);
        }
    }

    private void resize(int capacity) {
        heap = Arrays.copyOf(heap, capacity);
        deadlines = Arrays.copyOf(deadlines, capacity);
    }

    void clear() {
        for (var i = 0; i < size; i++) {
            at(i).leaveQueue();
        }
        heap = new @Nullable ScheduledTimer[INITIAL_CAPACITY];
        deadlines = new long[INITIAL_CAPACITY];
        size = 0;
    }

    private void siftUp(int start, ScheduledTimer timer) {
        var hole = start;
        while (hole > 0) {
            var parent = (hole - 1) / ARITY;
            if (!isBefore(timer, parent)) {
                break;
            }
            put(hole, at(parent));
            hole = parent;
        }
        put(hole, timer);
    }

    private void siftDown(int start, ScheduledTimer timer) {
        var hole = start;
        while (true) {
            var first = earliestChild(hole);
            if (first < 0 || isBefore(timer, first)) {
                break;
            }
            put(hole, at(first));
            hole = first;
        }
        put(hole, timer);
    }

    /// {@return the place of the earliest child, or -1 where there is none}
    private int earliestChild(int parent) {
        var child = parent * ARITY + 1;
        if (child >= size) {
            return -1;
        }
        var earliest = child;
        for (var end = Math.min(child + ARITY, size); ++child < end; ) {
            if (isBefore(child, earliest)) {
                earliest = child;
            }
        }
        return earliest;
    }

    private boolean isBefore(ScheduledTimer timer, int position) {
        var when = timer.when();
        return when < deadlines[position]
                || (when == deadlines[position] && timer.sequence() < at(position).sequence());
    }

    private boolean isBefore(int one, int other) {
        return deadlines[one] < deadlines[other]
                || (deadlines[one] == deadlines[other]
                        && at(one).sequence() < at(other).sequence());
    }

    private ScheduledTimer at(int position) {
        var timer = heap[position];
        if (timer == null) {
            throw new IllegalStateException("no timer at " + position + " of " + size);
        }
        return timer;
    }

    private void put(int position, ScheduledTimer timer) {
        heap[position] = timer;
        deadlines[position] = timer.when();
        timer.moveTo(position);
    }
}

package dev.jloop.core.sync;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.TreeSet;

/// What lies in a queue, in the order in which it is handed out.
///
/// @param <T> the type of the items
sealed interface Items<T> {
    /// Adds an item, or leaves everything as it was and throws.
    void add(T item);

    /// {@return the next item, removed; null if there is none}
    @Nullable T poll();

    int size();

    /// First in, first out.
    final class Fifo<T> implements Items<T> {
        private final Deque<T> items = new ArrayDeque<>();

        @Override
        public void add(T item) {
            items.addLast(item);
        }

        @Override
        public @Nullable T poll() {
            return items.pollFirst();
        }

        @Override
        public int size() {
            return items.size();
        }
    }

    /// Last in, first out.
    final class Lifo<T> implements Items<T> {
        private final Deque<T> items = new ArrayDeque<>();

        @Override
        public void add(T item) {
            items.addLast(item);
        }

        @Override
        public @Nullable T poll() {
            return items.pollLast();
        }

        @Override
        public int size() {
            return items.size();
        }
    }

    /// Least first, equal ones first in, first out. In a tree, which compares before it changes
    /// anything and takes the first item without a comparison; a heap loses items where a
    /// comparator throws.
    final class Sorted<T> implements Items<T> {
        private record Entry<T>(T item, long sequence) {}

        private final TreeSet<Entry<T>> entries;
        private long nextSequence;

        Sorted(Comparator<? super T> order) {
            entries =
                    new TreeSet<>(
                            Comparator.<Entry<T>, T>comparing(Entry::item, order)
                                    .thenComparingLong(Entry::sequence));
        }

        @Override
        public void add(T item) {
            entries.add(new Entry<>(item, nextSequence));
            nextSequence++;
        }

        @Override
        public @Nullable T poll() {
            var first = entries.pollFirst();
            return first == null ? null : first.item();
        }

        @Override
        public int size() {
            return entries.size();
        }
    }
}

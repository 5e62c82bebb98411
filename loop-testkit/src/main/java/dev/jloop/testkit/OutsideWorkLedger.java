package dev.jloop.testkit;

import dev.jloop.core.EventLoop.OutsideWork;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/// The work that goes on outside a loop, by name. Any thread.
final class OutsideWorkLedger {
    private final Set<Entry> entries = ConcurrentHashMap.newKeySet();
    private final Runnable whenEnded;

    /// @param whenEnded runs each time that work has ended, on whatever thread ended it
    OutsideWorkLedger(Runnable whenEnded) {
        this.whenEnded = whenEnded;
    }

    /// Enters work that is counted by `token` too.
    OutsideWork enter(String description, OutsideWork token) {
        var entry = new Entry(description, token);
        entries.add(entry);
        return entry;
    }

    boolean isEmpty() {
        return entries.isEmpty();
    }

    /// {@return one line for each, indented}
    String describe() {
        return entries.stream()
                .map(entry -> "    " + entry.description)
                .collect(Collectors.joining(System.lineSeparator()));
    }

    private final class Entry implements OutsideWork {
        private final String description;
        private final OutsideWork token;

        Entry(String description, OutsideWork token) {
            this.description = description;
            this.token = token;
        }

        @Override
        public void close() {
            token.close();
            if (entries.remove(this)) {
                whenEnded.run();
            }
        }

        @Override
        public String toString() {
            return token.toString();
        }
    }
}

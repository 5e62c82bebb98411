package dev.jloop.testkit;

import dev.jloop.core.EventLoop.OutsideWork;

import java.util.NavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/// The work that goes on outside a loop, with what it is called. Each piece is counted by the
/// loop's own token as well.
///
/// **Threading:** any thread.
final class OutsideWorkLedger {
    /// By number, in the order in which they began.
    private final NavigableMap<Long, Entry> entries = new ConcurrentSkipListMap<>();

    private final AtomicLong begun = new AtomicLong();
    private final Runnable whenEnded;

    /// @param whenEnded runs once for each piece of work when it is not here any more, on whatever
    ///   thread has closed it
    OutsideWorkLedger(Runnable whenEnded) {
        this.whenEnded = whenEnded;
    }

    /// Enters work.
    ///
    /// @param description what goes on; it need not be the only piece of that name
    /// @param token counts it for the loop
    /// @return closes `token` too, and then leaves this ledger; a second call does nothing
    OutsideWork enter(String description, OutsideWork token) {
        var entry = new Entry(begun.getAndIncrement(), description, token);
        entries.put(entry.number, entry);
        return entry;
    }

    boolean isEmpty() {
        return entries.isEmpty();
    }

    /// {@return one line for each, indented, in the order in which they began}
    String describe() {
        return entries.values().stream()
                .map(entry -> "    " + entry.description)
                .collect(Collectors.joining(System.lineSeparator()));
    }

    private final class Entry implements OutsideWork {
        private final long number;
        private final String description;
        private final OutsideWork token;

        Entry(long number, String description, OutsideWork token) {
            this.number = number;
            this.description = description;
            this.token = token;
        }

        @Override
        public void close() {
            token.close();
            if (entries.remove(number) != null) {
                whenEnded.run();
            }
        }

        @Override
        public String toString() {
            return token.toString();
        }
    }
}

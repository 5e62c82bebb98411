package dev.jloop.testkit;

import dev.jloop.core.EventLoop.OutsideWork;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/// The work that goes on outside a loop, with what it is called. Each piece is counted by the
/// loop's own token as well.
///
/// **Threading:** any thread.
final class OutsideWorkLedger {
    private final Set<Entry> entries = ConcurrentHashMap.newKeySet();
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
        var entry = new Entry(description, token);
        entries.add(entry);
        return entry;
    }

    boolean isEmpty() {
        return entries.isEmpty();
    }

    /// {@return one line for each, indented, in no order}
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

package dev.jloop.examples.kv;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// What a node must not forget: its term, its vote in it, and its log.
///
/// Each change is durable when the method returns, before the node speaks of it to anybody. Where
/// it throws an [java.io.UncheckedIOException], the change may be there later or not. The first
/// entry of the log has index 1; an index of 0 means no entry, of term 0.
///
/// **Threading:** loop thread only. No method suspends.
interface Storage {
    /// {@return the latest term the node has heard of, 0 at first}
    long term();

    /// {@return whom the node has voted for in this term, or null}
    @Nullable String vote();

    void saveTerm(long term, @Nullable String vote);

    /// {@return the index of the last entry, 0 if the log is empty}
    long lastIndex();

    /// {@return the entry at an index from 1 to [#lastIndex()]}
    LogEntry entry(long index);

    /// {@return up to `limit` entries from `index` on; empty where `index` is past the end}
    List<LogEntry> entriesFrom(long index, int limit);

    void append(LogEntry entry);

    /// Drops the entry at `index` and all after it.
    void truncateFrom(long index);

    /// {@return the term of the entry at `index`, 0 for index 0}
    default long termAt(long index) {
        return index == 0 ? 0 : entry(index).term();
    }

    default long lastTerm() {
        return termAt(lastIndex());
    }
}

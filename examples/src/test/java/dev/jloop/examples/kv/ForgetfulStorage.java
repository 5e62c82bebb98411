package dev.jloop.examples.kv;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// A storage whose vote gets lost when the node that it was made for ends.
final class ForgetfulStorage implements Storage {
    private final Storage storage;
    private @Nullable String vote;

    ForgetfulStorage(Storage storage) {
        this.storage = storage;
    }

    @Override
    public long term() {
        return storage.term();
    }

    @Override
    public @Nullable String vote() {
        return vote;
    }

    @Override
    public void saveTerm(long term, @Nullable String newVote) {
        storage.saveTerm(term, newVote);
        vote = newVote;
    }

    @Override
    public long lastIndex() {
        return storage.lastIndex();
    }

    @Override
    public LogEntry entry(long index) {
        return storage.entry(index);
    }

    @Override
    public List<LogEntry> entriesFrom(long index, int limit) {
        return storage.entriesFrom(index, limit);
    }

    @Override
    public void append(LogEntry entry) {
        storage.append(entry);
    }

    @Override
    public void truncateFrom(long index) {
        storage.truncateFrom(index);
    }
}

package dev.jloop.examples.kv;

import dev.jloop.core.Fault;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/// Survives its node, though not the JVM: a node that starts again with it remembers everything.
///
/// Fails in tests only, at the fault points `kv.persist`, when nothing is written, and
/// `kv.persisted`, when it is, and the node does not know.
final class MemoryStorage implements Storage {
    private final List<LogEntry> log = new ArrayList<>();
    private long term;
    private @Nullable String vote;

    @Override
    public long term() {
        return term;
    }

    @Override
    public @Nullable String vote() {
        return vote;
    }

    @Override
    public void saveTerm(long newTerm, @Nullable String newVote) {
        if (newTerm < term) {
            throw new IllegalArgumentException("term " + newTerm + " is before term " + term);
        }
        write(() -> {
            term = newTerm;
            vote = newVote;
        });
    }

    @Override
    public long lastIndex() {
        return log.size();
    }

    @Override
    public LogEntry entry(long index) {
        return log.get(position(index));
    }

    @Override
    public List<LogEntry> entriesFrom(long index, int limit) {
        var from = (int) Math.min(index - 1, log.size());
        return List.copyOf(log.subList(from, Math.min(log.size(), from + limit)));
    }

    @Override
    public void append(LogEntry entry) {
        write(() -> log.add(entry));
    }

    @Override
    public void truncateFrom(long index) {
        var dropped = log.subList(position(index), log.size());
        write(dropped::clear);
    }

    private static void write(Runnable change) {
        failIfChosen("kv.persist");
        change.run();
        failIfChosen("kv.persisted");
    }

    private static void failIfChosen(String point) {
        if (Fault.chance(point)) {
            throw new UncheckedIOException(new IOException("a write has failed: " + point));
        }
    }

    private int position(long index) {
        if (index < 1 || index > log.size()) {
            throw new IndexOutOfBoundsException(
                    "no entry " + index + " in a log of " + log.size() + " entries");
        }
        return (int) (index - 1);
    }
}

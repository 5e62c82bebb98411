package dev.jloop.examples.kv;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Raft's promises about the nodes, watched from outside. Remembers the first that was broken.
final class Invariants implements KvEvents {
    /// @param node whose
    private record Vote(String node, long term) {}

    private final Map<Vote, String> votes = new HashMap<>();
    private final Map<Long, String> leaders = new HashMap<>();
    private final List<LogEntry> applied = new ArrayList<>();
    private Optional<String> violation = Optional.empty();
    private String latestLeader = "";
    private String latestVoter = "";

    Optional<String> violation() {
        return violation;
    }

    /// {@return the node that was elected last, or ""}
    String latestLeader() {
        return latestLeader;
    }

    /// {@return the node that gave its vote last, or ""}
    String latestVoter() {
        return latestVoter;
    }

    /// {@return the values put to a key, in the order in which it got them}
    List<String> puts(String key) {
        return applied.stream()
                .map(LogEntry::command)
                .filter(command -> command.kind() == Command.Kind.PUT && command.key().equals(key))
                .map(Command::value)
                .distinct() // a client may have tried twice
                .toList();
    }

    @Override
    public void voted(String node, long term, String candidate) {
        latestVoter = node;
        var other = votes.putIfAbsent(new Vote(node, term), candidate);
        if (other != null && !other.equals(candidate)) {
            broken(node + " voted twice in term " + term + ": for " + other + " and " + candidate);
        }
    }

    @Override
    public void becameLeader(String node, long term) {
        latestLeader = node;
        var other = leaders.putIfAbsent(term, node);
        if (other != null && !other.equals(node)) {
            broken("two leaders in term " + term + ": " + other + " and " + node);
        }
    }

    @Override
    public void applied(String node, long index, LogEntry entry) {
        if (index > applied.size() + 1) {
            broken(node + " applied entry " + index + " after " + applied.size());
        } else if (index == applied.size() + 1) {
            applied.add(entry);
        } else if (!applied.get((int) index - 1).equals(entry)) {
            broken(
                    node
                            + " applied "
                            + entry
                            + " at "
                            + index
                            + ", where another one applied "
                            + applied.get((int) index - 1));
        }
    }

    /// Where two logs have entries of the same term at an index, they are the same up to there.
    void checkLogs(Collection<? extends Storage> logs) {
        for (var one : logs) {
            for (var other : logs) {
                var index = Math.min(one.lastIndex(), other.lastIndex());
                while (index > 0 && one.termAt(index) != other.termAt(index)) {
                    index--;
                }
                for (; index > 0; index--) {
                    if (!one.entry(index).equals(other.entry(index))) {
                        broken(
                                "the logs match after and differ at "
                                        + index
                                        + ": "
                                        + one.entry(index)
                                        + " and "
                                        + other.entry(index));
                        return;
                    }
                }
            }
        }
    }

    private void broken(String what) {
        if (violation.isEmpty()) {
            violation = Optional.of(what);
        }
    }
}

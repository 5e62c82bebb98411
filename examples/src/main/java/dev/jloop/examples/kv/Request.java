package dev.jloop.examples.kv;

import java.util.List;

/// What a node is asked, by another node or by a client.
sealed interface Request {
    /// Asks for a vote.
    ///
    /// @param lastIndex the last entry of the candidate's log
    /// @param lastTerm the term of that entry
    record Vote(long term, String candidate, long lastIndex, long lastTerm) implements Request {}

    /// Brings entries from the leader; without any it is a heartbeat.
    ///
    /// @param previousIndex the entry before the first of `entries`
    /// @param previousTerm the term of that entry
    /// @param commitIndex up to where the leader knows the log to be committed
    record Append(
            long term,
            String leader,
            long previousIndex,
            long previousTerm,
            List<LogEntry> entries,
            long commitIndex)
            implements Request {}

    /// Brings a command of a client.
    record Execute(Command command) implements Request {}
}

package dev.jloop.examples.kv;

/// What a node answers to a [Request].
sealed interface Reply {
    /// Gives a vote or not.
    ///
    /// @param term the term of who answers
    record Vote(long term, boolean granted) implements Reply {}

    /// Takes the entries or not.
    ///
    /// @param term the term of who answers
    /// @param matches whether the logs agree up to `index` now
    /// @param index where they do not: an index that may be the last on which they agree
    record Append(long term, boolean matches, long index) implements Reply {}

    /// The command was done, once.
    ///
    /// @param found whether the key has a value; true for commands that write
    /// @param value the value read; empty for commands that write
    record Done(boolean found, String value) implements Reply {}

    /// The command will never be done.
    record Failed(String reason) implements Reply {}

    /// The command was not done here, and it is unknown whether it will be.
    ///
    /// @param leader the node to ask instead, empty if unknown
    record Refused(String leader) implements Reply {}
}

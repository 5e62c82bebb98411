package dev.jloop.examples.kv;

/// A command in the log, and the term of the leader that put it there.
record LogEntry(long term, Command command) {}

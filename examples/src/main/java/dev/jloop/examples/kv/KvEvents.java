package dev.jloop.examples.kv;

/// Told of what happens in a node. Called within its steps: must not suspend, and not call back.
interface KvEvents {
    /// Tells nobody.
    KvEvents NONE = new KvEvents() {};

    /// A node has given its vote in a term, to itself or another, and will not forget it.
    default void voted(String node, long term, String candidate) {}

    /// A node has got the votes of a majority.
    default void becameLeader(String node, long term) {}

    /// A node has applied a committed entry to its state.
    default void applied(String node, long index, LogEntry entry) {}
}

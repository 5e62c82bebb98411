/// A replicated key-value store: an exercise in jloop's streams, tasks and timeouts, and a subject
/// for the testkit.
///
/// It is no database. Leader election and log replication follow Raft (Ongaro and Ousterhout, "In
/// Search of an Understandable Consensus Algorithm", 2014), without snapshots, changes of
/// membership and a disk: the log, and what is kept of each client, grow for ever.
@NullMarked
package dev.jloop.examples.kv;

import org.jspecify.annotations.NullMarked;

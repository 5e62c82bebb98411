/// Servers that do the same in different ways, each a process of its own: `PeerMain` runs those on
/// the JVM, the others are among the resources of this package.
@org.jspecify.annotations.NullMarked
package dev.jloop.benchmarks.peers;

/// `./jloop bench`: measures the servers of `dev.jloop.benchmarks.peers` side by side, round by
/// round, and writes what it saw.
@org.jspecify.annotations.NullMarked
package dev.jloop.benchmarks.sidebyside;

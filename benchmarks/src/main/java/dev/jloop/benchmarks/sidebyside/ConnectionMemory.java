package dev.jloop.benchmarks.sidebyside;

import org.jspecify.annotations.Nullable;

/// What an idle connection costs that has echoed a message.
///
/// @param peer the server's name
/// @param residentBytes by how much the server's resident memory grew, for each connection
/// @param heapBytes by how much the heap in use grew; null for servers that are no JVM
public record ConnectionMemory(String peer, double residentBytes, @Nullable Double heapBytes) {}

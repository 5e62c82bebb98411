package dev.jloop.benchmarks.sidebyside;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Objects;
import java.util.function.Function;

/// What an idle connection costs that has echoed a message.
///
/// @param peer the server's name
/// @param residentBytes by how much the server's resident memory grew, for each connection
/// @param heapBytes by how much the heap in use grew; null for servers that are no JVM
/// @param directBytes by how much its direct buffers grew; null as above
public record ConnectionMemory(
        String peer,
        double residentBytes,
        @Nullable Double heapBytes,
        @Nullable Double directBytes) {
    /// {@return of each figure the median}
    ///
    /// @param starts of one server, at least one
    static ConnectionMemory median(List<ConnectionMemory> starts) {
        return new ConnectionMemory(
                starts.getFirst().peer(),
                Objects.requireNonNull(median(starts, ConnectionMemory::residentBytes)),
                median(starts, ConnectionMemory::heapBytes),
                median(starts, ConnectionMemory::directBytes));
    }

    private static @Nullable Double median(
            List<ConnectionMemory> starts, Function<ConnectionMemory, @Nullable Double> figure) {
        var known = starts.stream().map(figure).filter(Objects::nonNull).toList();
        return known.isEmpty() ? null : Summary.of(known).median();
    }
}

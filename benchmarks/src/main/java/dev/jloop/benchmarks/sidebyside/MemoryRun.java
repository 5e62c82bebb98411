package dev.jloop.benchmarks.sidebyside;

import dev.jloop.benchmarks.peers.Service;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// Measures what connections cost that are idle: each server is started anew, serves a few, then
/// many, each of which echoes one message.
///
/// @param program the load generator for echoes
/// @param pinning where servers and load run
/// @param connections how many
/// @param progress is told what is done
record MemoryRun(Path program, Pinning pinning, int connections, Progress progress) {
    /// As it is chosen on the command line.
    static final String TITLE = "memory of idle connections";

    private static final int BYTES = 1024;

    private static final Duration WARM_UP = Duration.ofSeconds(1);

    /// Measures. Suspends.
    List<ConnectionMemory> run(List<Peer> peers) throws IOException {
        var seen = new ArrayList<ConnectionMemory>();
        for (var peer : peers) {
            progress.step(TITLE, peer.name());
            try (var server = Server.start(peer, Service.ECHO, pinning)) {
                load(10).measure(server, Duration.ZERO, WARM_UP);
                seen.add(measure(server));
            }
        }
        return seen;
    }

    private ConnectionMemory measure(Server server) throws IOException {
        var heap = server.heapBytes();
        var resident = server.residentBytes();
        try (var _ = load(connections).connect(server, Duration.ZERO, Duration.ZERO)) {
            // Resident memory first: the collection that shows the heap in use gives some back.
            var residentGrowth = server.residentBytes() - resident;
            var heapGrowth =
                    heap == null ? null : Objects.requireNonNull(server.heapBytes()) - heap;
            return new ConnectionMemory(
                    server.peer().name(),
                    residentGrowth / (double) connections,
                    heapGrowth == null ? null : heapGrowth / (double) connections);
        }
    }

    private EchoLoad load(int count) {
        return new EchoLoad(program, pinning, new Cell(Service.ECHO, BYTES, count, 1));
    }
}

package dev.jloop.benchmarks.sidebyside;

import dev.jloop.benchmarks.peers.Service;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Measures what connections cost that are idle: each server is started anew, serves a few, then
/// many, each of which echoes one message.
///
/// @param program the load generator for echoes
/// @param pinning where servers and load run
/// @param connections how many
/// @param missing is told which servers have failed
/// @param progress is told what is done
record MemoryRun(
        Path program, Pinning pinning, int connections, Missing missing, Progress progress) {
    /// As it is chosen on the command line.
    static final String TITLE = "memory of idle connections";

    private static final int BYTES = 1024;

    private static final Duration WARM_UP = Duration.ofSeconds(1);

    /// How often each server is started.
    private static final int STARTS = 3;

    /// Measures. Suspends.
    List<ConnectionMemory> run(List<Peer> peers) {
        var seen = new ArrayList<ConnectionMemory>();
        for (var peer : peers) {
            missing.tryAdd(TITLE + ", " + peer.name(), () -> seen.add(measure(peer)));
        }
        return seen;
    }

    private ConnectionMemory measure(Peer peer) throws IOException {
        var starts = new ArrayList<ConnectionMemory>();
        for (var start = 1; start <= STARTS; start++) {
            progress.step(TITLE, peer.name() + ", start " + start + " of " + STARTS);
            try (var server = Server.start(peer, Service.ECHO, pinning)) {
                load(10).measure(server, Duration.ZERO, WARM_UP);
                starts.add(measure(server));
            }
        }
        return ConnectionMemory.median(starts);
    }

    private ConnectionMemory measure(Server server) throws IOException {
        var before = server.jvmMemory();
        var resident = server.residentBytes();
        try (var _ = load(connections).connect(server, Duration.ZERO, Duration.ZERO)) {
            // Resident memory first: the collection that shows the heap in use gives some back.
            var growth = server.residentBytes() - resident;
            var after = server.jvmMemory();
            return new ConnectionMemory(
                    server.peer().name(),
                    each(growth),
                    before == null || after == null
                            ? null
                            : each(after.heapBytes() - before.heapBytes()),
                    before == null || after == null
                            ? null
                            : each(after.directBytes() - before.directBytes()));
        }
    }

    private double each(long bytes) {
        return bytes / (double) connections;
    }

    private EchoLoad load(int count) {
        return new EchoLoad(program, pinning, new Cell(Service.ECHO, BYTES, count, 1));
    }
}

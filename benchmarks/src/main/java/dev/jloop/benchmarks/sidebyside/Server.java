package dev.jloop.benchmarks.sidebyside;

import dev.jloop.benchmarks.peers.Service;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/// A server that runs. Closing ends it.
final class Server implements AutoCloseable {
    private final Peer peer;
    private final Program program;
    private final int port;

    private Server(Peer peer, Program program, int port) {
        this.peer = peer;
        this.program = program;
        this.port = port;
    }

    /// Suspends until it listens.
    static Server start(Peer peer, Service service, Pinning pinning) throws IOException {
        var program = Program.start(peer.name(), pinning.server(peer.command(service)));
        try {
            return new Server(peer, program, Integer.parseInt(program.await("listening")));
        } catch (Throwable failure) {
            program.close();
            throw failure;
        }
    }

    Peer peer() {
        return peer;
    }

    int port() {
        return port;
    }

    long pid() {
        return program.pid();
    }

    /// What a JVM uses after a collection.
    ///
    /// @param heapBytes of heap
    /// @param directBytes of direct buffers
    record JvmMemory(long heapBytes, long directBytes) {}

    /// {@return what its JVM has allocated so far, or null if it has none}
    @Nullable Long allocatedBytes() throws IOException {
        return peer.answersQuestions() ? Long.parseLong(program.ask("allocated")) : null;
    }

    /// {@return what its JVM uses, or null if it has none}
    @Nullable JvmMemory jvmMemory() throws IOException {
        if (!peer.answersQuestions()) {
            return null;
        }
        var words = program.ask("heap").split(" ", -1); // HEAP direct DIRECT
        return new JvmMemory(Long.parseLong(words[0]), Long.parseLong(words[2]));
    }

    /// {@return its resident memory}
    ///
    /// @throws IOException where the system does not tell it
    long residentBytes() throws IOException {
        for (var line : Files.readAllLines(Path.of("/proc", "" + pid(), "status"))) {
            if (line.startsWith("VmRSS:")) {
                return 1024 * Long.parseLong(line.split("\\s+", -1)[1]);
            }
        }
        throw new IOException("the system does not tell the memory of " + peer.name());
    }

    /// {@return the processor time of all its threads, those too that have ended}
    ///
    /// @throws IOException if it has ended, or the system does not tell
    long processorNanos() throws IOException {
        return ProcessHandle.of(pid())
                .flatMap(process -> process.info().totalCpuDuration())
                .map(Duration::toNanos)
                .orElseThrow(() ->
                        new IOException(
                                "the system does not tell the processor time of " + peer.name()));
    }

    @Override
    public void close() {
        program.close();
    }
}

package dev.jloop.benchmarks.sidebyside;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Counts the system calls of a process with `strace`, which slows it down a lot.
///
/// @param strace the program
/// @param table where it writes its table
record SystemCalls(String strace, Path table) {
    /// Attaches to a process that does nothing, and lets go of it. Suspends.
    ///
    /// @throws IOException if that is not allowed here
    void probe() throws IOException {
        try (var sleeping = Program.start("sleep", List.of("sleep", "60"));
                var _ = attach(sleeping.pid())) {
            return;
        }
    }

    /// Begins to count. Suspends until it does.
    Counting attach(long pid) throws IOException {
        var command = List.of(strace, "-f", "-c", "-o", table.toString(), "-p", "" + pid);
        var program = Program.startMerged("strace", command);
        try {
            program.await(strace + ": Process");
            return new Counting(program);
        } catch (Throwable failure) {
            program.close();
            throw failure;
        }
    }

    /// A count under way. Closing ends it.
    final class Counting implements AutoCloseable {
        private final Program program;

        private Counting(Program program) {
            this.program = program;
        }

        /// {@return how many calls there were} Suspends.
        long finish() throws IOException {
            program.interrupt();
            for (var line : Files.readAllLines(table)) {
                if (line.endsWith(" total")) {
                    // percent, seconds, microseconds for each, calls
                    return Long.parseLong(line.strip().split("\\s+", -1)[3]);
                }
            }
            throw new IOException("strace wrote no total into " + table);
        }

        @Override
        public void close() {
            program.close();
        }
    }
}

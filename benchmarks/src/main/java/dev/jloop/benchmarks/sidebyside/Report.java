package dev.jloop.benchmarks.sidebyside;

import com.fasterxml.jackson.databind.ObjectMapper;

import dev.jloop.benchmarks.scheduler.SchedulerCells;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/// Everything that was seen, to be kept.
///
/// @param time when
/// @param machine on what
/// @param pinned whether server and load had a processor each
/// @param missing what could not be measured, and why
/// @param cells for each kind of load
/// @param memory of idle connections
/// @param scheduler what the loop's own operations cost
public record Report(
        String time,
        Machine machine,
        boolean pinned,
        List<String> missing,
        List<CellResult> cells,
        List<ConnectionMemory> memory,
        List<SchedulerCells.Row> scheduler) {
    /// What the figures depend on.
    ///
    /// @param system the operating system and its version
    /// @param processors how many the JVM may use
    /// @param java the version of the JVM
    public record Machine(String system, int processors, String java) {
        static Machine here() {
            return new Machine(
                    System.getProperty("os.name") + " " + System.getProperty("os.version"),
                    Runtime.getRuntime().availableProcessors(),
                    Runtime.version().toString());
        }
    }

    static String now() {
        return Instant.now().toString();
    }

    /// Writes `bench.json` and `bench.svg`, and replaces those that are there.
    void write(Path folder) throws IOException {
        Files.createDirectories(folder);
        new ObjectMapper()
                .writerWithDefaultPrettyPrinter()
                .writeValue(folder.resolve("bench.json").toFile(), this);
        Chart.write(folder.resolve("bench.svg"), cells);
    }
}

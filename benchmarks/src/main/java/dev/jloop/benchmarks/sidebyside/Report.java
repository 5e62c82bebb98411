package dev.jloop.benchmarks.sidebyside;

import com.fasterxml.jackson.databind.ObjectMapper;

import dev.jloop.benchmarks.scheduler.SchedulerCells;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/// Everything that was seen, to be kept.
///
/// @param time when
/// @param machine on what
/// @param missing what could not be measured, and why
/// @param cells for each kind of load
/// @param memory of idle connections
/// @param scheduler what the loop's own operations cost
public record Report(
        String time,
        Machine machine,
        List<String> missing,
        List<CellResult> cells,
        List<ConnectionMemory> memory,
        List<SchedulerCells.Row> scheduler) {
    /// What the figures depend on.
    ///
    /// @param system the operating system and its version
    /// @param processor its model; null where the system does not tell it
    /// @param processors how many the JVM may use
    /// @param serverProcessor the number of the one that servers run on; null where it is not fixed
    /// @param loadProcessor that of load generators
    /// @param java the version of the JVM
    public record Machine(
            String system,
            @Nullable String processor,
            int processors,
            @Nullable Integer serverProcessor,
            @Nullable Integer loadProcessor,
            String java) {
        private static final Path PROCESSORS = Path.of("/proc/cpuinfo");

        static Machine here(Pinning pinning) throws IOException {
            return new Machine(
                    System.getProperty("os.name") + " " + System.getProperty("os.version"),
                    Files.isReadable(PROCESSORS) ? model(Files.readAllLines(PROCESSORS)) : null,
                    Runtime.getRuntime().availableProcessors(),
                    pinning.isEffective() ? pinning.server() : null,
                    pinning.isEffective() ? pinning.load() : null,
                    Runtime.version().toString());
        }

        private static @Nullable String model(List<String> lines) {
            return lines.stream()
                    .filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse(null);
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

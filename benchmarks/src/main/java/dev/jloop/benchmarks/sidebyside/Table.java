package dev.jloop.benchmarks.sidebyside;

import dev.jloop.benchmarks.scheduler.SchedulerCells;
import dev.jloop.benchmarks.scheduler.SchedulerCells.Unit;

import org.jspecify.annotations.Nullable;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// Prints results as tables for people.
final class Table {
    private static final String NOTHING = "-";

    private final PrintStream out;

    Table(PrintStream out) {
        this.out = out;
    }

    /// Medians of all rounds, and the spread of the ratio.
    void print(CellResult cell) {
        out.println();
        out.println(cell.title());
        line(
                "", "req/s", "p50", "p99", "p99.9", "CPU us", "busy", "ratio", "spread", "calls",
                "bytes");
        for (var result : cell.results()) {
            var ratio = result.cpuRatio();
            line(
                    result.peer(),
                    format("%.0f", result.summary(Round::requestsPerSecond).median()),
                    format("%.0f", result.summary(Round::p50Micros).median()),
                    format("%.0f", result.summary(Round::p99Micros).median()),
                    format("%.0f", result.summary(Round::p999Micros).median()),
                    format("%.2f", result.summary(Round::cpuNanos).median() / 1000),
                    format("%.2f", result.summary(Round::busy).median()),
                    format("%.2f", ratio.median()),
                    format("%.2f", ratio.least()) + format("-%.2f", ratio.greatest()),
                    format("%.2f", result.systemCalls()),
                    format("%.0f", result.allocatedBytes()));
        }
    }

    void print(int connections, List<ConnectionMemory> memory) {
        out.println();
        out.printf("%d idle connections, bytes for each%n", connections);
        out.printf("%-22s %10s %10s %10s%n", "", "resident", "heap", "direct");
        for (var each : memory) {
            out.printf(
                    "%-22s %10s %10s %10s%n",
                    each.peer(),
                    format("%.0f", each.residentBytes()),
                    format("%.0f", each.heapBytes()),
                    format("%.0f", each.directBytes()));
        }
    }

    /// What the loop's own operations cost.
    void printScheduler(List<SchedulerCells.Row> rows) {
        out.println();
        out.printf(
                "%-38s %7s %13s %8s   %s%n",
                "scheduler, ns each", "jloop", "spread", "at most", "peers");
        for (var row : rows) {
            var peers =
                    row.peers().stream()
                            .map(peer ->
                                    peer.name()
                                            + " "
                                            + format("%.0f", peer.value())
                                            + " ("
                                            + spread(peer)
                                            + ")")
                            .collect(Collectors.joining(", "));
            out.printf(
                    "%-38s %7s %13s %8s   %s%n",
                    row.cell().name() + (row.cell().unit() == Unit.BYTES ? ", bytes" : ""),
                    format("%.0f", row.jloop().value()),
                    spread(row.jloop()),
                    format("%.0f", row.limit()),
                    peers);
        }
    }

    private static String spread(SchedulerCells.Score score) {
        return format("%.0f", score.lowest()) + format("-%.0f", score.highest());
    }

    /// Says what the columns mean.
    void printLegend() {
        out.println();
        out.println(
                """
                Medians of all rounds. p50 to p99.9: latencies in microseconds. CPU us: processor time of
                the server for each request, kernel included. busy: the share of a processor that the
                server had; ratios compare only where it is nearly equal, best near 1. ratio: CPU us as a
                multiple of the first server's in the same round, with the least and the greatest. calls:
                system calls for each request. bytes: allocated on the heap for each request.\
                """);
    }

    private void line(String... columns) {
        out.printf("%-22s %9s %7s %7s %7s %8s %5s %6s %11s %7s %7s%n", (Object[]) columns);
    }

    private static String format(String pattern, @Nullable Double figure) {
        return figure == null ? NOTHING : String.format(Locale.ROOT, pattern, figure);
    }
}

package dev.jloop.benchmarks.sidebyside;

import dev.jloop.benchmarks.peers.Service;
import dev.jloop.benchmarks.scheduler.SchedulerCells;
import dev.jloop.core.Async;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;

/// The command `./jloop bench`.
@Command(
        name = "jloop bench",
        showDefaultValues = true,
        description = {
            "Measures servers side by side: jloop beside Netty, Vert.x, virtual threads, a bare"
                    + " selector, and what else the machine has.",
            "Server and load generator get a processor each, and the servers take turns, so that"
                    + " what else the machine does meets them all. Compare ratios, not figures of"
                    + " different runs."
        })
public final class Bench implements Callable<Integer> {
    private static final CellRun.Pace FULL =
            new CellRun.Pace(7, Duration.ofSeconds(5), Duration.ofSeconds(2));
    private static final CellRun.Pace QUICK =
            new CellRun.Pace(3, Duration.ofSeconds(3), Duration.ofSeconds(1));

    /// How `--load` knows the loop's own operations.
    private static final String SCHEDULER = "scheduler";

    private static final int IDLE_CONNECTIONS = 1000;

    @Option(names = "--help", usageHelp = true, description = "shows this and ends")
    @SuppressWarnings("UnusedVariable") // picocli alone looks at it
    private boolean help;

    @Option(names = "--quick", description = "fewer kinds of load, and shorter rounds")
    private boolean quick;

    @Option(
            names = "--load",
            paramLabel = "PATTERN",
            description = "only loads whose title matches, such as 'echo.*1000'")
    private @Nullable Pattern wantedLoads;

    @Option(
            names = "--peer",
            paramLabel = "PATTERN",
            description = "only servers whose whole name matches, such as 'c-epoll|jloop.*'")
    private @Nullable Pattern wantedPeers;

    @Option(
            names = "--variant",
            paramLabel = "NAME=OPTIONS",
            description = "also measures jloop with these options of the JVM, separated by spaces")
    private Map<String, String> variants = Map.of();

    @Option(names = "--rounds", paramLabel = "N", description = "how often each is measured")
    private @Nullable Integer rounds;

    @Option(
            names = "--output",
            paramLabel = "FOLDER",
            defaultValue = "target/bench",
            description = "where bench.json and bench.svg are written")
    private Path output = Path.of("target", "bench");

    private final Progress progress = new Progress();
    private final List<String> missing = new ArrayList<>();

    private Bench() {}

    /// Runs the command and ends the JVM.
    ///
    /// @param args the options
    public static void main(String[] args) {
        System.exit(new CommandLine(new Bench()).execute(args));
    }

    @Override
    public Integer call() throws Exception {
        return Async.run(this::measure);
    }

    private int measure() throws IOException {
        var pinning = Pinning.here();
        if (!pinning.isEffective()) {
            miss("server and load share the processors: that needs taskset and two of them");
        }
        var tools = Tools.in(output.resolve("programs"));
        var servers =
                Peers.find(tools, variants, this::miss).stream().filter(this::isWanted).toList();
        var loads = Loads.find(tools, pinning, this::miss);
        var table = new Table(System.out);
        var cells = new ArrayList<CellResult>();
        for (var cell : quick ? Cell.QUICK : Cell.ALL) {
            var load = loads.of(cell);
            var offering = servers.stream().filter(peer -> peer.offers(cell.service())).toList();
            if (isWanted(cell.title()) && load != null && !offering.isEmpty()) {
                var result =
                        new CellRun(cell, load, pinning, pace(), loads.systemCalls(), progress)
                                .run(offering);
                progress.clear();
                table.print(result);
                cells.add(result);
            }
        }
        var memory = memory(loads, servers, table);
        var scheduler = scheduler(table);
        if (cells.isEmpty() && memory.isEmpty() && scheduler.isEmpty()) {
            throw new CommandLine.ParameterException(
                    new CommandLine(this), "nothing to measure: no server or load matches");
        }
        table.printLegend();
        var report =
                new Report(
                        Report.now(),
                        Report.Machine.here(),
                        pinning.isEffective(),
                        missing,
                        cells,
                        memory,
                        scheduler);
        report.write(output);
        System.out.println("written: " + output.resolve("bench.json") + ", bench.svg");
        return CommandLine.ExitCode.OK;
    }

    private List<ConnectionMemory> memory(Loads loads, List<Peer> servers, Table table)
            throws IOException {
        var run = loads.memory(IDLE_CONNECTIONS, progress);
        if (run == null || !isWanted(MemoryRun.TITLE)) {
            return List.of();
        }
        var echoing = servers.stream().filter(peer -> peer.offers(Service.ECHO)).toList();
        var memory = run.run(echoing);
        progress.clear();
        table.print(IDLE_CONNECTIONS, memory);
        return memory;
    }

    private List<SchedulerCells.Row> scheduler(Table table) {
        if (!isWanted(SCHEDULER)) {
            return List.of();
        }
        var effort = quick ? SchedulerCells.Effort.QUICK : SchedulerCells.Effort.FULL;
        var rows = new ArrayList<SchedulerCells.Row>();
        for (var cell : SchedulerCells.all()) {
            progress.step(SCHEDULER, cell.name());
            rows.add(SchedulerCells.run(effort, cell));
        }
        progress.clear();
        table.printScheduler(rows);
        return rows;
    }

    private CellRun.Pace pace() {
        var pace = quick ? QUICK : FULL;
        return rounds == null ? pace : new CellRun.Pace(rounds, pace.warmUp(), pace.length());
    }

    private boolean isWanted(String title) {
        return wantedLoads == null || wantedLoads.matcher(title).find();
    }

    private boolean isWanted(Peer peer) {
        return wantedPeers == null || wantedPeers.matcher(peer.name()).matches();
    }

    private void miss(String what) {
        missing.add(what);
        progress.note(what);
    }
}

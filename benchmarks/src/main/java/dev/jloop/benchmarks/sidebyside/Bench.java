package dev.jloop.benchmarks.sidebyside;

import dev.jloop.benchmarks.peers.Service;
import dev.jloop.benchmarks.scheduler.SchedulerCells;
import dev.jloop.core.Async;
import dev.jloop.executor.Offload;
import dev.jloop.executor.OffloadOptions;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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

    /// How `--load` knows one loop against two.
    private static final String SCALING = "scaling";

    /// JMH waits for JVMs of its own.
    private static final OffloadOptions INTERRUPTIBLE =
            OffloadOptions.DEFAULTS.withInterruptOnCancel(true);

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

    @Spec private @Nullable CommandSpec spec;

    private final Progress progress = new Progress();
    private final Missing missing = new Missing(progress::note);
    private final Table table = new Table(System.out);
    private final List<CellResult> cells = new ArrayList<>();
    private List<ConnectionMemory> memory = List.of();
    private final List<SchedulerCells.Row> scheduler = new ArrayList<>();

    private Bench() {}

    /// Runs the command and ends the JVM.
    ///
    /// @param args the options
    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        return new CommandLine(new Bench());
    }

    @Override
    public Integer call() throws Exception {
        checkOptions();
        return Async.run(this::measureAll);
    }

    private void checkOptions() {
        if (rounds != null && rounds < 1) {
            throw unusable("--rounds is " + rounds + "; give at least 1");
        }
        variants.forEach((name, options) -> {
            if (name.isBlank() || options.isBlank()) {
                throw unusable(
                        "--variant is \""
                                + name
                                + "="
                                + options
                                + "\"; give a name and options of the JVM, such as"
                                + " zgc=-XX:+UseZGC");
            }
        });
        try {
            Files.createDirectories(output);
            Files.delete(Files.createTempFile(output, "bench", ".tmp"));
        } catch (IOException failure) {
            throw unusable(
                    "--output: nothing can be written to "
                            + output
                            + " ("
                            + failure
                            + "); give a folder that can be made or written to");
        }
    }

    private ParameterException unusable(String why) {
        return new ParameterException(Objects.requireNonNull(spec).commandLine(), why);
    }

    private int measureAll() throws IOException {
        var pinning =
                missing.tryGet("server and load share the processors", Pinning::here)
                        .orElse(Pinning.NONE);
        var tools = Tools.in(output.resolve("programs"));
        var servers = Peers.find(tools, variants, missing).stream().filter(this::isWanted).toList();
        var loads = Loads.find(tools, pinning, missing);
        for (var cell : quick ? Cell.QUICK : Cell.ALL) {
            if (isWanted(cell.title())) {
                measure(cell, servers, loads);
                write(pinning);
            }
        }
        measureScaling(loads);
        measureMemory(servers, loads);
        write(pinning);
        if (isSchedulerWanted()) {
            measureScheduler(pinning);
        }
        if (isEmpty()) {
            throw unusable("nothing was measured: no server or load matches, or all have failed");
        }
        table.printLegend();
        System.out.println("written: " + output.resolve("bench.json") + ", bench.svg");
        return CommandLine.ExitCode.OK;
    }

    private boolean isEmpty() {
        return cells.isEmpty() && memory.isEmpty() && scheduler.isEmpty();
    }

    /// Replaces what is there; called after each part, so that no failure loses what was seen.
    private void write(Pinning pinning) throws IOException {
        if (!isEmpty()) {
            new Report(
                            Report.now(),
                            Report.Machine.here(pinning),
                            missing.reasons(),
                            cells,
                            memory,
                            scheduler)
                    .write(output);
        }
    }

    /// One loop against two, where servers and load get whatever processors they like.
    private void measureScaling(Loads loads) {
        var title = SCALING + ", " + Cell.SCALING.title();
        var wanted = Peers.scaling().stream().filter(this::isWanted).toList();
        if (isWanted(title)) {
            measure(title, Cell.SCALING, wanted, loads.unpinned());
        }
    }

    private void measure(Cell cell, List<Peer> servers, Loads loads) {
        measure(cell.title(), cell, servers, loads);
    }

    private void measure(String title, Cell cell, List<Peer> servers, Loads loads) {
        var load = loads.of(cell);
        var offering = servers.stream().filter(peer -> peer.offers(cell.service())).toList();
        if (load != null && !offering.isEmpty()) {
            var run =
                    new CellRun(
                            title,
                            cell,
                            load,
                            loads.pinning(),
                            pace(),
                            loads.systemCalls(),
                            missing,
                            progress);
            var result = run.run(offering);
            progress.clear();
            result.ifPresent(seen -> {
                table.print(seen);
                cells.add(seen);
            });
        }
    }

    private void measureMemory(List<Peer> servers, Loads loads) {
        var run = loads.memory(IDLE_CONNECTIONS, missing, progress);
        if (run != null && isWanted(MemoryRun.TITLE)) {
            memory = run.run(servers.stream().filter(peer -> peer.offers(Service.ECHO)).toList());
            progress.clear();
            table.print(IDLE_CONNECTIONS, memory);
        }
    }

    private void measureScheduler(Pinning pinning) throws IOException {
        var effort = quick ? SchedulerCells.Effort.QUICK : SchedulerCells.Effort.FULL;
        for (var cell : SchedulerCells.all()) {
            progress.step(SCHEDULER, cell.name());
            missing.tryAdd(
                    cell.name(),
                    () ->
                            scheduler.add(
                                    Offload.toThread(
                                            () -> SchedulerCells.run(effort, cell),
                                            INTERRUPTIBLE)));
            write(pinning);
        }
        progress.clear();
        table.printScheduler(scheduler);
    }

    private CellRun.Pace pace() {
        var pace = quick ? QUICK : FULL;
        return rounds == null ? pace : new CellRun.Pace(rounds, pace.warmUp(), pace.length());
    }

    /// Whoever names servers only wants to see servers.
    private boolean isSchedulerWanted() {
        return wantedLoads == null ? wantedPeers == null : isWanted(SCHEDULER);
    }

    private boolean isWanted(String title) {
        return wantedLoads == null || wantedLoads.matcher(title).find();
    }

    private boolean isWanted(Peer peer) {
        return wantedPeers == null || wantedPeers.matcher(peer.name()).matches();
    }
}

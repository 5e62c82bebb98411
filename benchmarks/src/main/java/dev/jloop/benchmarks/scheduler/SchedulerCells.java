package dev.jloop.benchmarks.scheduler;

import com.fasterxml.jackson.annotation.JsonProperty;

import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// What is measured of the scheduler, against whom, and what it may cost: the cells of a table.
///
/// Needs `--add-opens=java.base/java.lang=ALL-UNNAMED`, for the mounted engine.
public final class SchedulerCells {
    /// In which coroutines are measured here; the benchmarks themselves know the other one too.
    private static final String ENGINE = "mounted";

    /// JMH itself uses what the JDK warns of.
    private static final String QUIET = "--sun-misc-unsafe-memory-access=allow";

    private static final List<Cell> CELLS =
            List.of(
                    nanos(
                            "callSoon and run, in a batch",
                            10,
                            "CallbackBenchmark.callSoonAndRun",
                            new Peer("Netty", "CallbackBenchmark.nettyExecuteAndRun"),
                            new Peer("bare queue", "CallbackBenchmark.plainQueueAndRun")),
                    nanos(
                            "chain of callSoon",
                            15,
                            "CallbackBenchmark.callSoonChain",
                            new Peer("Netty", "CallbackBenchmark.nettyExecuteChain"),
                            new Peer("bare queue", "CallbackBenchmark.plainQueueChain")),
                    nanos(
                            "timer added and cancelled",
                            35,
                            "TimerBenchmark.addAndCancel",
                            new Peer("Netty", "TimerBenchmark.nettyAddAndCancel"),
                            new Peer("JDK", "TimerBenchmark.jdkAddAndCancel")),
                    nanos(
                            "timer added and fired, of a million",
                            800,
                            "TimerFiringBenchmark.addAndFire",
                            new Peer("Netty", "TimerFiringBenchmark.nettyAddAndFire"),
                            new Peer("JDK", "TimerFiringBenchmark.jdkAddAndFire")),
                    nanos(
                            "task switch",
                            140,
                            "CoroutineBenchmark.suspendAndResume",
                            new Peer("JDK", "VirtualThreadBenchmark.yieldAlone")),
                    nanos(
                            "task spawned and finished",
                            150,
                            "CoroutineBenchmark.spawnAndFinish",
                            new Peer("JDK", "VirtualThreadBenchmark.spawnAndFinish")),
                    nanos(
                            "submission to a busy loop",
                            15,
                            "SubmissionBenchmark.submitToBusyLoop",
                            new Peer("Netty", "SubmissionBenchmark.nettySubmitToBusyLoop"),
                            new Peer(
                                    "bare queue",
                                    "SubmissionBenchmark.plainSubmitToSpinningThread")),
                    noWorseThanPeer(
                            "ping-pong with a thread",
                            "RoundTripBenchmark.pingPong",
                            new Peer("Netty", "RoundTripBenchmark.nettyPingPong"),
                            new Peer("JDK", "RoundTripBenchmark.jdkPingPong")),
                    noWorseThanPeer(
                            "round trip to an executor",
                            "RoundTripBenchmark.runInExecutor",
                            new Peer("Netty", "RoundTripBenchmark.nettyExecutor"),
                            new Peer("JDK", "RoundTripBenchmark.jdkExecutor")),
                    new Cell(
                            "parked task",
                            Unit.BYTES,
                            1_000.0,
                            ParkedMemory.COROUTINE,
                            List.of(new Peer("JDK", ParkedMemory.VIRTUAL_THREAD))));

    private SchedulerCells() {}

    /// What a score counts; less is better.
    public enum Unit {
        /// Time of one operation.
        NANOSECONDS,

        /// Heap.
        BYTES
    }

    /// How long to measure.
    public enum Effort {
        /// A few seconds for each benchmark, in one JVM: enough to see a factor of two.
        QUICK,

        /// What the benchmarks' annotations say: some 25 seconds for each, in two JVMs.
        FULL
    }

    /// Who does the same.
    ///
    /// @param name what to call it in a table
    /// @param benchmark its benchmark, as `Class.method`; of what is counted and not timed, a name
    public record Peer(String name, String benchmark) {}

    /// One thing that is measured.
    ///
    /// @param name what to call it in a table
    /// @param unit what the scores count
    /// @param target what it may cost at most; null where it may cost no more than the first peer
    ///   in the same run
    /// @param benchmark jloop's benchmark, as [Peer#benchmark()]
    /// @param peers who does the same, at least one
    public record Cell(
            String name, Unit unit, @Nullable Double target, String benchmark, List<Peer> peers) {}

    /// What came out.
    ///
    /// @param name jloop or the peer
    /// @param value the median of all iterations, which a busy moment of the machine leaves alone
    /// @param lowest the best iteration
    /// @param highest the worst iteration
    public record Score(String name, double value, double lowest, double highest) {}

    /// The scores of one cell.
    ///
    /// @param cell what was measured
    /// @param jloop its score
    /// @param peers those of its peers, in their order
    public record Row(Cell cell, Score jloop, List<Score> peers) {
        /// {@return the most that it may cost: the target, or what the first peer costs}
        @JsonProperty
        public double limit() {
            var target = cell.target();
            return target == null ? peers.getFirst().value() : target;
        }

        /// {@return whether the limit was kept}
        public boolean isMet() {
            return jloop.value() <= limit();
        }
    }

    private static Cell nanos(String name, double target, String benchmark, Peer... peers) {
        return new Cell(name, Unit.NANOSECONDS, target, benchmark, List.of(peers));
    }

    private static Cell noWorseThanPeer(String name, String benchmark, Peer... peers) {
        return new Cell(name, Unit.NANOSECONDS, null, benchmark, List.of(peers));
    }

    /// {@return all, in the order of the table}
    public static List<Cell> all() {
        return CELLS;
    }

    /// Measures one cell together with its peers. JMH measures in JVMs of its own, with the class
    /// path of this one, and stays silent.
    ///
    /// @param effort how long
    /// @param cell one of [#all()]
    /// @return what came out
    /// @throws IllegalStateException if a benchmark failed
    public static Row run(Effort effort, Cell cell) {
        try {
            return row(cell, effort);
        } catch (RunnerException failure) {
            throw new IllegalStateException("cannot measure " + cell.name(), failure);
        }
    }

    private static Row row(Cell cell, Effort effort) throws RunnerException {
        var scores =
                switch (cell.unit()) {
                    case NANOSECONDS -> timed(cell, effort);
                    case BYTES -> counted();
                };
        var jloop = score("jloop", cell.benchmark(), scores);
        var peers =
                cell.peers().stream()
                        .map(peer -> score(peer.name(), peer.benchmark(), scores))
                        .toList();
        return new Row(cell, jloop, peers);
    }

    private static Score score(String name, String benchmark, Map<String, Score> scores) {
        var found = scores.get(benchmark);
        if (found == null) {
            throw new IllegalStateException(
                    benchmark + " gave no score, only these did: " + scores.keySet());
        }
        return new Score(name, found.value(), found.lowest(), found.highest());
    }

    private static Map<String, Score> timed(Cell cell, Effort effort) throws RunnerException {
        var options =
                new OptionsBuilder()
                        .verbosity(VerboseMode.SILENT)
                        .shouldFailOnError(true)
                        .param("engine", ENGINE)
                        .jvmArgsAppend(QUIET)
                        .include(exactly(cell.benchmark()));
        cell.peers().forEach(peer -> options.include(exactly(peer.benchmark())));
        if (effort == Effort.QUICK) {
            shorten(options);
        }
        var scores = new TreeMap<String, Score>();
        for (var result : new Runner(options.build()).run()) {
            var name = shortName(result.getParams().getBenchmark());
            scores.put(name, scoreOf(name, result));
        }
        return scores;
    }

    private static void shorten(ChainedOptionsBuilder options) {
        options.forks(1)
                .warmupIterations(5)
                .warmupTime(TimeValue.milliseconds(300))
                .measurementIterations(7)
                .measurementTime(TimeValue.milliseconds(300));
    }

    private static String exactly(String benchmark) {
        return Pattern.quote(SchedulerCells.class.getPackageName() + "." + benchmark) + "$";
    }

    private static String shortName(String benchmark) {
        return benchmark.substring(SchedulerCells.class.getPackageName().length() + 1);
    }

    private static Score scoreOf(String name, RunResult result) {
        var statistics = result.getPrimaryResult().getStatistics();
        return new Score(
                name, statistics.getPercentile(50), statistics.getMin(), statistics.getMax());
    }

    private static Map<String, Score> counted() {
        var scores = new TreeMap<String, Score>();
        scores.put(ParkedMemory.COROUTINE, scoreOf(ParkedMemory.ofCoroutines(ENGINE)));
        scores.put(ParkedMemory.VIRTUAL_THREAD, scoreOf(ParkedMemory.ofVirtualThreads()));
        return scores;
    }

    private static Score scoreOf(ParkedMemory parked) {
        return new Score(parked.what(), parked.bytes(), parked.bytes(), parked.bytes());
    }
}

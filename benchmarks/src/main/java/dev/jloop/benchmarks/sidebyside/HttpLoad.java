package dev.jloop.benchmarks.sidebyside;

import dev.jloop.core.Async;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// Requests over HTTP, sent by `wrk`, one under way on each connection.
///
/// @param wrk the program
/// @param script tells what it saw as one line of numbers
/// @param pinning where it runs
/// @param connections how many at once
record HttpLoad(String wrk, Path script, Pinning pinning, int connections) implements Load {
    private static final Duration COUNTED = Duration.ofSeconds(1);

    /// By then `wrk` has connected.
    private static final Duration CONNECTING = Duration.ofMillis(300);

    /// Processor time comes in steps of 10 ms on Linux, which are half a percent of it.
    private static final Duration LEAST = Duration.ofSeconds(2);

    /// A server that answers some requests late is shown by its latencies and not left out; `wrk`
    /// itself calls an answer that comes after two seconds a failure.
    private static final String LATEST_ANSWER = "30s";

    @Override
    public Round measure(Server server, Duration warmUp, Duration length) throws IOException {
        if (warmUp.isPositive()) {
            run(server, warmUp);
        }
        var span = length.compareTo(LEAST) < 0 ? LEAST : length;
        try (var load = start(server, CONNECTING.multipliedBy(2).plus(span))) {
            Async.sleep(CONNECTING);
            var begin = System.nanoTime();
            var cpu = server.processorNanos();
            var allocated = server.allocatedBytes();
            Async.sleep(span);
            var seconds = (System.nanoTime() - begin) / 1e9;
            var cpuNanos = server.processorNanos() - cpu;
            var allocatedAfter = server.allocatedBytes();
            var seen = finish(server, load);
            return seen.round(cpuNanos, seen.perSecond() * seconds, allocated, allocatedAfter);
        }
    }

    @Override
    public double countSystemCalls(Server server, SystemCalls systemCalls) throws IOException {
        try (var counting = systemCalls.attach(server.pid())) {
            var seen = run(server, COUNTED);
            return counting.finish() / (double) seen.requests();
        }
    }

    private LoadReport run(Server server, Duration length) throws IOException {
        try (var load = start(server, length)) {
            return finish(server, load);
        }
    }

    /// Starts `wrk`, which knows whole seconds only, for at least this long.
    private Program start(Server server, Duration length) throws IOException {
        var seconds = Math.max(1, (length.toMillis() + 999) / 1000) + "s";
        var command =
                List.of(
                        wrk,
                        "-t1",
                        "-c" + connections,
                        "-d" + seconds,
                        "--timeout",
                        LATEST_ANSWER,
                        "-s",
                        script.toString(),
                        "http://127.0.0.1:" + server.port() + "/");
        return Program.start("wrk", pinning.load(command));
    }

    private static LoadReport finish(Server server, Program load) throws IOException {
        var seen = LoadReport.parse(load.skipTo(LoadReport.FIRST_WORD));
        if (seen.figure("errors") > 0) {
            throw new IOException(
                    server.peer().name()
                            + " failed "
                            + seen.figure("errors")
                            + " of "
                            + seen.requests()
                            + " requests");
        }
        if (seen.requests() == 0) {
            throw new IOException(server.peer().name() + " has answered nothing");
        }
        return seen;
    }
}

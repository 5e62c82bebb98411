package dev.jloop.benchmarks.sidebyside;

import dev.jloop.executor.Subprocesses;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Requests over HTTP, sent by `wrk`, one under way on each connection.
///
/// @param wrk the program
/// @param script tells what it saw as one line of numbers
/// @param pinning where it runs
/// @param connections how many at once
record HttpLoad(String wrk, Path script, Pinning pinning, int connections) implements Load {
    private static final Duration COUNTED = Duration.ofSeconds(1);

    private static final double MICROS_PER_MICRO = 1;

    @Override
    public Round measure(Server server, Duration warmUp, Duration length) throws IOException {
        if (warmUp.isPositive()) {
            run(server, warmUp);
        }
        var allocated = server.allocatedBytes();
        var cpu = server.processorNanos();
        var seen = run(server, length);
        var cpuNanos = server.processorNanos() - cpu;
        return seen.round(
                cpuNanos,
                (double) seen.figure("micros"),
                MICROS_PER_MICRO,
                allocated,
                server.allocatedBytes());
    }

    @Override
    public double countSystemCalls(Server server, SystemCalls systemCalls) throws IOException {
        try (var counting = systemCalls.attach(server.pid())) {
            var seen = run(server, COUNTED);
            return counting.finish() / (double) seen.requests();
        }
    }

    private LoadReport run(Server server, Duration length) throws IOException {
        var seconds = Math.max(1, (length.toMillis() + 500) / 1000) + "s"; // wrk knows whole ones
        var command = new ArrayList<>(List.of(wrk, "-t1", "-c" + connections, "-d" + seconds));
        command.addAll(List.of("-s", script.toString(), "http://127.0.0.1:" + server.port() + "/"));
        var output = Subprocesses.run(pinning.load(command).toArray(String[]::new)).stdoutText();

        var report =
                output.lines()
                        .filter(line -> line.startsWith(LoadReport.FIRST_WORD))
                        .findFirst()
                        .orElseThrow(() -> new IOException("wrk reported nothing: " + output));
        var seen = LoadReport.parse(report.substring(LoadReport.FIRST_WORD.length()).strip());
        if (seen.figure("errors") > 0) {
            throw new IOException(
                    server.peer().name()
                            + " failed "
                            + seen.figure("errors")
                            + " of "
                            + seen.requests()
                            + " requests");
        }
        return seen;
    }
}

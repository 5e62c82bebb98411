package dev.jloop.benchmarks.sidebyside;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// Echoes, sent by the C program `load.c`, which tells at which moment its measurement begins and
/// reads the server's processor time itself.
///
/// @param program where it was built
/// @param pinning where it runs
/// @param cell what it sends
record EchoLoad(Path program, Pinning pinning, Cell cell) implements Load {
    private static final Duration COUNTED = Duration.ofSeconds(1);

    /// What the load says when nothing is under way any more.
    private static final String DRAINED = "drained";

    @Override
    public Round measure(Server server, Duration warmUp, Duration length) throws IOException {
        try (var load = connect(server, warmUp, length)) {
            load.say("");
            load.await("measuring");
            var before = server.allocatedBytes();
            var seen = LoadReport.parse(load.await(LoadReport.FIRST_WORD));
            var after = server.allocatedBytes();
            load.await(DRAINED);
            return seen.round(seen.figure("cpu"), (double) seen.requests(), before, after);
        }
    }

    @Override
    public double countSystemCalls(Server server, SystemCalls systemCalls) throws IOException {
        try (var load = connect(server, Duration.ZERO, COUNTED);
                var counting = systemCalls.attach(server.pid())) {
            load.say("");
            load.await("measuring");
            load.await(LoadReport.FIRST_WORD);
            var answered = Long.parseLong(load.await(DRAINED)); // and the connections stay open
            return counting.finish() / (double) answered;
        }
    }

    /// Connects, and echoes one message on each connection. Suspends.
    Program connect(Server server, Duration warmUp, Duration length) throws IOException {
        var command =
                List.of(
                        program.toString(),
                        "" + server.port(),
                        "" + cell.connections(),
                        "" + cell.bytes(),
                        "" + cell.underWay(),
                        seconds(warmUp),
                        seconds(length),
                        "" + server.pid());
        var load = Program.start("load", pinning.load(command));
        try {
            load.await("connected");
            return load;
        } catch (Throwable failure) {
            load.close();
            throw failure;
        }
    }

    private static String seconds(Duration duration) {
        return Double.toString(duration.toMillis() / 1000.0);
    }
}

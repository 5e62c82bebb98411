package dev.jloop.examples.cli;

import dev.jloop.core.Async;
import dev.jloop.core.EventLoop;
import dev.jloop.examples.cpu.Heartbeat;
import dev.jloop.examples.cpu.PrimeCount;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;

@Command(
        name = "cpu",
        mixinStandardHelpOptions = true,
        versionProvider = VersionInfo.class,
        description =
                "Counts primes on all processors, and shows that the loop keeps its beat"
                        + " meanwhile.")
final class CpuCommand implements Callable<Integer> {
    private static final long LARGEST_LIMIT = 10_000_000_000L;
    private static final double NANOS_PER_MILLI = 1e6;
    private static final double NANOS_PER_SECOND = 1e9;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(
            names = {"-n", "--below"},
            paramLabel = "N",
            defaultValue = "500000000",
            description = "the primes below N are counted (default: ${DEFAULT-VALUE})")
    private long limit;

    @Override
    public Integer call() {
        if (limit < 2 || limit > LARGEST_LIMIT) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--below must be from 2 to " + LARGEST_LIMIT + ", was " + limit);
        }
        Async.run(this::count);
        return 0;
    }

    private void count() {
        var loop = EventLoop.current();
        var out = spec.commandLine().getOut();
        var heartbeat = new Heartbeat();
        var beating = Async.createTask(heartbeat::run, "heartbeat");
        var start = loop.time();
        var pieces = PrimeCount.pieces(limit);
        out.println(
                String.format(
                        Locale.ROOT,
                        "counting the primes below %,d in %,d pieces on %d processors",
                        limit,
                        pieces,
                        Runtime.getRuntime().availableProcessors()));
        var count =
                PrimeCount.below(
                        limit,
                        done -> {
                            if (done % Math.max(1, pieces / 5) == 0) {
                                showProgress(done, heartbeat, out);
                            }
                        });
        beating.cancel();
        out.println(
                String.format(
                        Locale.ROOT,
                        "%,d primes in %.2f s; meanwhile the loop ticked %,d times, at most %.1f ms"
                                + " late",
                        count,
                        (loop.time() - start) / NANOS_PER_SECOND,
                        heartbeat.ticks(),
                        millis(heartbeat.latest())));
    }

    private static void showProgress(int done, Heartbeat heartbeat, PrintWriter out) {
        out.println(
                String.format(
                        Locale.ROOT,
                        "%,6d pieces; %,d ticks, at most %.1f ms late",
                        done,
                        heartbeat.ticks(),
                        millis(heartbeat.latest())));
        out.flush();
    }

    private static double millis(Duration duration) {
        return duration.toNanos() / NANOS_PER_MILLI;
    }
}

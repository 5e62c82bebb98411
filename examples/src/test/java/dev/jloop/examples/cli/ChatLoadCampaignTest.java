package dev.jloop.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jloop.core.Async;
import dev.jloop.examples.MemoryInUse;
import dev.jloop.examples.chat.ChatOptions;
import dev.jloop.examples.chat.ChatServer;
import dev.jloop.examples.chat.SlowReaders;
import dev.jloop.executor.RunOptions;
import dev.jloop.executor.Subprocesses;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Guests in a second process, of whom some never read: the others hear everything, and what the
/// server keeps for anybody is bounded. The delays with and without the silent ones are printed,
/// for they depend on the machine, and in the long run are compared.
@Timeout(600)
class ChatLoadCampaignTest {
    private static final int QUEUE_BYTES = 16 * 1024;
    private static final int ROUNDS = 5;

    /// How many times as long the delays may be with silent ones, and what counts for nothing.
    private static final double MOST_TIMES = 2;

    private static final double MARGIN_MILLIS = 5;
    private static final Duration GRACE = Duration.ofSeconds(5);
    private static final Duration LOOK = Duration.ofMillis(20);
    private static final Pattern P99 = Pattern.compile("p99 ([0-9.]+) ms");

    /// What the JVM does beside it: compiled code is measured too, as are its profiles.
    private static final long MOST_GROWTH = 16 * 1024 * 1024;

    /// Who comes.
    private record Load(int guests, int silent, List<String> options) {}

    /// What the guests told.
    ///
    /// @param p99Millis of the delays
    /// @param cpuMillis that the server, which is this JVM, has used meanwhile
    private record Told(double p99Millis, long cpuMillis, String output) {
        @Override
        public String toString() {
            return "p99 " + p99Millis + " ms, " + cpuMillis + " ms of CPU in the server";
        }
    }

    /// The most that there was at any moment.
    private static final class Peak {
        private long queueBytes;
        private long directBytes;

        void watch(ChatServer server) {
            while (true) {
                queueBytes = Math.max(queueBytes, server.statistics().largestQueueBytes());
                directBytes = Math.max(directBytes, MemoryInUse.directNow());
                Async.sleep(LOOK);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void theOthersHearEverythingWhileTwoAreSilent(SlowReaders what) {
        var options =
                List.of("--rooms", "2", "--every", "50ms", "--warm-up", "500ms", "--time", "1s");
        serve(what, server -> visit(server, what, new Load(22, 2, options)));
    }

    @Tag("nightly")
    @ParameterizedTest
    @EnumSource
    void tenSilentOnesDelayNoneOfAThousand(SlowReaders what) {
        var all = new Load(1_000, 10, List.of());
        var readers = new Load(990, 0, List.of());
        var without = new ArrayList<Told>();
        var with = new ArrayList<Told>();
        serve(
                what,
                server -> {
                    visit(server, what, readers); // so that both are warm
                    for (var round = 0; round < ROUNDS; round++) {
                        without.add(visit(server, what, readers));
                        with.add(visit(server, what, all));
                    }
                });
        IO.println(
                "%s: the median of the p99s is %.2f times that without silent ones"
                        .formatted(what, medianP99(with) / medianP99(without)));
        assertThat(medianP99(with))
                .as("median of the p99s, of %s with silent ones and %s without", with, without)
                .isLessThanOrEqualTo(MOST_TIMES * medianP99(without) + MARGIN_MILLIS);
    }

    /// Single ones tell of what else the machine did.
    private static double medianP99(List<Told> visits) {
        var sorted = visits.stream().mapToDouble(Told::p99Millis).sorted().toArray();
        var middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    private interface Visiting {
        void run(ChatServer server) throws IOException;
    }

    private static void serve(SlowReaders what, Visiting body) {
        var options =
                ChatOptions.DEFAULTS
                        .withQueueBytes(QUEUE_BYTES)
                        .withSlowReaders(what)
                        .withPatience(Duration.ofSeconds(5));
        Async.run(() -> {
            try (var server = ChatServer.start("127.0.0.1", 0, options)) {
                body.run(server);
                assertThat(server.shutdown(GRACE).cut()).isEmpty();
            }
        });
    }

    /// Lets the guests come, and looks at the server meanwhile. Suspends until they have gone.
    private static Told visit(ChatServer server, SlowReaders what, Load load) throws IOException {
        var cutBefore = server.statistics().cut();
        var before = MemoryInUse.now();
        var peak = new Peak();
        var watching = Async.createTask(() -> peak.watch(server));

        var told = send(server, load);

        watching.cancel();
        var after = MemoryInUse.now();
        IO.println(
                "%s, %d of %d silent: %s; largest queue %,d bytes, at most %,d KiB direct; before:"
                                .formatted(
                                        what,
                                        load.silent(),
                                        load.guests(),
                                        told,
                                        peak.queueBytes,
                                        peak.directBytes / 1024)
                        + " %s; after: %s".formatted(before, after));
        var cut = what == SlowReaders.CUT ? load.silent() : 0;
        assertThat(told.output())
                .contains(cut + " were cut, " + (load.silent() - cut) + " were held back");
        assertThat(server.statistics().cut() - cutBefore).isEqualTo(cut);
        assertThat(peak.queueBytes).isLessThanOrEqualTo(QUEUE_BYTES);
        assertThat(peak.directBytes - before.direct())
                .as("direct memory while they are silent")
                .isLessThan(Math.max(MOST_GROWTH, (long) load.guests() * QUEUE_BYTES));
        assertThat(after.heap() - before.heap()).as("heap").isLessThan(MOST_GROWTH);
        assertThat(after.direct() - before.direct()).as("direct").isLessThan(MOST_GROWTH);
        return told;
    }

    /// Lets the guests come from another process. Suspends until they have gone.
    private static Told send(ChatServer server, Load load) throws IOException {
        var arguments =
                Stream.concat(
                        Stream.of(
                                "chat-load",
                                "--connect",
                                "127.0.0.1:" + server.port(),
                                "--clients",
                                String.valueOf(load.guests()),
                                "--silent",
                                String.valueOf(load.silent())),
                        load.options().stream());
        var command = Child.command(List.of(), Jloop.class, arguments.toList());
        var run = RunOptions.DEFAULTS.withCheck(false).withTimeout(Duration.ofMinutes(2));
        var cpuBefore = cpuMillis();
        var output = Subprocesses.run(run, command.toArray(String[]::new));
        assertThat(output.exitCode()).as("%s%s", output.stdoutText(), output.stderrText()).isZero();
        var p99 = P99.matcher(output.stdoutText());
        assertThat(p99.find()).as(output.stdoutText()).isTrue();
        while (server.statistics().clients() > 0) { // the last ones are about to be forgotten
            Async.sleep(LOOK);
        }
        var cpu = cpuMillis() - cpuBefore;
        return new Told(Double.parseDouble(p99.group(1)), cpu, output.stdoutText());
    }

    private static long cpuMillis() {
        return ProcessHandle.current().info().totalCpuDuration().orElseThrow().toMillis();
    }
}

package dev.jloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/// A service lives for hours of virtual time with partitions, outages and clocks that jump, and
/// each run of it is the same.
@Timeout(300)
class HeartbeatsTest {
    private static final Duration FEW_HOURS = Duration.ofHours(3);
    private static final int FEW = 50;
    private static final Duration DAY = Duration.ofHours(24);
    private static final int MANY = 1_000;

    /// {@return what a JVM of its own with this engine prints}
    private static String outcomeOn(String engine, long seed, int clients, Duration time)
            throws IOException, InterruptedException {
        var child =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                                "-Djloop.engine=" + engine,
                                "--class-path",
                                System.getProperty("java.class.path"),
                                Heartbeats.class.getName(),
                                String.valueOf(seed),
                                String.valueOf(clients),
                                time.toString())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        var output = new String(child.getInputStream().readAllBytes(), UTF_8);
        assertThat(child.waitFor()).as(output).isZero();
        return output.strip().lines().reduce("", (_, last) -> last);
    }

    @Test
    void aServiceRecoversFromPartitionsAndOutagesAndEachRunIsTheSame() {
        var first = Heartbeats.run(1, FEW, FEW_HOURS);

        assertThat(Heartbeats.run(1, FEW, FEW_HOURS)).isEqualTo(first);
        assertThat(Heartbeats.run(2, FEW, FEW_HOURS).hash()).isNotEqualTo(first.hash());
        // Every five minutes one for each client, but for those in trouble.
        assertThat(first.beats()).isBetween(FEW * 30L, FEW * 36L);
        // A tenth of the clients each hour, and the server in the second.
        assertThat(first.restarts()).isEqualTo(3L * FEW / 10 + 1);
        // All of them when the server was down, and the parted ones.
        assertThat(first.reconnects()).isBetween(FEW + 2L * FEW / 10, 4L * FEW);
        // The parted and the failed ones, if they do not find out before it ends.
        assertThat(first.lost()).isPositive();
        // Some clocks jump back, and nothing of what is said above depends on them.
        assertThat(first.turnedBack()).isPositive();
    }

    @Test
    void aRunIsTheSameOnBothEngines() throws Exception {
        var here = Heartbeats.run(1, FEW, FEW_HOURS).toString();

        assertThat(outcomeOn("mounted", 1, FEW, FEW_HOURS)).isEqualTo(here);
        assertThat(outcomeOn("baton", 1, FEW, FEW_HOURS)).isEqualTo(here);
    }

    @Test
    @Tag("nightly")
    void aDayWithAThousandClientsIsTheSameOnThreeRunsAndOnBothEngines() throws Exception {
        var first = Heartbeats.run(1, MANY, DAY).toString();

        assertThat(Heartbeats.run(1, MANY, DAY)).hasToString(first);
        assertThat(Heartbeats.run(1, MANY, DAY)).hasToString(first);
        assertThat(outcomeOn("mounted", 1, MANY, DAY)).isEqualTo(first);
        assertThat(outcomeOn("baton", 1, MANY, DAY)).isEqualTo(first);
    }
}

package dev.jloop.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CpuCommandTest {
    @Test
    void primesAreCountedWhileTheLoopKeepsItsBeat() {
        var run = CommandRun.of("cpu", "--below", "10000000");

        assertThat(run.exitCode()).isZero();
        assertThat(run.errors()).isEmpty();
        var lines = run.output().lines().toList();
        assertThat(lines).hasSize(7);
        assertThat(lines.getFirst())
                .matches("counting the primes below 10,000,000 in 10 pieces on \\d+ processors");
        assertThat(lines.get(1)).matches(" +2 pieces; [\\d,]+ ticks, at most [\\d.]+ ms late");
        assertThat(lines.getLast())
                .matches(
                        "664,579 primes in [\\d.]+ s; meanwhile the loop ticked [\\d,]+ times,"
                                + " at most [\\d.]+ ms late");
    }

    @Test
    void aLimitOutOfRangeIsNamed() {
        var run = CommandRun.of("cpu", "--below", "1");

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.errors()).contains("--below must be from 2 to 10000000000, was 1");
    }
}

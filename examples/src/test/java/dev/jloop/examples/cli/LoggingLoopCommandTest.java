package dev.jloop.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LoggingLoopCommandTest {
    @Test
    void theTurnsAreToldBetweenWhatTheTasksSay() {
        var run = CommandRun.of("logging-loop");

        assertThat(run.exitCode()).isZero();
        assertThat(run.errors()).isEmpty();
        assertThat(run.output().lines().filter(line -> !line.startsWith("turn ")))
                .containsExactly("tick 1", "tock 1", "tick 2", "tock 2", "tick 3", "tock 3");
        assertThat(run.output().lines().filter(line -> line.startsWith("turn ")))
                .first()
                .asString()
                .matches("turn 1: \\d+ us");
    }
}

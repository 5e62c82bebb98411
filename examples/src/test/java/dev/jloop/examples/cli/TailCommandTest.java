package dev.jloop.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TailCommandTest {
    @Test
    void theLinesOfAProgramComeWithTheirTimes() {
        var run = CommandRun.of("tail", "-g", "b", "--command", "--", "printf", "a1\\nb1\\nb2\\n");

        assertThat(run.exitCode()).as(run.errors()).isZero();
        assertThat(run.output()).matches("(\\d\\d:\\d\\d:\\d\\d\\.\\d{3}  b[12]\\R){2}");
    }

    @Test
    void aProgramThatFailsOrIsMissingIsOneClearLine() {
        var failed = CommandRun.of("tail", "--command", "--", "sh", "-c", "echo x; exit 3");
        assertThat(failed.exitCode()).isEqualTo(1);
        assertThat(failed.output()).contains("  x");
        assertThat(failed.errors().strip()).isEqualTo("jloop tail: sh ended with 3");

        var missing = CommandRun.of("tail", "--command", "no-such-program-here");
        assertThat(missing.exitCode()).isEqualTo(1);
        assertThat(missing.errors().lines())
                .singleElement()
                .asString()
                .startsWith("jloop tail: ")
                .contains("no-such-program-here");
    }
}

package dev.jloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jloop.core.Async;
import dev.jloop.executor.ProcessOptions;
import dev.jloop.executor.RunOptions;
import dev.jloop.executor.Subprocesses;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.lang.ProcessBuilder.Redirect;
import java.time.Duration;

/// Children are real, also where time is not.
@Timeout(60)
class ChildProcessTest {
    @Test
    void noTimePassesWhileAChildRunsAndItsLimitOfTimeDoesNotCome() {
        try (var loop = VirtualTimeLoop.create()) {
            loop.runUntilComplete(() -> {
                var start = loop.time();
                var alarm = Async.createTask(() -> Async.sleep(Duration.ofMinutes(1)));
                var options = RunOptions.DEFAULTS.withTimeout(Duration.ofMillis(1));

                var output = Subprocesses.run(options, "/bin/sh", "-c", "sleep 0.05; echo text");

                assertThat(output.stdoutText()).isEqualTo("text\n");
                assertThat(loop.time()).isEqualTo(start);
                assertThat(alarm.isDone()).isFalse();
                alarm.await(); // from here on time passes
            });
        }
    }

    @Test
    void noTimePassesWhileAChildWithoutPipesRuns() {
        var options =
                ProcessOptions.DEFAULTS
                        .withStdin(Redirect.DISCARD)
                        .withStdout(Redirect.DISCARD)
                        .withStderr(Redirect.DISCARD);
        try (var loop = VirtualTimeLoop.create()) {
            loop.runUntilComplete(() -> {
                var start = loop.time();
                try (var child = Subprocesses.exec(options, "sleep", "0.05")) {
                    assertThat(Async.withTimeout(Duration.ofMillis(1), child::waitFor)).isZero();
                }
                assertThat(loop.time()).isEqualTo(start);
            });
        }
    }
}

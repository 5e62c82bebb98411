package dev.jloop.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/// The command in a JVM of its own, fed from a file.
@Timeout(120)
class ReplCommandTest {
    @TempDir Path folder;

    @Test
    void snippetsAwaitAtTheTopLevelAndShareALoop() throws Exception {
        var cleanedUp = folder.resolve("cleaned-up");
        var output =
                run(
                        """
                        var answer = await(() -> { sleep(ofMillis(1)); return 6 * 7; });
                        System.out.println("answer " + answer);
                        var file = java.nio.file.Path.of("%s");
                        var task = await(() -> createTask(() -> {
                            try { sleep(ofMinutes(9)); return 1; }
                            finally { java.nio.file.Files.writeString(file, "x"); }
                        }, "left behind"));
                        await(() -> System.out.println("alive: " + allTasks().contains(task)));
                        await(() -> { throw new java.io.IOException("no such page"); });
                        /exit
                        """
                                .formatted(cleanedUp));

        assertThat(output).contains("answer 42", "alive: true", "no such page");
        assertThat(cleanedUp).exists();
    }

    @Test
    void aLoopThatIsStuckDoesNotOutliveThePromptForLong() throws Exception {
        var output =
                run(
                        """
                        System.out.println("pid=" + ProcessHandle.current().pid());
                        loop().execute(() -> { while (true) Thread.onSpinWait(); });
                        /exit
                        """);

        var pid = Pattern.compile("pid=(\\d+)").matcher(output);
        assertThat(pid.find()).as(output).isTrue();
        var jvm = ProcessHandle.of(Long.parseLong(pid.group(1)));
        if (jvm.isPresent()) {
            try {
                jvm.get().onExit().get(60, TimeUnit.SECONDS);
            } finally {
                jvm.get().destroyForcibly();
            }
        }
    }

    private String run(String snippets) throws IOException, InterruptedException {
        var input = Files.writeString(folder.resolve("input"), snippets);
        var output = folder.resolve("output");
        var command =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "--class-path",
                                System.getProperty("java.class.path"),
                                Jloop.class.getName(),
                                "repl")
                        .redirectInput(input.toFile())
                        .redirectOutput(output.toFile())
                        .redirectErrorStream(true);
        if (System.getProperty("jloop.engine") != null) {
            var engine = "-Djloop.engine=" + System.getProperty("jloop.engine");
            command.command()
                    .addAll(1, List.of("--add-opens=java.base/java.lang=ALL-UNNAMED", engine));
        }
        var process = command.start();
        try {
            assertThat(process.waitFor(100, TimeUnit.SECONDS)).as("ended in time").isTrue();
        } finally {
            process.destroyForcibly();
        }
        var text = Files.readString(output);
        assertThat(process.exitValue()).as(text).isZero();
        return text;
    }
}

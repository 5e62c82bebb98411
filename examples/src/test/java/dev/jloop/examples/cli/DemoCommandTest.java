package dev.jloop.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

class DemoCommandTest {
    @TempDir Path folder;

    @Test
    void theWholeSiteIsCrawledAndDrawn() {
        var picture = folder.resolve("new/demo.svg");
        var run = CommandRun.of("demo", "--delay", "0-0", "--output", picture.toString());

        assertThat(run.errors()).isEmpty();
        assertThat(run.exitCode()).isZero();
        assertThat(run.output())
                .contains(
                        "Every page was fetched, and every byte count matches what the server"
                                + " sent.")
                .containsPattern("pages +(\\d+) of \\1\\b")
                .containsPattern("bytes +\\d{6,} ")
                .containsPattern("wall time +\\S+ m?s; all response times add up to \\d")
                .containsPattern("longest stall +\\S+ m?s ")
                .containsPattern("tasks created +\\d{3,}\n")
                .contains(picture.toString());
        assertThat(picture)
                .content()
                .startsWith("<?xml")
                .contains("<title>http://127.0.0.1:")
                .endsWith("</svg>\n");
    }

    @Test
    void twoRunsFetchTheSamePagesAndBytes() {
        var one =
                CommandRun.of(
                        "demo", "--delay", "0-0", "--output", folder.resolve("1.svg").toString());
        var two =
                CommandRun.of(
                        "demo",
                        "--delay",
                        "0-1",
                        "--connections",
                        "7",
                        "--output",
                        folder.resolve("2.svg").toString());

        for (var name : new String[] {"pages", "bytes", "words"}) {
            assertThat(line(two, name)).isEqualTo(line(one, name));
        }
    }

    @Test
    void aPictureThatCannotBeWrittenIsOneClearLine() throws IOException {
        var file = Files.writeString(folder.resolve("file"), "in the way");
        var run =
                CommandRun.of(
                        "demo", "--delay", "0-0", "--output", file.resolve("demo.svg").toString());

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.errors().lines())
                .singleElement()
                .asString()
                .startsWith("jloop demo: ")
                .contains(file.toString());
    }

    private static String line(CommandRun run, String name) {
        return run.output()
                .lines()
                .filter(line -> line.startsWith("  " + name + " "))
                .findFirst()
                .orElseThrow();
    }
}

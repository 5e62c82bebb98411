package dev.jloop.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// The programs that those of asyncio's introduction have as their models.
@Timeout(60)
class IntroductionTest {
    private static String outputOf(String... arguments) {
        var run = CommandRun.of(arguments);
        assertThat(run.errors()).isEmpty();
        assertThat(run.exitCode()).isZero();
        return run.output();
    }

    @Test
    void helloSleepsBetweenItsWords() {
        assertThat(outputOf("hello", "--pause", "1ms").lines())
                .containsExactly("hello ...", "... world");
    }

    @Test
    void gatherFetchesItsOwnPagesWhereItIsGivenNone() {
        var lines = outputOf("gather").lines().toList();

        assertThat(lines).hasSize(11);
        assertThat(lines.subList(0, 10))
                .allMatch(line -> line.matches("200 \\d+ bytes: http://127\\.0\\.0\\.1:\\d+/"));
        assertThat(lines.getLast()).matches("10 pages in \\d+ ms");
    }

    @Test
    void aPageThatCannotBeFetchedIsOneClearLine() {
        var run = CommandRun.of("gather", "http://127.0.0.1:1/");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.errors().lines())
                .singleElement()
                .asString()
                .startsWith("jloop gather: ")
                .contains("127.0.0.1:1");
    }

    @Test
    void digestsAreThoseOfSha256sum(@TempDir Path folder) throws IOException {
        var file = Files.writeString(folder.resolve("abc"), "abc");

        assertThat(outputOf("digest", file.toString()).strip())
                .isEqualTo(
                        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  "
                                + file);

        var missing = CommandRun.of("digest", file.toString(), "no-such-file");
        assertThat(missing.exitCode()).isEqualTo(1);
        assertThat(missing.errors().strip())
                .isEqualTo("jloop digest: cannot read no-such-file: there is no such file");
    }

    @Test
    void anotherThreadCallsTheLoop() {
        assertThat(outputOf("threads").lines())
                .containsExactly(
                        "a callback in the loop's thread",
                        "the loop has got 42 from another thread");
    }

    @Test
    void debugModeTellsWhoWasSlowAndWhere() throws Exception {
        try (var child = Child.start("debug")) {
            var log = child.readToEnd(); // where the tests' settings send it
            assertThat(child.exitCode()).isZero();

            assertThat(log)
                    .containsPattern("the slow one.* took \\d{3,} ms")
                    .contains("DebugCommand.block")
                    .contains("not consumed", "the dropped one")
                    .containsPattern("created at[^\\n]*(\\R\\s[^\\n]*)*DebugCommand.main");
        }
    }

    @Test
    void withoutDebugModeOnlyTheLostFailureIsTold() throws Exception {
        try (var child = Child.start("debug", "--off")) {
            var log = child.readToEnd(); // where the tests' settings send it
            assertThat(child.exitCode()).isZero();

            assertThat(log)
                    .contains("not consumed", "the dropped one")
                    .doesNotContain(" took ", "created at");
        }
    }
}

package dev.jloop.benchmarks.sidebyside;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import picocli.CommandLine;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;

class BenchTest {
    @TempDir private Path folder;

    private final StringWriter said = new StringWriter();

    @Test
    void aMeasurementNeedsARound() {
        assertThat(run("--rounds", "0")).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(said.toString()).contains("--rounds is 0; give at least 1");
    }

    @Test
    void aVariantNeedsOptions() {
        assertThat(run("--variant", "x=")).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(said.toString()).contains("--variant is \"x=\"; give a name and options");
    }

    @Test
    void aFileCannotBeTheFolderForResults() throws Exception {
        var file = Files.createFile(folder.resolve("file"));

        assertThat(run("--output", file.toString())).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(said.toString()).contains("--output", file.toString(), "give a folder");
    }

    private int run(String... options) {
        var target = folder.resolve("bench").toString();
        return Bench.commandLine()
                .setErr(new PrintWriter(said))
                .setDefaultValueProvider(
                        option -> option.paramLabel().equals("FOLDER") ? target : null)
                .execute(options);
    }
}

package dev.jloop.examples.readme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/// The README shows the program, from its first import on, between the lines `<!-- Fetch.java -->`
/// and `<!-- end of Fetch.java -->`.
class ReadmeTest {
    private static final Path README = Path.of("../README.md");
    private static final Path PROGRAM =
            Path.of("src/main/java/dev/jloop/examples/readme/Fetch.java");
    private static final Pattern SHOWN =
            Pattern.compile(
                    "<!-- Fetch\\.java -->\\s*```java\\R(.*?)```\\s*<!-- end of Fetch\\.java -->",
                    Pattern.DOTALL);

    @Test
    void theReadmeShowsTheProgramThatTheBuildCompiles() throws IOException {
        assumeThat(README).exists();
        var shown = SHOWN.matcher(Files.readString(README));

        assertThat(shown.find())
                .as("a Java listing between the markers of Fetch.java in README.md")
                .isTrue();
        var program = Files.readString(PROGRAM);
        assertThat(shown.group(1)).isEqualTo(program.substring(program.indexOf("import ")));
    }
}

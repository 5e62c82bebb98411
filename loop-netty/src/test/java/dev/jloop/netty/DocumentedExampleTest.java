package dev.jloop.netty;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

import javax.tools.ToolProvider;

/// The example of the package's documentation is Java that compiles.
class DocumentedExampleTest {
    private static final Path DOCUMENTED =
            Path.of("src/main/java/dev/jloop/netty/package-info.java");

    /// What a reader has to add.
    private static final String AROUND =
            """
            import dev.jloop.core.Async;
            import dev.jloop.netty.NettyServer;
            import io.netty.handler.codec.http.*;
            import java.nio.channels.FileChannel;
            import java.nio.file.Path;
            import static io.netty.handler.codec.http.HttpResponseStatus.OK;
            import static io.netty.handler.codec.http.HttpVersion.HTTP_1_1;

            class Example {
                static void run(Path page) throws Exception {
            BODY
                }
            }
            """;

    private static String example() throws IOException {
        return Files.readAllLines(DOCUMENTED).stream()
                .dropWhile(line -> !line.equals("/// ```java"))
                .skip(1)
                .takeWhile(line -> !line.equals("/// ```"))
                .map(line -> line.substring("///".length()))
                .collect(Collectors.joining("\n"));
    }

    @Test
    void theExampleOfThePackageCompiles(@TempDir Path folder) throws IOException {
        var example = example();
        assertThat(example).contains("NettyServer.start(");
        var source = folder.resolve("Example.java");
        Files.writeString(source, AROUND.replace("BODY", example));
        var complaints = new StringWriter();
        var compiler = ToolProvider.getSystemJavaCompiler();
        try (var files = compiler.getStandardFileManager(null, null, null)) {
            var options =
                    List.of(
                            "-proc:none",
                            "-d",
                            folder.toString(),
                            "-classpath",
                            System.getProperty("java.class.path"));
            var compiled =
                    compiler.getTask(
                                    complaints,
                                    files,
                                    null,
                                    options,
                                    null,
                                    files.getJavaFileObjects(source))
                            .call();
            assertThat(compiled).as("%s", complaints).isTrue();
        }
    }
}

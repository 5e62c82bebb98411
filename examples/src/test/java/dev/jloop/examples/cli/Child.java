package dev.jloop.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A program in another JVM, on the same engine.
record Child(Process process, BufferedReader output, Path errorFile) implements AutoCloseable {
    /// Who runs the build in the background makes it ignore SIGINT, and a child inherits that.
    private static final List<String> LISTENING = listening();

    private static List<String> listening() {
        var command = List.of("env", "--default-signal=INT");
        try {
            var attempt = new ArrayList<>(command);
            attempt.add("true");
            return new ProcessBuilder(attempt).start().waitFor() == 0 ? command : List.of();
        } catch (IOException | InterruptedException _) {
            return List.of(); // a system without it, on which the build should be in the foreground
        }
    }

    static Child start(String... arguments) throws IOException {
        return start(Jloop.class, arguments);
    }

    static Child start(Class<?> main, String... arguments) throws IOException {
        return startWith(List.of(), main, arguments);
    }

    /// @param options for the JVM
    static Child startWith(List<String> options, Class<?> main, String... arguments)
            throws IOException {
        var command = new ArrayList<>(LISTENING);
        command.addAll(command(options, main, List.of(arguments)));
        var errors = Files.createTempFile("jloop-test-", ".err");
        var process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
        return new Child(
                process,
                new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8)),
                errors);
    }

    /// {@return what starts a JVM with the same classes, on the same engine}
    ///
    /// @param options for the JVM
    static List<String> command(List<String> options, Class<?> main, List<String> arguments) {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("--add-opens=java.base/java.lang=ALL-UNNAMED");
        command.addAll(options);
        if (System.getProperty("jloop.engine") != null) {
            command.add("-Djloop.engine=" + System.getProperty("jloop.engine"));
        }
        command.addAll(
                List.of("--class-path", System.getProperty("java.class.path"), main.getName()));
        command.addAll(arguments);
        return command;
    }

    /// {@return the first line from here on that contains the text}
    String readUntil(String text) throws IOException {
        var before = new StringBuilder();
        for (var line = output.readLine(); line != null; line = output.readLine()) {
            if (line.contains(text)) {
                return line;
            }
            before.append(line).append('\n');
        }
        throw new AssertionError("no line with '" + text + "' in:\n" + before + errors());
    }

    String readToEnd() {
        return String.join("\n", output.lines().toList());
    }

    void signal(String name) throws IOException, InterruptedException {
        var kill = new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid())).start();
        assertThat(kill.waitFor()).isZero();
    }

    int exitCode() throws InterruptedException {
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    String errors() throws IOException {
        return Files.readString(errorFile);
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        output.close();
        Files.deleteIfExists(errorFile);
    }
}

package dev.jloop.examples.cli;

import dev.jloop.core.Async;
import dev.jloop.core.EventLoop;
import dev.jloop.executor.Offload;

import picocli.CommandLine.Command;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Stream;

@Command(
        name = "repl",
        mixinStandardHelpOptions = true,
        versionProvider = VersionInfo.class,
        description = {
            "Starts jshell with jloop in it: await(() -> sleep(ofSeconds(1))) works at the prompt.",
            "What is awaited runs on a loop in the background. Ctrl-C cancels it, /exit ends the"
                    + " loop.",
            "jshell cannot infer the type of a task without a result, so name it:",
            "Task<Void> t = await(() -> createTask(() -> sleep(ofSeconds(9))))"
        })
final class ReplCommand implements Callable<Integer> {
    private static final String STARTUP_SCRIPT = "repl.jsh";

    @Override
    public Integer call() throws IOException {
        var script = Files.createTempFile("jloop", ".jsh");
        try {
            copyStartupScript(script);
            var jshell = new ProcessBuilder(command(script)).inheritIO().start();
            return Async.run(() -> awaitEnd(jshell));
        } finally {
            Files.deleteIfExists(script);
        }
    }

    private static void copyStartupScript(Path file) throws IOException {
        try (var script =
                Objects.requireNonNull(ReplCommand.class.getResourceAsStream(STARTUP_SCRIPT))) {
            Files.copy(script, file, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static List<String> command(Path script) {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "jshell").toString());
        command.addAll(List.of("--class-path", classPath()));
        command.addAll(List.of("--startup", "DEFAULT", "--startup", script.toString()));
        // For the JVM that runs the snippets, which is another than that of the prompt.
        command.add("-R--add-opens=java.base/java.lang=ALL-UNNAMED");
        command.add("-R--add-opens=java.base/java.util.concurrent.locks=ALL-UNNAMED");
        var engine = System.getProperty("jloop.engine");
        if (engine != null) {
            command.add("-R-Djloop.engine=" + engine);
        }
        return command;
    }

    /// Where this program comes from, on the module path or the class path.
    private static String classPath() {
        var modules = System.getProperty("jdk.module.path");
        var path = modules == null ? System.getProperty("java.class.path") : modules;
        return String.join(
                File.pathSeparator,
                Stream.of(path.split(File.pathSeparator)).flatMap(ReplCommand::jarsOf).toList());
    }

    /// A module path names folders of jars, which a class path cannot.
    private static Stream<String> jarsOf(String entry) {
        if (!Files.isDirectory(Path.of(entry))) {
            return Stream.of(entry);
        }
        try (var files = Files.list(Path.of(entry))) {
            var jars =
                    files.map(Path::toString)
                            .filter(file -> file.endsWith(".jar"))
                            .sorted()
                            .toList();
            return jars.isEmpty() ? Stream.of(entry) : jars.stream();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static int awaitEnd(Process jshell) throws InterruptedException {
        // Ctrl-C goes to all processes of the terminal, and is meant for jshell.
        EventLoop.current().addSignalHandler("INT", () -> {});
        try {
            return Offload.toThread(() -> jshell.waitFor());
        } finally {
            jshell.destroy();
        }
    }
}

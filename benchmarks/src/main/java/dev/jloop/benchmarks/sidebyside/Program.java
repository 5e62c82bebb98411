package dev.jloop.benchmarks.sidebyside;

import dev.jloop.core.Async;
import dev.jloop.executor.ProcessOptions;
import dev.jloop.executor.Subprocess;
import dev.jloop.executor.Subprocesses;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/// A child that tells line by line how far it is. Closing ends it.
final class Program implements AutoCloseable {
    /// How long to wait for any line; a JVM on a busy machine takes a while to start.
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final String name;
    private final Subprocess process;

    private Program(String name, Subprocess process) {
        this.name = name;
        this.process = process;
    }

    /// Suspends. What the program says to standard error is passed on.
    static Program start(String name, List<String> command) throws IOException {
        return start(name, command, ProcessOptions.DEFAULTS.withStderr(Redirect.INHERIT));
    }

    /// Suspends. What the program says to standard error counts as said too.
    static Program startMerged(String name, List<String> command) throws IOException {
        return start(name, command, ProcessOptions.DEFAULTS.withMergedStderr(true));
    }

    private static Program start(String name, List<String> command, ProcessOptions options)
            throws IOException {
        return new Program(name, Subprocesses.exec(options, command.toArray(String[]::new)));
    }

    long pid() {
        return process.pid();
    }

    void say(String line) throws IOException {
        process.stdin().write(line + "\n");
    }

    /// Waits for a line that begins with a word.
    ///
    /// @return the rest of the line
    /// @throws IOException if another comes, or the program ends
    String await(String word) throws IOException {
        var line = line();
        if (!line.startsWith(word)) {
            throw new IOException(name + " said \"" + line + "\" instead of \"" + word + " ...\"");
        }
        return line.substring(word.length()).strip();
    }

    /// Waits for a line that begins with a word, whatever comes before it.
    ///
    /// @return the rest of the line
    /// @throws IOException if the program ends without it
    String skipTo(String word) throws IOException {
        var line = line();
        while (!line.startsWith(word)) {
            line = line();
        }
        return line.substring(word.length()).strip();
    }

    /// {@return the answer to a line} Suspends.
    String ask(String question) throws IOException {
        say(question);
        return line();
    }

    private String line() throws IOException {
        return Async.withTimeout(PATIENCE, this::nextLine);
    }

    private String nextLine() throws IOException {
        var line = process.stdout().readLine(StandardCharsets.UTF_8);
        if (line == null) {
            throw new IOException(name + " ended with exit code " + process.waitFor());
        }
        return line;
    }

    /// Interrupts the program as Ctrl-C does, and waits for its end.
    void interrupt() {
        process.signal("INT");
        process.waitFor();
    }

    @Override
    public void close() {
        process.close();
    }
}

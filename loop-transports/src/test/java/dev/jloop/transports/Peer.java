package dev.jloop.transports;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.jloop.core.LoopFuture;

import org.junit.jupiter.api.Assumptions;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/// Another program, of this machine, that talks to what is tested. Where it is not installed, the
/// test is skipped, and says so.
///
/// Its methods suspend, so that the loop can serve the program meanwhile.
final class Peer implements AutoCloseable {
    private final Process process;
    private final BufferedReader output;

    private Peer(Process process) {
        this.process = process;
        output = process.inputReader(UTF_8);
    }

    /// @param command a program and its arguments
    static Peer start(String... command) throws IOException {
        requireInstalled(command[0]);
        return new Peer(new ProcessBuilder(command).redirectErrorStream(true).start());
    }

    static void requireInstalled(String program) {
        Assumptions.assumeTrue(
                Stream.of(System.getenv("PATH").split(File.pathSeparator))
                        .anyMatch(folder -> Files.isExecutable(Path.of(folder).resolve(program))),
                "skipped: " + program + " is not installed");
    }

    long pid() {
        return process.pid();
    }

    void send(String text) throws IOException {
        send(text.getBytes(UTF_8));
    }

    void send(byte[] data) throws IOException {
        process.getOutputStream().write(data);
        process.getOutputStream().flush();
    }

    /// Sends more than the pipe may hold; suspends until all of it has been taken.
    void awaitSent(byte[] data) {
        await(() -> {
            send(data);
            return true;
        });
    }

    void endInput() throws IOException {
        process.getOutputStream().close();
    }

    /// {@return the first line from here on that contains the text}
    String awaitLine(String text) {
        return await(() -> {
            var before = new StringBuilder();
            for (var line = output.readLine(); line != null; line = output.readLine()) {
                if (line.contains(text)) {
                    return line;
                }
                before.append(line).append('\n');
            }
            throw new AssertionError("no line with '" + text + "' in:\n" + before);
        });
    }

    /// {@return what follows `name` in the first line from here on that begins with it}
    String awaitValue(String name) {
        return awaitLine(name).substring(name.length());
    }

    /// {@return the rest of what it prints, until it ends}
    String awaitEnd() {
        return await(() -> String.join("\n", output.lines().toList()));
    }

    /// {@return its exit code}
    int awaitExit() {
        return LoopFuture.from(process.onExit()).await().exitValue();
    }

    private static <T> T await(Callable<T> reading) {
        return LoopFuture.from(
                        CompletableFuture.supplyAsync(
                                () -> {
                                    try {
                                        return reading.call();
                                    } catch (IOException failure) {
                                        throw new UncheckedIOException(failure);
                                    } catch (Exception failure) {
                                        throw new AssertionError(failure);
                                    }
                                },
                                task -> Thread.ofPlatform().daemon().start(task)))
                .await();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}

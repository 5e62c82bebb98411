package dev.jloop.core;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A JVM of its own for a main class of the test sources, where a test needs other flags, an exit
/// code, or signals.
final class ChildJvm implements AutoCloseable {
    /// What the engines of this JVM need.
    static final List<String> SAME_ENGINE = sameEngine();

    /// Who runs the build in the background makes it ignore SIGINT, and a child inherits that.
    private static final List<String> LISTENING = listening();

    private static final long SAFETY_NET_SECONDS = 25;

    private final Process process;
    private final List<String> output = Collections.synchronizedList(new ArrayList<>());
    private final Thread reader;

    /// Starts a JVM; standard output and error come as one.
    ChildJvm(Class<?> main, List<String> options, String... arguments) throws IOException {
        var command = new ArrayList<>(LISTENING);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-Xshare:auto"));
        command.addAll(options);
        command.addAll(List.of("-cp", classPath(), main.getName()));
        command.addAll(List.of(arguments));
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().remove("JAVA_TOOL_OPTIONS");
        process = builder.start();
        reader = Thread.ofVirtual().start(this::readOutput);
    }

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

    private static List<String> sameEngine() {
        var engine = System.getProperty("jloop.engine");
        if (engine == null) {
            return List.of();
        }
        return engine.equals("mounted")
                ? List.of("--add-opens=java.base/java.lang=ALL-UNNAMED", "-Djloop.engine=mounted")
                : List.of("-Djloop.engine=" + engine);
    }

    private static String classPath() {
        var ofSurefire = System.getProperty("surefire.test.class.path");
        return ofSurefire == null ? System.getProperty("java.class.path") : ofSurefire;
    }

    private void readOutput() {
        try (InputStream stream = process.getInputStream();
                var lines =
                        new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
            for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                synchronized (output) {
                    output.add(line);
                    output.notifyAll();
                }
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } finally {
            synchronized (output) {
                output.notifyAll();
            }
        }
    }

    /// Waits until the child has printed `line`.
    void awaitLine(String line) throws InterruptedException {
        var end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SAFETY_NET_SECONDS);
        synchronized (output) {
            while (!output.contains(line)) {
                var left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
                if (left <= 0 || !reader.isAlive()) {
                    throw new AssertionError("'" + line + "' was not printed, but: " + output);
                }
                output.wait(left);
            }
        }
    }

    long pid() {
        return process.pid();
    }

    /// Sends a signal by its bare name.
    void signal(String name) throws IOException, InterruptedException {
        signal(process.pid(), name);
    }

    static void signal(long pid, String name) throws IOException, InterruptedException {
        var kill = new ProcessBuilder("kill", "-" + name, Long.toString(pid)).inheritIO().start();
        if (kill.waitFor() != 0) {
            throw new AssertionError("kill -" + name + " failed");
        }
    }

    /// Waits for the end. {@return the exit code}
    int awaitExit() throws InterruptedException {
        if (!process.waitFor(SAFETY_NET_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("the child JVM does not end; it printed: " + output);
        }
        reader.join();
        return process.exitValue();
    }

    List<String> output() {
        synchronized (output) {
            return List.copyOf(output);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}

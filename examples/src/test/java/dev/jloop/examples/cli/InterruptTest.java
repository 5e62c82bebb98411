package dev.jloop.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/// Ctrl-C, sent to a JVM of its own.
@Timeout(60)
class InterruptTest {
    private static final Pattern IGNORED_SIGNALS = Pattern.compile("SigIgn:\\s*([0-9a-f]+)");
    private static final int SIGINT_BIT = 1 << 1;

    @TempDir Path folder;

    /// A JVM whose parent ignores SIGINT, as jobs in the background of a script do, ignores it too.
    @BeforeAll
    static void assumeThatInterruptsReachUs() throws IOException {
        var status = Path.of("/proc/self/status");
        if (Files.exists(status)) {
            var matcher = IGNORED_SIGNALS.matcher(Files.readString(status));
            assumeThat(matcher.find()).isTrue();
            assumeThat(Long.parseUnsignedLong(matcher.group(1), 16) & SIGINT_BIT).isZero();
        }
    }

    @Test
    void theDemoSaysWhatWasCancelledAndLeavesNoPicture() throws Exception {
        var picture = folder.resolve("demo.svg");
        // Long answers: the crawl is on its way when the signal comes, and would be for minutes.
        try (var child =
                Child.start("demo", "--delay", "5000-9000", "--output", picture.toString())) {
            child.readUntil("0 of ");
            child.signal("INT");

            var output = child.readToEnd();
            assertThat(child.exitCode()).as(output).isEqualTo(130);
            assertThat(output).contains("Cancelled: 1 fetch under way", "No picture was written.");
            assertThat(child.errors()).isEmpty();
        }
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void anEchoServerServesUntilCtrlC() throws Exception {
        try (var child = Child.start("echo")) {
            var line = child.readUntil("listening on 127.0.0.1:");
            int port = Integer.parseInt(line.replaceFirst(".*127\\.0\\.0\\.1:(\\d+).*", "$1"));
            try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                socket.getOutputStream().write("hello".getBytes(UTF_8));
                assertThat(socket.getInputStream().readNBytes(5))
                        .isEqualTo("hello".getBytes(UTF_8));
                child.signal("INT");

                child.readToEnd();
                assertThat(child.exitCode()).isEqualTo(130);
                assertThat(child.errors()).isEmpty();
            }
        }
    }

    /// A jloop in another JVM, on the same engine.
    private record Child(Process process, BufferedReader output, Path errorFile)
            implements AutoCloseable {
        static Child start(String... arguments) throws IOException {
            var command = new ArrayList<String>();
            command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            command.add("--add-opens=java.base/java.lang=ALL-UNNAMED");
            if (System.getProperty("jloop.engine") != null) {
                command.add("-Djloop.engine=" + System.getProperty("jloop.engine"));
            }
            command.addAll(
                    List.of(
                            "--class-path",
                            System.getProperty("java.class.path"),
                            Jloop.class.getName()));
            command.addAll(List.of(arguments));
            var errors = Files.createTempFile("jloop-test-", ".err");
            var process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
            return new Child(
                    process,
                    new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8)),
                    errors);
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
            var kill =
                    new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid())).start();
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
}

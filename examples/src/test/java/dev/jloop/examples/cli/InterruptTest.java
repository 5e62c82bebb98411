package dev.jloop.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
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

    @Test
    void aTailEndsItsProgramWithCtrlC() throws Exception {
        var file = Files.writeString(folder.resolve("log"), "ready\n");
        try (var child = Child.start("tail", file.toString())) {
            child.readUntil("ready");
            var program = child.process().children().toList();
            assertThat(program).hasSize(1);
            child.signal("INT");

            child.readToEnd();
            assertThat(child.exitCode()).isEqualTo(130);
            assertThat(child.errors()).isEmpty();
            program.getFirst().onExit().join(); // it has another parent now
        }
    }
}

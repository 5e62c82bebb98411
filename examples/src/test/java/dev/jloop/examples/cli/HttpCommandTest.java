package dev.jloop.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// The site over HTTP and HTTPS, from a JVM of its own, as `curl` sees it.
@Timeout(60)
class HttpCommandTest {
    /// What `curl` printed, its account of the connection included, and its exit code.
    private record Fetched(int exitCode, String output) {}

    private static Fetched curl(String... arguments) throws IOException, InterruptedException {
        assumeThat(
                        Stream.of(System.getenv("PATH").split(File.pathSeparator))
                                .anyMatch(folder -> new File(folder, "curl").canExecute()))
                .as("skipped: curl is not installed")
                .isTrue();
        var command = new ArrayList<>(List.of("curl", "--silent", "--show-error", "--verbose"));
        command.addAll(List.of(arguments));
        var curl = new ProcessBuilder(command).redirectErrorStream(true).start();
        var output = new String(curl.getInputStream().readAllBytes(), UTF_8);
        return new Fetched(curl.waitFor(), output);
    }

    private static String addressIn(String line) {
        return line.replaceFirst("serving (\\S+);.*", "$1");
    }

    @Test
    void curlFetchesPagesOverHttp() throws Exception {
        try (var server = Child.start("serve")) {
            var front = addressIn(server.readUntil("serving "));

            var fetched = curl(front, front + "module/java.base");

            assertThat(fetched.exitCode()).as(fetched.output()).isZero();
            assertThat(front).startsWith("http://127.0.0.1:");
            assertThat(fetched.output()).contains("java.base", "Re-using existing connection");
        }
    }

    @Test
    void curlFetchesSeveralPagesOverOneHttpsConnectionAndAgreesOnHttp11() throws Exception {
        try (var server = Child.start("http", "--tls")) {
            var front = addressIn(server.readUntil("serving "));
            var pem = server.readUntil("--cacert").replaceFirst(".*--cacert (\\S+) .*", "$1");

            var fetched =
                    curl(
                            "--cacert",
                            pem,
                            front,
                            front + "module/java.base",
                            front + "package/java.lang",
                            front + "nowhere");

            assertThat(fetched.exitCode()).as(fetched.output()).isZero();
            assertThat(front).startsWith("https://127.0.0.1:");
            assertThat(fetched.output())
                    .contains(
                            "SSL certificate verify ok",
                            "<li>String</li>",
                            "HTTP/1.1 200 OK",
                            "HTTP/1.1 404 Not Found")
                    .containsPattern("ALPN[:,] server accepted (to use )?http/1.1");
            assertThat(fetched.output().split("Re-using existing connection", -1)).hasSize(4);

            // Ctrl-C cleans the certificate up.
            assertThat(Path.of(pem)).exists();
            server.signal("INT");
            server.readToEnd();
            assertThat(server.exitCode()).isEqualTo(130);
            assertThat(Path.of(pem).getParent()).doesNotExist();
            assertThat(server.errors()).isEmpty();
        }
    }

    @Test
    void curlRefusesTheCertificateWhereItIsNotToldToTrustIt() throws Exception {
        try (var server = Child.start("http", "--tls")) {
            var front = addressIn(server.readUntil("serving "));

            var fetched = curl(front);

            assertThat(fetched.exitCode()).as(fetched.output()).isEqualTo(60);
            server.signal("INT");
            server.readToEnd();
            assertThat(server.errors()).isEmpty();
        }
    }

    @Test
    void curlReadsAndPostsWithBothFramingsAndResumes(@TempDir Path folder) throws Exception {
        var big = "0123456789".repeat(500_000);
        var file = Files.writeString(folder.resolve("big.txt"), big);
        try (var server = Child.start("http", folder.toString())) {
            var front = addressIn(server.readUntil("serving "));
            var copy = folder.resolve("copy.txt");

            var sized = curl("-T", file.toString(), front + "echo", "-o", copy.toString());
            assertThat(sized.output()).contains("Expect: 100-continue", "HTTP/1.1 100 Continue");
            assertThat(copy).hasContent(big);

            var chunked =
                    curl(
                            "-T",
                            file.toString(),
                            "-H",
                            "Transfer-Encoding: chunked",
                            front + "echo",
                            "-o",
                            copy.toString());
            assertThat(chunked.exitCode()).as(chunked.output()).isZero();
            assertThat(copy).hasContent(big);

            Files.writeString(copy, big.substring(0, 1_234_567));
            var resumed = curl("-C", "-", front + "big.txt", "-o", copy.toString());
            assertThat(resumed.output()).contains("HTTP/1.1 206 Partial Content");
            assertThat(copy).hasContent(big);

            assertThat(curl("--path-as-is", front + "../x").output()).contains("HTTP/1.1 403 ");
            assertThat(server.errors()).isEmpty();
        }
    }

    @Test
    void curlFetchesAFileOverHttps(@TempDir Path folder) throws Exception {
        var big = "0123456789".repeat(500_000);
        Files.writeString(folder.resolve("big.txt"), big);
        try (var server = Child.start("http", "--tls", folder.toString())) {
            var front = addressIn(server.readUntil("serving "));
            var pem = server.readUntil("--cacert").replaceFirst(".*--cacert (\\S+) .*", "$1");
            var copy = folder.resolve("copy.txt");

            var fetched = curl("--cacert", pem, front + "big.txt", "-o", copy.toString());

            assertThat(fetched.exitCode()).as(fetched.output()).isZero();
            assertThat(copy).hasContent(big);
            server.signal("INT");
            server.readToEnd();
            assertThat(server.errors()).isEmpty();
        }
    }

    /// The JVM has 32 MiB for its heap and as much for buffers.
    @Test
    @Tag("nightly")
    void aGibibyteIsSentFromAThirtiethOfItsSize(@TempDir Path folder) throws Exception {
        var size = 1L << 30;
        try (var file = new RandomAccessFile(folder.resolve("big.bin").toFile(), "rw")) {
            file.setLength(size);
        }
        try (var server =
                Child.startWith(List.of("-Xmx32m"), Jloop.class, "http", folder.toString())) {
            var front = addressIn(server.readUntil("serving "));

            var fetched = curl("-o", "/dev/null", "-w", "%{size_download}\n", front + "big.bin");

            assertThat(fetched.exitCode()).as(fetched.output()).isZero();
            assertThat(fetched.output().lines().toList()).last().isEqualTo(String.valueOf(size));
            assertThat(server.errors()).isEmpty();
        }
    }

    @Test
    void aKeyStoreThatIsNotThereIsOneClearLine() {
        var run = CommandRun.of("serve", "--keystore", "nowhere.p12");

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.errors()).contains("JLOOP_KEYSTORE_PASSWORD").doesNotContain("\tat ");
    }

    @Test
    void aFolderThatIsNotThereIsOneClearLine() {
        var run = CommandRun.of("http", "nowhere");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.errors().lines())
                .singleElement()
                .asString()
                .startsWith("jloop http: nowhere");
    }
}

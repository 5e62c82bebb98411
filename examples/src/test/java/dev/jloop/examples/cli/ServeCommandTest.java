package dev.jloop.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// The site over HTTP and HTTPS, from a JVM of its own, as `curl` sees it.
@Timeout(60)
class ServeCommandTest {
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
        try (var server = Child.start("serve", "--tls")) {
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
        try (var server = Child.start("serve", "--tls")) {
            var front = addressIn(server.readUntil("serving "));

            var fetched = curl(front);

            assertThat(fetched.exitCode()).as(fetched.output()).isEqualTo(60);
            server.signal("INT");
            server.readToEnd();
            assertThat(server.errors()).isEmpty();
        }
    }

    @Test
    void aKeyStoreThatIsNotThereIsOneClearLine() {
        var run = CommandRun.of("serve", "--keystore", "nowhere.p12");

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.errors()).contains("JLOOP_KEYSTORE_PASSWORD").doesNotContain("\tat ");
    }
}

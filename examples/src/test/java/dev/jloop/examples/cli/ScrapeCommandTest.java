package dev.jloop.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.sun.net.httpserver.HttpServer;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;

/// Against the JDK's own web server, which is on threads of its own.
class ScrapeCommandTest {
    private static final String PAGE = "<p>four words <b>are</b> here</p>";

    @TempDir Path folder;

    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/page",
                exchange -> {
                    try (exchange) {
                        exchange.sendResponseHeaders(200, 0); // chunked
                        exchange.getResponseBody().write(PAGE.getBytes(ISO_8859_1));
                    }
                });
        server.createContext(
                "/old",
                exchange -> {
                    try (exchange) {
                        exchange.getResponseHeaders().add("Location", "/page");
                        exchange.sendResponseHeaders(301, -1);
                    }
                });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void eachPageIsALineInTheOrderGiven() {
        var run = CommandRun.of("scrape", address("/page"), address("/old"), address("/page"));

        assertThat(run.errors()).isEmpty();
        assertThat(run.exitCode()).isZero();
        assertThat(run.output())
                .containsPattern(
                        "STATUS .*\n200 +\\d+ +4 .*/page\n200 +\\d+ +4 .*/old \\(1 redirect\\)\n");
        assertThat(run.output()).contains("2 of 2 pages came, in ");
    }

    @Test
    void eachFailureIsAClearLineAndTheExitCodeIs1() throws IOException {
        var run =
                CommandRun.of(
                        "scrape",
                        address("/page"),
                        address("/missing"),
                        "http://127.0.0.1:" + closedPort() + "/",
                        "http://" + "a".repeat(64) + ".invalid/",
                        "https://127.0.0.1/");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.errors()).isEmpty();
        assertThat(run.output())
                .containsPattern("200 .*/page\n")
                .containsPattern("FAILED .*/missing: answered 404")
                .containsPattern("FAILED .*: connection refused")
                .containsPattern("FAILED .*invalid/: unknown host")
                .containsPattern("FAILED .*https://127.0.0.1/: https is not supported yet")
                .contains("1 of 5 pages came, in ")
                .doesNotContain("\tat ");
    }

    @Test
    void theTimelineIsDrawnWhereAsked() {
        var picture = folder.resolve("scrape.svg");
        var run = CommandRun.of("scrape", "--output", picture.toString(), address("/page"));

        assertThat(run.exitCode()).isZero();
        assertThat(picture).content().contains("/page").endsWith("</svg>\n");
    }

    private String address(String path) {
        return "http://127.0.0.1:" + server.getAddress().getPort() + path;
    }

    private static int closedPort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}

package dev.jloop.examples.site;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jloop.examples.http.server.ServerOptions;
import dev.jloop.examples.http.server.SimulatedSite;
import dev.jloop.testkit.LoopTest;
import dev.jloop.testkit.SimulatedNetwork;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Map;

/// Files of a real folder, over a simulated network.
@SuppressWarnings("StringConcatToTextBlock") // lines end with CR and LF here
class FolderSiteTest {
    private static final Instant MODIFIED = Instant.parse("1994-11-06T08:49:37.5Z");
    private static final String DATE = "Sun, 06 Nov 1994 08:49:37 GMT";

    @TempDir private Path temporary;
    private Path folder;

    @BeforeEach
    void fillTheFolder() throws IOException {
        folder = Files.createDirectories(temporary.resolve("served"));
        Files.createDirectories(folder.resolve("sub/index"));
        write("digits.txt", "0123456789");
        write("style.css", "");
        write("data.xyzzy", "x");
        write("sub/a <b> & c?.html", "<p>");
        write("sub/index/index.html", "the index");
        Files.writeString(temporary.resolve("secret.txt"), "secret");
        Files.createSymbolicLink(folder.resolve("inside.txt"), Path.of("digits.txt"));
        Files.createSymbolicLink(folder.resolve("outside.txt"), temporary.resolve("secret.txt"));
        Files.createSymbolicLink(folder.resolve("up"), temporary);
        Files.createSymbolicLink(folder.resolve("circle"), Path.of("circle"));
    }

    private void write(String name, String text) throws IOException {
        var file = Files.writeString(folder.resolve(name), text);
        Files.setLastModifiedTime(file, FileTime.from(MODIFIED));
    }

    private SimulatedSite serve(SimulatedNetwork network) throws IOException {
        var files = FolderSite.of(folder);
        return new SimulatedSite(network, new EchoOrRead(files), ServerOptions.DEFAULTS);
    }

    private static String fetch(SimulatedSite site, String line, String... fields) {
        return site.converse(
                line
                        + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
                        + String.join("", fields)
                        + "\r\n");
    }

    @LoopTest
    void aFileIsSentWithItsTypeAndAge(SimulatedNetwork network) throws IOException {
        try (var site = serve(network)) {
            assertThat(fetch(site, "GET /digits.txt?a=b"))
                    .startsWith("HTTP/1.1 200 OK\r\n")
                    .contains(
                            "Last-Modified: " + DATE + "\r\n",
                            "Content-Type: text/plain; charset=utf-8\r\n",
                            "content-length: 10\r\n")
                    .endsWith("\r\n\r\n0123456789");
            assertThat(fetch(site, "GET /data.xyzzy"))
                    .contains("Content-Type: application/octet-stream\r\n");
            assertThat(fetch(site, "HEAD /digits.txt"))
                    .contains("content-length: 10\r\n")
                    .endsWith("\r\n\r\n");
            assertThat(fetch(site, "GET http://elsewhere/digits.txt")).endsWith("0123456789");
        }
    }

    @LoopTest
    void aPartOfAFileIsSentWhereItIsAskedFor(SimulatedNetwork network) throws IOException {
        try (var site = serve(network)) {
            var ranges =
                    Map.of(
                            "2-4", "2-4/10\r\n:234",
                            "7-", "7-9/10\r\n:789",
                            "-3", "7-9/10\r\n:789",
                            "-30", "0-9/10\r\n:0123456789",
                            "9-100", "9-9/10\r\n:9");
            ranges.forEach((range, expected) -> {
                var parts = expected.split(":", -1);
                assertThat(fetch(site, "GET /digits.txt", "Range: bytes=" + range + "\r\n"))
                        .as(range)
                        .startsWith("HTTP/1.1 206 ")
                        .contains("Content-Range: bytes " + parts[0])
                        .endsWith("\r\n\r\n" + parts[1]);
            });
            for (var none : new String[] {"10-", "100-200", "-0"}) {
                assertThat(fetch(site, "GET /digits.txt", "Range: bytes=" + none + "\r\n"))
                        .as(none)
                        .startsWith("HTTP/1.1 416 ")
                        .contains("Content-Range: bytes */10\r\n")
                        .endsWith("\r\n\r\n");
            }
            for (var other : new String[] {"bytes=4-2", "bytes=-", "bytes=0-1,3-4", "lines=1-2"}) {
                assertThat(fetch(site, "GET /digits.txt", "Range: " + other + "\r\n"))
                        .as(other)
                        .startsWith("HTTP/1.1 200 ")
                        .endsWith("\r\n\r\n0123456789");
            }
        }
    }

    @LoopTest
    void aPartOfAnotherVersionIsNotSent(SimulatedNetwork network) throws IOException {
        try (var site = serve(network)) {
            var range = "Range: bytes=2-4\r\n";

            assertThat(fetch(site, "GET /digits.txt", range, "If-Range: " + DATE + "\r\n"))
                    .startsWith("HTTP/1.1 206 ");
            assertThat(fetch(site, "GET /digits.txt", range, "If-Range: \"other\"\r\n"))
                    .startsWith("HTTP/1.1 200 ");
        }
    }

    @LoopTest
    void aFileThatTheClientHasIsNotSentAgain(SimulatedNetwork network) throws IOException {
        try (var site = serve(network)) {
            var field = "If-Modified-Since: ";

            assertThat(fetch(site, "GET /digits.txt", field + DATE + "\r\n"))
                    .startsWith("HTTP/1.1 304 ")
                    .endsWith("\r\n\r\n")
                    .doesNotContain("content-length");
            for (var other : new String[] {DATE.replace("37", "36"), "yesterday"}) {
                assertThat(fetch(site, "GET /digits.txt", field + other + "\r\n"))
                        .as(other)
                        .startsWith("HTTP/1.1 200 ");
            }
        }
    }

    @LoopTest
    void aFolderIsListedOrAnsweredWithItsIndex(SimulatedNetwork network) throws IOException {
        try (var site = serve(network)) {
            assertThat(fetch(site, "GET /sub/"))
                    .startsWith("HTTP/1.1 200 ")
                    .contains(
                            "<a href=\"/sub/a%20%3Cb%3E%20&amp;%20c%3F.html\">a &lt;b&gt; &amp;"
                                    + " c?.html</a>",
                            "<a href=\"/sub/index/\">index/</a>");
            assertThat(fetch(site, "GET /sub/a%20%3Cb%3E%20&%20c%3F.html")).endsWith("<p>");
            assertThat(fetch(site, "GET /sub/index/")).endsWith("the index");
            assertThat(fetch(site, "GET /")).contains("href=\"/digits.txt\"");
        }
    }

    /// The address is made of the names, so that two slashes do not lead to another host.
    @LoopTest
    void aFolderWithoutItsSlashIsElsewhere(SimulatedNetwork network) throws IOException {
        try (var site = serve(network)) {
            assertThat(fetch(site, "GET /sub?a=b"))
                    .startsWith("HTTP/1.1 301 ")
                    .contains("Location: /sub/?a=b\r\n");
            assertThat(fetch(site, "GET //sub")).contains("Location: /sub/\r\n");
        }
    }

    @LoopTest
    void whatIsNotThereIsNotFound(SimulatedNetwork network) throws IOException {
        try (var site = serve(network)) {
            for (var path :
                    new String[] {
                        "/nowhere",
                        "/digits.txt/",
                        "/digits.txt/x",
                        "/circle",
                        "/%00",
                        "/" + "x".repeat(300)
                    }) {
                assertThat(fetch(site, "GET " + path)).as(path).startsWith("HTTP/1.1 404 ");
            }
            assertThat(fetch(site, "GET /%zz")).startsWith("HTTP/1.1 400 ");
        }
    }

    @LoopTest
    void linksAreFollowedInsideAndForbiddenToTheOutside(SimulatedNetwork network)
            throws IOException {
        try (var site = serve(network)) {
            assertThat(fetch(site, "GET /inside.txt")).endsWith("0123456789");
            assertThat(fetch(site, "GET /sub/../digits.txt")).endsWith("0123456789");
            for (var path :
                    new String[] {
                        "/outside.txt",
                        "/up/",
                        "/up/secret.txt",
                        "/../secret.txt",
                        "/sub/../../secret.txt",
                        "/%2e%2e/secret.txt",
                        "/sub%2f..%2f..%2fsecret.txt",
                        "/.."
                    }) {
                assertThat(fetch(site, "GET " + path))
                        .as(path)
                        .startsWith("HTTP/1.1 403 ")
                        .doesNotContain("secret");
            }
        }
    }

    @LoopTest
    void aFileThatMayNotBeReadIsForbidden(SimulatedNetwork network) throws IOException {
        var file = folder.resolve("digits.txt").toFile();
        assumeTrue(
                file.setReadable(false) && !Files.isReadable(file.toPath()),
                "skipped: who runs this may read everything");
        try (var site = serve(network)) {
            assertThat(fetch(site, "GET /digits.txt")).startsWith("HTTP/1.1 403 ");
        }
    }

    @LoopTest
    void aSiteIsReadAndOnlyEchoTakesWhatIsPosted(SimulatedNetwork network) throws IOException {
        try (var site = serve(network)) {
            assertThat(fetch(site, "DELETE /digits.txt"))
                    .startsWith("HTTP/1.1 405 ")
                    .contains("Allow: GET, HEAD\r\n");
            assertThat(fetch(site, "OPTIONS *")).startsWith("HTTP/1.1 405 ");
            assertThat(
                            site.converse(
                                    "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Type: a/b\r\n"
                                            + "Connection: close\r\nContent-Length: 3\r\n\r\nabc"))
                    .contains("Content-Type: a/b\r\n")
                    .endsWith("3\r\nabc\r\n0\r\n\r\n");
        }
    }

    @Test
    void aFolderThatIsNotThereIsNamed() {
        assertThatThrownBy(() -> FolderSite.of(folder.resolve("digits.txt")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("digits.txt");
    }

    @Test
    void aFileOpenedForNobodyIsClosed() throws IOException {
        var file = folder.resolve("digits.txt");
        var late = new OpenedFile();
        late.abandon();
        assertThatThrownBy(() -> late.open(file)).hasMessageContaining("nobody waits");

        var early = new OpenedFile();
        var channel = early.open(file);
        early.abandon();
        assertThat(channel.isOpen()).isFalse();
    }
}

package dev.jloop.examples.http.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;

import dev.jloop.core.Async;
import dev.jloop.examples.http.HttpClient;
import dev.jloop.examples.http.HttpLimits;
import dev.jloop.testkit.LoopTest;
import dev.jloop.testkit.SimulatedNetwork;
import dev.jloop.testkit.VirtualTimeLoop;

import io.netty.buffer.Unpooled;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

@SuppressWarnings("StringConcatToTextBlock") // lines end with CR and LF here
class HttpServerTest {
    private static final ServerOptions OPTIONS =
            ServerOptions.DEFAULTS.withHeadBytes(256).withIdleTimeout(Duration.ofSeconds(5));
    private static final Pattern STATUS_LINE = Pattern.compile("HTTP/1\\.1 \\d\\d\\d [^\r]*");
    private static final String LAST = "Host: h\r\nConnection: close\r\n\r\n";

    private final Logger logger = (Logger) LoggerFactory.getLogger("ROOT");
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    @BeforeEach
    void listenToTheLog() {
        log.start();
        logger.addAppender(log);
    }

    @AfterEach
    void stopListening() {
        logger.detachAppender(log);
    }

    private static SimulatedSite start(SimulatedNetwork network) {
        network.setChunking(true);
        return new SimulatedSite(network, HttpServerTest::answer, OPTIONS);
    }

    private static Answer answer(Request request) throws IOException {
        return switch (request.path()) {
            case "/fail" -> throw new IllegalStateException("on purpose");
            case "/chunked" -> Answer.chunked(200, "text/plain", new byte[10_000]);
            case "/echo" -> {
                request.awaitBody();
                yield Answer.stream(200, "text/plain", request::readBody);
            }
            case "/broken" -> Answer.stream(200, "text/plain", new BreakingOff()::next);
            case "/nothing" -> Answer.empty(204);
            default -> Answer.text(200, "you asked for " + request.path());
        };
    }

    /// A body that fails after its first piece.
    private static final class BreakingOff {
        private boolean begun;

        io.netty.buffer.@Nullable ByteBuf next() throws IOException {
            if (begun) {
                throw new IOException("on purpose");
            }
            begun = true;
            return Unpooled.copiedBuffer("begun", ISO_8859_1);
        }
    }

    private static String request(String line) {
        return line + " HTTP/1.1\r\nHost: h\r\n\r\n";
    }

    private static String last(String line) {
        return line + " HTTP/1.1\r\n" + LAST;
    }

    private static List<String> statusLines(String answers) {
        return STATUS_LINE.matcher(answers).results().map(MatchResult::group).toList();
    }

    @LoopTest(seeds = 10)
    void oneConnectionServesRequestsUntilItIsToldToClose(SimulatedNetwork network) {
        try (var site = start(network)) {
            var answers =
                    site.converse(request("GET /one") + last("GET /two") + request("GET /three"));

            assertThat(answers)
                    .contains("you asked for /one", "you asked for /two")
                    .doesNotContain("/three");
            assertThat(site.sent.stream().mapToLong(Long::longValue).sum())
                    .isEqualTo(answers.length());
        }
    }

    /// Far more than the 128 that Netty's codec allows unless told otherwise.
    @LoopTest
    void aThousandPipelinedRequestsAreAnsweredInTheirOrder(SimulatedNetwork network) {
        try (var site = new SimulatedSite(network, HttpServerTest::answer, OPTIONS)) {
            var requests = new StringBuilder();
            var expected = new ArrayList<String>();
            for (int i = 0; i < 1_000; i++) {
                requests.append(request("GET /" + i));
                expected.add("you asked for /" + i);
            }
            var answers = site.converse(requests + last("GET /nothing"));

            assertThat(answers.lines().filter(line -> line.startsWith("you asked")))
                    .containsExactlyElementsOf(expected);
        }
    }

    @LoopTest
    void anOlderClientIsAnsweredWithoutChunksAndKeepsItsConnectionOnlyIfItAsks(
            SimulatedNetwork network) {
        try (var site = start(network)) {
            var answers =
                    site.converse(
                            "GET /chunked HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
                                    + "POST /echo HTTP/1.0\r\nContent-Length: 3\r\n\r\nabc");

            assertThat(statusLines(answers)).hasSize(2);
            assertThat(answers)
                    .contains("content-length: 10000", "connection: keep-alive")
                    .endsWith("connection: close\r\n\r\nabc")
                    .doesNotContain("chunked");
        }
    }

    @LoopTest
    void aHeadRequestGetsTheLengthButNoBody(SimulatedNetwork network) {
        try (var site = start(network)) {
            var answers =
                    site.converse(
                            request("HEAD /abc") + request("HEAD /chunked") + last("HEAD /a"));

            assertThat(answers).contains("content-length: 19\r\n").endsWith("\r\n\r\n");
            assertThat(statusLines(answers)).hasSize(3);
            assertThat(answers).doesNotContain("you asked");
        }
    }

    @LoopTest
    void aBodyInChunksComesBackWhileItIsSent(SimulatedNetwork network) throws Exception {
        try (var site = new SimulatedSite(network, HttpServerTest::answer, OPTIONS)) {
            var echo =
                    site.onClient(() -> {
                        try (var connection = SimulatedSite.connect()) {
                            connection
                                    .writer()
                                    .write(
                                            ("POST /echo HTTP/1.1\r\nHost: h\r\n"
                                                            + "Transfer-Encoding: chunked\r\n\r\n"
                                                            + "3\r\none\r\n")
                                                    .getBytes(ISO_8859_1));
                            var first =
                                    connection.reader().readUntil("one\r\n".getBytes(ISO_8859_1));
                            connection.writer().write("3\r\ntwo\r\n0\r\n\r\n".getBytes(ISO_8859_1));
                            var rest =
                                    connection.reader().readUntil("0\r\n\r\n".getBytes(ISO_8859_1));
                            return new String(first, ISO_8859_1) + new String(rest, ISO_8859_1);
                        }
                    });

            assertThat(echo).contains("transfer-encoding: chunked", "one", "two");
        }
    }

    @LoopTest(seeds = 10)
    void aBodyThatNobodyReadsIsDroppedAndTheNextRequestServed(SimulatedNetwork network) {
        try (var site = start(network)) {
            var answers =
                    site.converse(
                            "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 1900\r\n\r\n"
                                    + "GET /x HTTP/1.1\r\n\r\n".repeat(100)
                                    + "POST /b HTTP/1.1\r\n"
                                    + "Host: h\r\n"
                                    + "Transfer-Encoding: chunked\r\n"
                                    + "\r\n"
                                    + "3;extension=1\r\n"
                                    + "abc\r\n"
                                    + "0\r\n"
                                    + "Trailer: x\r\n\r\n"
                                    + last("GET /c"));

            assertThat(answers.lines().filter(line -> line.startsWith("you asked")))
                    .containsExactly("you asked for /a", "you asked for /b", "you asked for /c");
        }
    }

    @LoopTest
    void aClientThatWaitsWithItsBodyIsToldToGoOnWhereTheBodyIsWanted(SimulatedNetwork network) {
        try (var site = start(network)) {
            var answers =
                    site.converse(
                            "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n"
                                    + "Expect: 100-continue\r\n\r\nabc"
                                    + request("HEAD /a")
                                    + last("GET /b"));

            assertThat(statusLines(answers))
                    .containsExactly(
                            "HTTP/1.1 100 Continue",
                            "HTTP/1.1 200 OK",
                            "HTTP/1.1 200 OK",
                            "HTTP/1.1 200 OK");
            assertThat(answers).contains("abc").endsWith("you asked for /b\n");
        }
    }

    @LoopTest
    void aClientThatWaitsWithABodyNobodyWantsIsAnsweredAtOnceAndTheConnectionCloses(
            SimulatedNetwork network) {
        try (var site = start(network)) {
            var answers =
                    site.converse(
                            "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n"
                                    + "Expect: 100-continue\r\n\r\n");

            assertThat(statusLines(answers)).containsExactly("HTTP/1.1 200 OK");
            assertThat(answers).contains("connection: close");
        }
    }

    @LoopTest
    void whatIsMalformedIsAnsweredAndEndsTheConnectionWithoutAWordInTheLog(
            SimulatedNetwork network) {
        var malformed =
                List.of(
                        "hello\r\n\r\n",
                        "GET /\r\n\r\n",
                        "G(T / HTTP/1.1\r\n\r\n",
                        "GET / HTTP/1.1\r\nno colon\r\n\r\n",
                        "GET / HTTP/1.1\r\nspace : x\r\n\r\n",
                        "GET / HTTP/1.1\r\nA: 1\nB: 2\r\n\r\n",
                        "GET / HTTP/1.1\r\nA: \0\r\n\r\n",
                        "GET / HTTP/1.1\r\n\r\n",
                        "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
                        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: x\r\n\r\n",
                        "POST / HTTP/1.1\r\n"
                                + "Host: h\r\n"
                                + "Content-Length: 1\r\n"
                                + "Content-Length: 2\r\n\r\n",
                        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n"
                                + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\nabc",
                        "POST /echo HTTP/1.1\r\n"
                                + "Host: h\r\n"
                                + "Transfer-Encoding: chunked\r\n\r\n"
                                + "xyz\r\n",
                        "\u0016\u0003\u0001\u0002\0\u0001\0\u0001\u00FC\n");
        try (var site = start(network)) {
            for (var each : malformed) {
                var answers = site.converse(request("GET /") + each + request("GET /after"));

                assertThat(statusLines(answers))
                        .as(each)
                        .containsExactly("HTTP/1.1 200 OK", "HTTP/1.1 400 Bad Request");
                assertThat(answers).as(each).contains("connection: close").doesNotContain("/after");
            }
        }
        assertThat(log.list)
                .filteredOn(event -> event.getLevel().isGreaterOrEqual(Level.INFO))
                .isEmpty();
    }

    @LoopTest
    void aHeadThatIsTooLargeIsToldFromALineThatIs(SimulatedNetwork network) {
        try (var site = start(network)) {
            var much = "x".repeat(OPTIONS.headBytes());

            assertThat(site.converse(request("GET /" + much))).startsWith("HTTP/1.1 414 ");
            assertThat(site.converse("GET / HTTP/1.1\r\nHost: h\r\nA: " + much + "\r\n\r\n"))
                    .startsWith("HTTP/1.1 431 ");
        }
    }

    @LoopTest
    void anotherVersionIsNotSpoken(SimulatedNetwork network) {
        try (var site = start(network)) {
            assertThat(site.converse("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))
                    .startsWith("HTTP/1.1 505 ");
        }
    }

    /// The client sends on after what was malformed, more than the network holds.
    @LoopTest
    void aRefusalReachesAClientThatStillSends(SimulatedNetwork network) {
        network.setWindow(1_000);
        try (var site = start(network)) {
            assertThat(site.converse("hello\r\n\r\n" + "x".repeat(50_000)))
                    .startsWith("HTTP/1.1 400 ");
        }
    }

    @LoopTest
    void aClientWithoutARequestIsLeftAfterTheIdleTimeout(
            SimulatedNetwork network, VirtualTimeLoop loop) {
        try (var site = start(network)) {
            var before = loop.time();

            assertThat(site.converse("GET / HTTP/1.1\r\nHost: h")).isEmpty();
            assertThat(Duration.ofNanos(loop.time() - before))
                    .isBetween(OPTIONS.idleTimeout(), OPTIONS.idleTimeout().plusSeconds(1));
        }
    }

    @LoopTest
    void aBodyThatDoesNotGoOnIsAnsweredWithStatus408(
            SimulatedNetwork network, VirtualTimeLoop loop) {
        try (var site = start(network)) {
            var answer =
                    site.converse("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\n");

            assertThat(answer).startsWith("HTTP/1.1 408 ").contains("5000 ms");
            assertThat(loop.time()).isGreaterThanOrEqualTo(OPTIONS.idleTimeout().toNanos());
        }
    }

    /// Time between the pieces counts, not that of the whole.
    @LoopTest
    void aBodyThatComesSlowlyButGoesOnIsServed(SimulatedNetwork network) {
        try (var site = start(network)) {
            var answer =
                    site.onClient(() -> {
                        try (var connection = SimulatedSite.connect()) {
                            connection
                                    .writer()
                                    .write(
                                            ("POST /echo HTTP/1.1\r\nContent-Length: 4\r\n" + LAST)
                                                    .getBytes(ISO_8859_1));
                            for (int i = 0; i < 4; i++) {
                                Async.sleep(OPTIONS.idleTimeout().minusSeconds(1));
                                connection.writer().write(new byte[] {'x'});
                            }
                            return new String(connection.reader().readAll(), ISO_8859_1);
                        }
                    });

            assertThat(answer).startsWith("HTTP/1.1 200 ").endsWith("1\r\nx\r\n0\r\n\r\n");
        }
    }

    @LoopTest
    void aClientThatTakesNothingIsCutAfterTheIdleTimeout(
            SimulatedNetwork network, VirtualTimeLoop loop) {
        network.setWindow(1_000);
        var site =
                new SimulatedSite(
                        network, _ -> Answer.of(200, "text/plain", new byte[1_000_000]), OPTIONS);
        try (site) {
            site.onClient(() -> {
                var connection = SimulatedSite.connect();
                connection.writer().write(last("GET /").getBytes(ISO_8859_1));
                connection.writer().drain();
                connection.writer().transport().pauseReading();
                Async.sleep(OPTIONS.idleTimeout().plusSeconds(1));
                connection.writer().transport().resumeReading();
                assertThatThrownBy(connection.reader()::readAll).hasMessageContaining("reset");
                connection.writer().transport().abort();
                return true;
            });
            assertThat(site.sent).isEmpty();
            assertThat(loop.time()).isLessThan(OPTIONS.idleTimeout().plusSeconds(3).toNanos());
        }
    }

    @LoopTest
    void aClientBeyondTheLimitWaitsUntilAnotherHasGone(SimulatedNetwork network) {
        var options = OPTIONS.withMaxConnections(1);
        try (var site = new SimulatedSite(network, HttpServerTest::answer, options)) {
            site.onClient(() -> {
                try (var first = SimulatedSite.connect()) {
                    first.writer().write(request("GET /one").getBytes(ISO_8859_1));
                    first.reader().readUntil("/one\n".getBytes(ISO_8859_1));
                    var second = Async.createTask(() -> site.converse(last("GET /two")));
                    Async.sleep(Duration.ofSeconds(1));
                    assertThat(second.isDone()).isFalse();
                    first.writer().close();
                    assertThat(second.await()).contains("you asked for /two");
                }
                return true;
            });
        }
    }

    @LoopTest
    void aHandlerThatFailsIsReportedAndAnsweredWithStatus500(
            SimulatedNetwork network, VirtualTimeLoop loop) {
        var reported = new ArrayList<@Nullable Throwable>();
        loop.setExceptionHandler((_, context) -> reported.add(context.exception()));
        try (var site = start(network)) {
            var answers = site.converse(request("GET /fail") + last("GET /next"));

            assertThat(answers)
                    .startsWith("HTTP/1.1 500 ")
                    .doesNotContain("on purpose")
                    .contains("you asked for /next");
        }
        assertThat(reported)
                .singleElement()
                .extracting(Throwable::getMessage)
                .isEqualTo("on purpose");
    }

    @LoopTest
    void anAnswerThatBreaksOffIsReportedAndCannotBeTakenForAWholeOne(
            SimulatedNetwork network, VirtualTimeLoop loop) {
        var reported = new ArrayList<@Nullable Throwable>();
        loop.setExceptionHandler((_, context) -> reported.add(context.exception()));
        try (var site = start(network)) {
            site.onClient(() -> {
                var connection = SimulatedSite.connect();
                connection.writer().write(request("GET /broken").getBytes(ISO_8859_1));
                assertThatThrownBy(connection.reader()::readAll).hasMessageContaining("reset");
                connection.writer().transport().abort();
                return true;
            });
        }
        assertThat(reported)
                .singleElement()
                .extracting(Throwable::getMessage)
                .isEqualTo("on purpose");
    }

    @LoopTest
    void aBodyThatIsCutShortIsRefused(SimulatedNetwork network) {
        try (var site = start(network)) {
            var answer =
                    site.onClient(() -> {
                        try (var connection = SimulatedSite.connect()) {
                            connection
                                    .writer()
                                    .write(
                                            ("POST /echo HTTP/1.1\r\nContent-Length: 3\r\n" + LAST)
                                                    .getBytes(ISO_8859_1));
                            connection.writer().writeEof();
                            return new String(connection.reader().readAll(), ISO_8859_1);
                        }
                    });

            assertThat(answer).startsWith("HTTP/1.1 400 ").contains("cut short");
        }
    }

    @LoopTest
    void theClientCountsTheBytesThatTheServerSent(SimulatedNetwork network) {
        try (var site = start(network)) {
            var response =
                    site.onClient(() ->
                            new HttpClient(HttpLimits.DEFAULTS)
                                    .get(URI.create("http://server/chunked")));

            assertThat(response.body()).hasSize(10_000);
            assertThat(site.sent).containsExactly(response.wireBytes());
        }
    }

    @Test
    void aValueCannotSmuggleALine() {
        assertThatThrownBy(() -> Answer.empty(301).withHeader("Location", "x\r\nSet-Cookie: y"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Answer.empty(301).withHeader("a b", "x"))
                .isInstanceOf(IllegalArgumentException.class);
    }
}

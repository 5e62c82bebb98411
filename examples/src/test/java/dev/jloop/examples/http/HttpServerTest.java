package dev.jloop.examples.http;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.jloop.streams.Streams;
import dev.jloop.testkit.LoopTest;
import dev.jloop.testkit.SimulatedNetwork;
import dev.jloop.testkit.VirtualTimeLoop;

import org.junit.jupiter.api.BeforeEach;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

@SuppressWarnings("StringConcatToTextBlock") // lines end with CR and LF here
class HttpServerTest {
    private static final HttpLimits LIMITS = new HttpLimits(256, 1 << 20);

    private final List<Long> sent = new ArrayList<>();

    @BeforeEach
    void connectASimulatedNetwork(SimulatedNetwork network) {
        network.setLatency(Duration.ofMillis(5));
    }

    @LoopTest
    void oneConnectionServesRequestsUntilItIsToldToClose() throws IOException {
        var answers =
                converse(
                        "GET /one HTTP/1.1\r\n\r\n"
                                + "GET /two HTTP/1.1\r\n"
                                + "Connection: close\r\n\r\n"
                                + "GET /three HTTP/1.1\r\n\r\n");

        assertThat(answers)
                .contains("you asked for /one", "you asked for /two")
                .doesNotContain("/three");
        assertThat(sent.stream().mapToLong(Long::longValue).sum()).isEqualTo(answers.length());
    }

    @LoopTest
    void aConnectionThatStaysSilentIsClosedAfterHalfAMinute(VirtualTimeLoop loop)
            throws IOException {
        var answer = converse("GET /one HTTP/1.1\r\n\r\n");

        assertThat(answer).endsWith("you asked for /one\n");
        assertThat(Duration.ofNanos(loop.time()))
                .isBetween(Duration.ofSeconds(30), Duration.ofSeconds(31));
    }

    @LoopTest
    void aHeadRequestGetsTheLengthButNoBody() throws IOException {
        assertThat(converse("HEAD /abc HTTP/1.0\r\n\r\n"))
                .contains("Content-Length: 19\r\n")
                .endsWith("\r\n\r\n");
    }

    @LoopTest
    void otherMethodsAreNotAllowed() throws IOException {
        assertThat(converse("DELETE / HTTP/1.0\r\n\r\n"))
                .startsWith("HTTP/1.1 405 ")
                .contains("Allow: GET, HEAD\r\n");
    }

    @LoopTest
    void whatIsNoHttpGetsStatus400() throws IOException {
        assertThat(converse("hello\r\n\r\n")).startsWith("HTTP/1.1 400 ").contains("'hello'");
    }

    @LoopTest
    void aHeadThatIsTooLargeGetsStatus431() throws IOException {
        assertThat(converse("GET /" + "x".repeat(LIMITS.headBytes()) + " HTTP/1.1\r\n\r\n"))
                .startsWith("HTTP/1.1 431 ");
    }

    @LoopTest
    void aHandlerThatFailsIsReportedAndAnsweredWithStatus500(VirtualTimeLoop loop)
            throws IOException {
        var reported = new ArrayList<Throwable>();
        loop.setExceptionHandler((_, context) -> reported.add(context.exception()));

        assertThat(converse("GET /fail HTTP/1.0\r\n\r\n"))
                .startsWith("HTTP/1.1 500 ")
                .doesNotContain("on purpose");

        assertThat(reported)
                .singleElement()
                .extracting(Throwable::getMessage)
                .isEqualTo("on purpose");
    }

    @LoopTest
    void theClientCountsTheBytesThatTheServerSent() throws IOException {
        try (var server = start()) {
            var response =
                    new HttpClient(HttpLimits.DEFAULTS)
                            .get(URI.create("http://localhost:" + server.port() + "/chunked"));

            assertThat(response.body()).hasSize(10_000);
            assertThat(sent).containsExactly(response.wireBytes());
        }
    }

    private HttpServer start() throws IOException {
        return HttpServer.start(
                HttpServerTest::answer,
                "localhost",
                0,
                LIMITS,
                (_, _, wireBytes) -> sent.add(wireBytes));
    }

    private static HttpResponse answer(HttpRequest request) {
        return switch (request.path()) {
            case "/fail" -> throw new IllegalStateException("on purpose");
            case "/chunked" ->
                    HttpResponse.of(200, "text/plain", new byte[10_000])
                            .withFraming(HttpResponse.Framing.CHUNKED);
            default -> HttpResponse.text(200, "you asked for " + request.path());
        };
    }

    /// {@return all that the server answers to `requests` until it closes the connection}
    private String converse(String requests) throws IOException {
        try (var server = start();
                var connection = Streams.openConnection("localhost", server.port())) {
            connection.writer().write(requests.getBytes(ISO_8859_1));
            connection.writer().drain();
            return new String(connection.reader().readAll(), ISO_8859_1);
        }
    }
}

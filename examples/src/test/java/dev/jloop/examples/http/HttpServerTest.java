package dev.jloop.examples.http;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.jloop.core.Async;
import dev.jloop.core.EventLoop;
import dev.jloop.streams.Streams;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;

@SuppressWarnings("StringConcatToTextBlock") // lines end with CR and LF here
class HttpServerTest {
    private static final HttpLimits LIMITS = new HttpLimits(256, 1 << 20);

    private final List<Long> sent = new ArrayList<>();

    @Test
    void oneConnectionServesRequestsUntilItIsToldToClose() {
        var answers =
                Async.run(() ->
                        converse(
                                "GET /one HTTP/1.1\r\n\r\n"
                                        + "GET /two HTTP/1.1\r\n"
                                        + "Connection: close\r\n\r\n"
                                        + "GET /three HTTP/1.1\r\n\r\n"));

        assertThat(answers)
                .contains("you asked for /one", "you asked for /two")
                .doesNotContain("/three");
        assertThat(sent.stream().mapToLong(Long::longValue).sum()).isEqualTo(answers.length());
    }

    @Test
    void aHeadRequestGetsTheLengthButNoBody() {
        var answer = Async.run(() -> converse("HEAD /abc HTTP/1.0\r\n\r\n"));

        assertThat(answer).contains("Content-Length: 19\r\n").endsWith("\r\n\r\n");
    }

    @Test
    void otherMethodsAreNotAllowed() {
        var answer = Async.run(() -> converse("DELETE / HTTP/1.0\r\n\r\n"));

        assertThat(answer).startsWith("HTTP/1.1 405 ").contains("Allow: GET, HEAD\r\n");
    }

    @Test
    void whatIsNoHttpGetsStatus400() {
        assertThat(Async.run(() -> converse("hello\r\n\r\n")))
                .startsWith("HTTP/1.1 400 ")
                .contains("'hello'");
    }

    @Test
    void aHeadThatIsTooLargeGetsStatus431() {
        var answer =
                Async.run(() ->
                        converse("GET /" + "x".repeat(LIMITS.headBytes()) + " HTTP/1.1\r\n\r\n"));

        assertThat(answer).startsWith("HTTP/1.1 431 ");
    }

    @Test
    void aHandlerThatFailsIsReportedAndAnsweredWithStatus500() {
        var reported = new ArrayList<Throwable>();
        var answer =
                Async.run(() -> {
                    EventLoop.current()
                            .setExceptionHandler((_, context) -> reported.add(context.exception()));
                    return converse("GET /fail HTTP/1.0\r\n\r\n");
                });

        assertThat(answer).startsWith("HTTP/1.1 500 ").doesNotContain("on purpose");
        assertThat(reported)
                .singleElement()
                .extracting(Throwable::getMessage)
                .isEqualTo("on purpose");
    }

    @Test
    void theClientCountsTheBytesThatTheServerSent() {
        var response =
                Async.run(() -> {
                    try (var server = start()) {
                        return new HttpClient(HttpLimits.DEFAULTS)
                                .get(URI.create("http://127.0.0.1:" + server.port() + "/chunked"));
                    }
                });

        assertThat(response.body()).hasSize(10_000);
        assertThat(sent).containsExactly(response.wireBytes());
    }

    private HttpServer start() throws IOException {
        return HttpServer.start(
                HttpServerTest::answer,
                "127.0.0.1",
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
                var connection = Streams.openConnection("127.0.0.1", server.port())) {
            connection.writer().write(requests.getBytes(ISO_8859_1));
            connection.writer().drain();
            return new String(connection.reader().readAll(), ISO_8859_1);
        }
    }
}

package dev.jloop.examples.crawl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.jloop.core.Async;
import dev.jloop.core.CancelledError;
import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopFuture;
import dev.jloop.examples.http.server.Answer;
import dev.jloop.examples.http.server.HttpHandler;
import dev.jloop.examples.http.server.HttpServer;
import dev.jloop.examples.http.server.ServerOptions;
import dev.jloop.streams.StreamHandler;
import dev.jloop.streams.Streams;
import dev.jloop.testkit.LoopTest;
import dev.jloop.testkit.SimulatedNetwork;

import org.junit.jupiter.api.BeforeEach;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;

class CrawlerTest {
    private static final CrawlOptions OPTIONS = CrawlOptions.DEFAULTS;

    private int running;
    private int mostRunning;

    @BeforeEach
    void onASimulatedNetwork(SimulatedNetwork network) {
        network.setLatency(Duration.ofMillis(1));
    }

    @LoopTest
    void linksAreFollowedOnceAndOnlyOnTheSameSite() throws IOException {
        var records =
                crawlSite(
                        OPTIONS.withFollowLinks(true),
                        request ->
                                switch (request.path()) {
                                    case "/" ->
                                            html(
                                                    "<a href=a>a</a> <a href=/b>b</a> <a"
                                                        + " href=http://elsewhere.invalid/>c</a>");
                                    case "/a" ->
                                            html(
                                                    "<a href=/>up</a> <a href=b#part>b</a> <a"
                                                            + " href=mailto:x@y>mail</a>");
                                    case "/b" -> html("three words here");
                                    default -> Answer.text(404, "none");
                                });

        assertThat(records)
                .extracting(fetch -> fetch.uri().getPath() + " " + fetch.depth())
                .containsExactlyInAnyOrder("/ 0", "/a 1", "/b 1");
        assertThat(records)
                .extracting(FetchRecord::outcome)
                .hasOnlyElementsOfType(FetchOutcome.Fetched.class);
        assertThat(CrawlSummary.of(records).words()).isEqualTo(3 + 3 + 3);
    }

    @LoopTest
    void withoutFollowingOnlyTheNamedPagesAreFetched() throws IOException {
        var records = crawlSite(OPTIONS, _ -> html("<a href=/next>next</a>"));

        assertThat(records).singleElement().extracting(FetchRecord::depth).isEqualTo(0);
    }

    @LoopTest
    void noMoreConnectionsAreOpenThanAllowed() throws IOException {
        var records =
                crawlSite(
                        OPTIONS.withConnections(3).withFollowLinks(true),
                        request -> {
                            mostRunning = Math.max(mostRunning, ++running);
                            Async.yieldNow();
                            running--;
                            return html(request.path().equals("/") ? linksTo(20) : "leaf");
                        });

        assertThat(records).hasSize(21);
        assertThat(mostRunning).isBetween(2, 3);
    }

    @LoopTest
    void aRedirectIsFollowedAndCounted() throws IOException {
        var records =
                crawlSite(
                        OPTIONS,
                        request ->
                                request.path().equals("/")
                                        ? Answer.text(302, "over there")
                                                .withHeader("Location", "/there")
                                        : html("found " + request.path()));

        assertThat(outcome(records))
                .isInstanceOfSatisfying(
                        FetchOutcome.Fetched.class,
                        page -> {
                            assertThat(page.redirects()).isEqualTo(1);
                            assertThat(page.status()).isEqualTo(200);
                            assertThat(page.wireBytes()).isGreaterThan(page.bodyBytes());
                        });
    }

    @LoopTest
    void redirectsInACircleEnd() throws IOException {
        var records =
                crawlSite(OPTIONS, _ -> Answer.text(301, "again").withHeader("Location", "/"));

        assertThat(reason(records))
                .startsWith("redirected more than 5 times, at last to http://127.0.0.1:");
    }

    @LoopTest
    void aRedirectToNowhereFails() throws IOException {
        var records =
                crawlSite(
                        OPTIONS,
                        _ -> Answer.text(301, "away").withHeader("Location", "mailto:x@y"));

        assertThat(reason(records))
                .isEqualTo("redirected to 'mailto:x@y', which is no http address");
    }

    @LoopTest
    void anErrorOfTheServerIsAFailureWithItsStatus() throws IOException {
        var records = crawlSite(OPTIONS, request -> Answer.text(404, "no " + request.path()));

        assertThat(reason(records)).isEqualTo("answered 404 Not Found");
    }

    @LoopTest
    void aPortNobodyListensOnIsRefused() {
        assertThat(reason(crawl(OPTIONS, address(80)))).startsWith("connection refused");
    }

    @LoopTest
    void aNameThatNoResolverKnowsIsAnUnknownHost() {
        var address = URI.create("http://nowhere.invalid/");

        assertThat(reason(crawl(OPTIONS, address))).startsWith("unknown host");
    }

    @LoopTest
    void aMalformedAnswerIsQuoted() throws IOException {
        var records =
                crawlRaw(
                        OPTIONS,
                        (_, writer) -> writer.write("SSH-2.0-OpenSSH\r\n".getBytes(ISO_8859_1)));

        assertThat(reason(records))
                .isEqualTo("malformed answer: not HTTP/1.1: 'SSH-2.0-OpenSSH??'");
    }

    @LoopTest
    void anAnswerCutShortIsNamedSo() throws IOException {
        var records =
                crawlRaw(
                        OPTIONS,
                        (_, writer) ->
                                writer.write(
                                        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello"
                                                .getBytes(ISO_8859_1)));

        assertThat(reason(records))
                .isEqualTo(
                        "answer cut short: the connection was closed after 5 of 10 bytes of the"
                                + " body");
    }

    @LoopTest
    void aServerThatNeverAnswersTimesOut() throws IOException {
        var records =
                crawlRaw(
                        OPTIONS.withTimeout(Duration.ofMillis(1)), (reader, _) -> reader.readAll());

        assertThat(reason(records)).isEqualTo("no answer within 1 ms");
    }

    @LoopTest
    void oneFailureDoesNotStopTheOthers() throws IOException {
        var records =
                crawlSite(
                        OPTIONS.withFollowLinks(true),
                        request ->
                                switch (request.path()) {
                                    case "/" -> html(linksTo(5));
                                    case "/2" -> Answer.text(500, "broken");
                                    default -> html("fine");
                                });

        assertThat(CrawlSummary.of(records))
                .satisfies(summary -> {
                    assertThat(summary.pages()).isEqualTo(5);
                    assertThat(summary.failed()).isEqualTo(1);
                });
    }

    @LoopTest
    void aCancelledCrawlRecordsWhatWasUnderWayAndPassesTheCancellationOn() throws IOException {
        var fourHang = EventLoop.current().<Void>createFuture();
        var late = EventLoop.current().<Answer>createFuture();
        try (var server = serve(request -> frontPageOr(late, request.path(), fourHang))) {
            var crawler = new Crawler(OPTIONS.withConnections(4).withFollowLinks(true));
            var crawl = Async.createTask(() -> crawler.crawl(List.of(address(server.port()))));
            fourHang.await();
            crawl.cancel();

            assertThatThrownBy(crawl::await).isInstanceOf(CancelledError.class);
            assertThat(crawler.status().cancelled()).isEqualTo(4);
            assertThat(crawler.status().waiting()).isEqualTo(6);
            assertThat(crawler.status().ended()).isEqualTo(1);
            assertThat(crawler.status().inFlight()).isZero();
            late.setResult(html("too late"));
            Async.sleep(Duration.ofSeconds(1)); // for the handlers to find that nobody is there
        }
    }

    /// The front page is answered, and the rest waits; `fourHang` is done when four of it do.
    private Answer frontPageOr(LoopFuture<Answer> late, String path, LoopFuture<Void> fourHang) {
        if (path.equals("/")) {
            return html(linksTo(10));
        }
        if (++running == 4) {
            fourHang.setResult(null);
        }
        return late.await();
    }

    private static String linksTo(int number) {
        var html = new StringBuilder();
        for (int i = 0; i < number; i++) {
            html.append("<a href=/").append(i).append(">page</a> ");
        }
        return html.toString();
    }

    private static Answer html(String html) {
        return Answer.of(200, "text/html; charset=utf-8", html.getBytes(UTF_8));
    }

    private static HttpServer serve(HttpHandler handler) throws IOException {
        return HttpServer.start(handler, (_, _, _) -> {}, "127.0.0.1", 0, ServerOptions.DEFAULTS);
    }

    private static URI address(int port) {
        return URI.create("http://127.0.0.1:" + port + "/");
    }

    private static List<FetchRecord> crawlSite(CrawlOptions options, HttpHandler handler)
            throws IOException {
        try (var server = serve(handler)) {
            return crawl(options, address(server.port()));
        }
    }

    private static List<FetchRecord> crawlRaw(CrawlOptions options, StreamHandler handler)
            throws IOException {
        try (var server = Streams.startServer(handler, "127.0.0.1", 0)) {
            var port = ((InetSocketAddress) server.addresses().getFirst()).getPort();
            return crawl(options, address(port));
        }
    }

    private static List<FetchRecord> crawl(CrawlOptions options, URI address) {
        var crawler = new Crawler(options);
        crawler.crawl(List.of(address));
        return List.copyOf(crawler.records());
    }

    private static FetchOutcome outcome(List<FetchRecord> records) {
        assertThat(records).hasSize(1);
        return records.getFirst().outcome();
    }

    private static String reason(List<FetchRecord> records) {
        assertThat(outcome(records)).isInstanceOf(FetchOutcome.Failed.class);
        return ((FetchOutcome.Failed) outcome(records)).reason();
    }
}

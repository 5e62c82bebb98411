package dev.jloop.examples.site;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.jloop.core.Async;
import dev.jloop.examples.http.HttpLimits;
import dev.jloop.examples.http.HttpRequest;
import dev.jloop.examples.http.HttpResponse;
import dev.jloop.examples.http.HttpServer;

import java.io.IOException;
import java.net.URI;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;

/// Serves a [DemoSite] on the loopback address, each page after its delay, and keeps a ledger of
/// what it sent.
///
/// Some pages go out with a length and some in chunks, which the path decides.
///
/// **Threading:** loop thread only.
public final class SiteServer implements AutoCloseable {
    private static final String HOST = "127.0.0.1";

    private final HttpServer server;
    private final Ledger ledger;

    private SiteServer(HttpServer server, Ledger ledger) {
        this.server = server;
        this.ledger = ledger;
    }

    /// What a server sent, by path.
    private static final class Ledger {
        private final Map<String, Long> bytesByPath = new HashMap<>();
        private int answers;

        void sent(HttpRequest request, int status, long wireBytes) {
            answers++;
            bytesByPath.merge(request.path(), wireBytes, Long::sum);
        }
    }

    /// Starts to serve on a free port. Suspends.
    ///
    /// @param site the pages
    /// @param delays how long each waits
    /// @return the server, which listens already
    /// @throws IOException if no port can be listened on
    public static SiteServer start(DemoSite site, DelayRange delays) throws IOException {
        var ledger = new Ledger();
        var server =
                HttpServer.start(
                        request -> answer(site, delays, request),
                        HOST,
                        0,
                        HttpLimits.DEFAULTS,
                        ledger::sent);
        return new SiteServer(server, ledger);
    }

    private static HttpResponse answer(DemoSite site, DelayRange delays, HttpRequest request) {
        var path = request.path();
        Async.sleep(delays.of(path));
        return site.page(path)
                .map(SiteServer::html)
                .orElseGet(() -> HttpResponse.text(404, "there is no page " + path));
    }

    private static HttpResponse html(Page page) {
        var response =
                HttpResponse.of(200, "text/html; charset=utf-8", page.html().getBytes(UTF_8));
        boolean chunked = page.path().length() % 2 == 0;
        return chunked ? response.withFraming(HttpResponse.Framing.CHUNKED) : response;
    }

    /// {@return the address of the front page}
    public URI frontPage() {
        return URI.create("http://" + HOST + ":" + server.port() + "/");
    }

    /// {@return the bytes sent so far, by path: head, framing and body of all answers}
    public Map<String, Long> bytesByPath() {
        return Collections.unmodifiableMap(ledger.bytesByPath);
    }

    /// {@return the number of answers sent so far}
    public int answers() {
        return ledger.answers;
    }

    /// Stops listening and ends all connections at once.
    @Override
    public void close() {
        server.close();
    }
}

package dev.jloop.examples.site;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.jloop.core.Async;
import dev.jloop.core.EventLoop;
import dev.jloop.examples.http.HttpLimits;
import dev.jloop.examples.http.HttpRequest;
import dev.jloop.examples.http.HttpResponse;
import dev.jloop.examples.http.HttpServer;
import dev.jloop.transports.TlsOptions;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.URI;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;

/// Serves a [DemoSite], each page after its delay, and keeps a ledger of what it sent.
///
/// Some pages go out with a length and some in chunks, which the path decides.
///
/// **Threading:** loop thread only.
public final class SiteServer implements AutoCloseable {
    private static final String HOST = "127.0.0.1";

    private final URI frontPage;
    private final HttpServer server;
    private final Ledger ledger;

    private SiteServer(URI frontPage, HttpServer server, Ledger ledger) {
        this.frontPage = frontPage;
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
        return start(site, delays, HOST, 0, null);
    }

    /// Starts to serve. Suspends.
    ///
    /// @param site the pages
    /// @param delays how long each waits
    /// @param host the name or address to listen on
    /// @param port the port, or 0 for any free one
    /// @param tls for HTTPS, or null
    /// @return the server, which listens already
    /// @throws IOException if the address cannot be listened on; its message names the address
    public static SiteServer start(
            DemoSite site, DelayRange delays, String host, int port, @Nullable TlsOptions tls)
            throws IOException {
        var ledger = new Ledger();
        var server =
                HttpServer.start(
                        request -> answer(site, delays, request),
                        host,
                        port,
                        HttpLimits.DEFAULTS,
                        ledger::sent,
                        tls);
        var scheme = tls != null ? "https://" : "http://";
        var name = host.contains(":") ? "[" + host + "]" : host;
        return new SiteServer(
                URI.create(scheme + name + ":" + server.port() + "/"), server, ledger);
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
        return frontPage;
    }

    /// {@return the bytes sent so far, by path: head, framing and body of all answers}
    public Map<String, Long> bytesByPath() {
        return Collections.unmodifiableMap(ledger.bytesByPath);
    }

    /// {@return the number of answers sent so far}
    public int answers() {
        return ledger.answers;
    }

    /// Suspends until the current task is cancelled.
    public void serveForever() {
        EventLoop.current().createFuture().await();
    }

    /// Stops listening and ends all connections at once.
    @Override
    public void close() {
        server.close();
    }
}

package dev.jloop.examples.site;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.jloop.core.Async;
import dev.jloop.core.EventLoop;
import dev.jloop.examples.http.server.Answer;
import dev.jloop.examples.http.server.HttpHandler;
import dev.jloop.examples.http.server.HttpServer;
import dev.jloop.examples.http.server.Request;
import dev.jloop.examples.http.server.SentListener;
import dev.jloop.examples.http.server.ServerOptions;

import java.io.IOException;
import java.net.URI;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;

/// Serves a [DemoSite], each page after its delay, or the files of a [FolderSite], and keeps a
/// ledger of what it sent of the pages. What is posted to `/echo` comes back.
///
/// Some pages go out with a length and some in chunks, which the path decides.
///
/// **Threading:** loop thread only.
public final class SiteServer implements AutoCloseable {
    private static final String HOST = "127.0.0.1";

    private final URI frontPage;
    private final HttpServer server;
    private final Map<String, Long> bytesByPath;

    private SiteServer(URI frontPage, HttpServer server, Map<String, Long> bytesByPath) {
        this.frontPage = frontPage;
        this.server = server;
        this.bytesByPath = bytesByPath;
    }

    /// Starts to serve on a free port. Suspends.
    ///
    /// @param site the pages
    /// @param delays how long each waits
    /// @return the server, which listens already
    /// @throws IOException if no port can be listened on
    public static SiteServer start(DemoSite site, DelayRange delays) throws IOException {
        return start(site, delays, HOST, 0, ServerOptions.DEFAULTS);
    }

    /// Starts to serve. Suspends.
    ///
    /// @param site the pages
    /// @param delays how long each waits
    /// @param host the name or address to listen on
    /// @param port the port, or 0 for any free one
    /// @param options limits and TLS
    /// @return the server, which listens already
    /// @throws IOException if the address cannot be listened on; its message names the address
    public static SiteServer start(
            DemoSite site, DelayRange delays, String host, int port, ServerOptions options)
            throws IOException {
        var bytesByPath = new HashMap<String, Long>();
        SentListener ledger =
                (request, _, wireBytes) -> {
                    var path = request.path();
                    if (site.page(path).isPresent()) { // the ledger has an end then
                        bytesByPath.merge(path, wireBytes, Long::sum);
                    }
                };
        var bodies = new HashMap<String, byte[]>();
        return start(
                request -> answer(site, delays, bodies, request),
                ledger,
                bytesByPath,
                host,
                port,
                options);
    }

    /// Starts to serve files. Suspends.
    ///
    /// @param site the files
    /// @param host the name or address to listen on
    /// @param port the port, or 0 for any free one
    /// @param options limits and TLS
    /// @return the server, which listens already
    /// @throws IOException if the address cannot be listened on; its message names the address
    public static SiteServer start(FolderSite site, String host, int port, ServerOptions options)
            throws IOException {
        return start(site, (_, _, _) -> {}, Map.of(), host, port, options);
    }

    private static SiteServer start(
            HttpHandler site,
            SentListener listener,
            Map<String, Long> bytesByPath,
            String host,
            int port,
            ServerOptions options)
            throws IOException {
        var server = HttpServer.start(new EchoOrRead(site), listener, host, port, options);
        var scheme = options.tls() != null ? "https://" : "http://";
        var name = host.contains(":") ? "[" + host + "]" : host;
        return new SiteServer(
                URI.create(scheme + name + ":" + server.port() + "/"), server, bytesByPath);
    }

    private static Answer answer(
            DemoSite site, DelayRange delays, Map<String, byte[]> bodies, Request request) {
        var path = request.path();
        Async.sleep(delays.of(path));
        return site.page(path)
                .map(page -> html(page, body(page, bodies)))
                .orElseGet(() -> Answer.text(404, "there is no page " + path));
    }

    /// {@return the bytes of a page, which are made once}
    private static byte[] body(Page page, Map<String, byte[]> bodies) {
        return bodies.computeIfAbsent(page.path(), _ -> page.html().getBytes(UTF_8));
    }

    private static Answer html(Page page, byte[] body) {
        boolean chunked = page.path().length() % 2 == 0;
        return chunked
                ? Answer.chunked(200, HtmlPage.CONTENT_TYPE, body)
                : Answer.of(200, HtmlPage.CONTENT_TYPE, body);
    }

    /// {@return the address of the front page}
    public URI frontPage() {
        return frontPage;
    }

    /// {@return the bytes sent so far of the pages of a [DemoSite], by path: head, framing and body
    /// of all answers}
    public Map<String, Long> bytesByPath() {
        return Collections.unmodifiableMap(bytesByPath);
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

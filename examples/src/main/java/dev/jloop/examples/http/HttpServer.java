package dev.jloop.examples.http;

import dev.jloop.core.Async;
import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopException;
import dev.jloop.core.TimedOutException;
import dev.jloop.streams.StreamOptions;
import dev.jloop.streams.StreamReader;
import dev.jloop.streams.StreamWriter;
import dev.jloop.streams.Streams;
import dev.jloop.transports.ListenOptions;
import dev.jloop.transports.Server;
import dev.jloop.transports.TlsOptions;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Serves GET and HEAD over HTTP/1.1 with keep-alive. One task per connection, one request at a
/// time.
///
/// **Threading:** loop thread only.
public final class HttpServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HttpServer.class);
    private static final Duration IDLE_TIMEOUT = Duration.ofSeconds(30);

    private final HttpHandler handler;
    private final HttpLimits limits;
    private final SentListener listener;
    private @Nullable Server server;

    private HttpServer(HttpHandler handler, HttpLimits limits, SentListener listener) {
        this.handler = handler;
        this.limits = limits;
        this.listener = listener;
    }

    /// Listens and serves until [#close()]. Suspends.
    ///
    /// @param handler answers the requests
    /// @param host the name or address to listen on
    /// @param port the port, or 0 for any free one
    /// @param limits how large a request may be
    /// @param listener told of each answer sent
    /// @return the server, which listens already
    /// @throws IOException if the address cannot be listened on
    public static HttpServer start(
            HttpHandler handler, String host, int port, HttpLimits limits, SentListener listener)
            throws IOException {
        return start(handler, host, port, limits, listener, null);
    }

    /// Listens and serves until [#close()], over HTTP or HTTPS. Suspends.
    ///
    /// @param handler answers the requests
    /// @param host the name or address to listen on
    /// @param port the port, or 0 for any free one
    /// @param limits how large a request may be
    /// @param listener told of each answer sent
    /// @param tls for HTTPS, or null
    /// @return the server, which listens already
    /// @throws IOException if the address cannot be listened on
    public static HttpServer start(
            HttpHandler handler,
            String host,
            int port,
            HttpLimits limits,
            SentListener listener,
            @Nullable TlsOptions tls)
            throws IOException {
        var listen = tls == null ? ListenOptions.DEFAULTS : ListenOptions.DEFAULTS.withTls(tls);
        var http = new HttpServer(handler, limits, listener);
        http.server =
                Streams.startServer(
                        http::serve,
                        host,
                        port,
                        StreamOptions.DEFAULTS.withLimit(limits.headBytes()).withListen(listen));
        return http;
    }

    /// {@return the port that the server listens on}
    public int port() {
        return ((InetSocketAddress) server().addresses().getFirst()).getPort();
    }

    /// Stops listening and ends all connections at once.
    @Override
    public void close() {
        server().close();
        server().abortClients();
    }

    private Server server() {
        if (server == null) {
            throw new IllegalStateException("the server has not been started");
        }
        return server;
    }

    private void serve(StreamReader reader, StreamWriter writer) {
        try {
            var messages = new MessageReader(reader, limits);
            boolean more = true;
            while (more) {
                more = serveOne(messages, writer);
            }
        } catch (IOException gone) {
            // A peer that leaves early is no failure of this server.
            LOG.debug("a connection ended early: {}", gone.toString());
        }
    }

    /// {@return whether another request may follow}
    private boolean serveOne(MessageReader messages, StreamWriter writer) throws IOException {
        Optional<HttpRequest> request;
        try {
            request = Async.withTimeout(IDLE_TIMEOUT, messages::readRequest);
        } catch (TimedOutException _) {
            return false;
        } catch (HttpException refused) {
            write(refusal(refused), true, false, writer);
            return false;
        }
        return request.isPresent() && answer(request.get(), writer);
    }

    private static HttpResponse refusal(HttpException reason) {
        return switch (reason) {
            case MessageTooLargeException large ->
                    HttpResponse.text(431, String.valueOf(large.getMessage()));
            case MalformedMessageException malformed ->
                    HttpResponse.text(400, String.valueOf(malformed.getMessage()));
            case TruncatedMessageException cut ->
                    HttpResponse.text(400, String.valueOf(cut.getMessage()));
        };
    }

    private boolean answer(HttpRequest request, StreamWriter writer) throws IOException {
        var response = respond(request);
        boolean keepAlive = request.keepsAlive();
        long sent = write(response, !request.method().equals("HEAD"), keepAlive, writer);
        listener.sent(request, response.status(), sent);
        return keepAlive;
    }

    private HttpResponse respond(HttpRequest request) {
        if (!List.of("GET", "HEAD").contains(request.method())) {
            return HttpResponse.text(405, "only GET and HEAD are served")
                    .withHeader("Allow", "GET, HEAD");
        }
        try {
            return handler.handle(request);
        } catch (Exception failed) {
            EventLoop.current()
                    .callExceptionHandler(
                            LoopException.of(
                                    "the handler of " + request.target() + " failed", failed));
            return HttpResponse.text(500, "the server failed to answer; its log says why");
        }
    }

    private static long write(
            HttpResponse response, boolean withBody, boolean keepAlive, StreamWriter writer)
            throws IOException {
        var pieces = ResponseEncoder.encode(response, withBody, keepAlive);
        writer.writeLines(pieces);
        writer.drain();
        return pieces.stream().mapToLong(piece -> piece.length).sum();
    }
}

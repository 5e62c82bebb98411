package dev.jloop.examples.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.jloop.streams.StreamOptions;
import dev.jloop.streams.Streams;

import java.io.IOException;
import java.net.URI;

/// Fetches pages over plain HTTP/1.1, each on a connection of its own.
///
/// **Threading:** loop thread only.
public final class HttpClient {
    private static final int HTTP_PORT = 80;

    private final HttpLimits limits;

    /// Makes a client.
    ///
    /// @param limits how large an answer may be
    public HttpClient(HttpLimits limits) {
        this.limits = limits;
    }

    /// Fetches one page; redirects are not followed. Suspends.
    ///
    /// @param uri an absolute `http` address
    /// @return the answer, whatever its status
    /// @throws UnsupportedAddressException if the scheme is not `http`, or there is no host
    /// @throws HttpException if what came is no acceptable answer
    /// @throws IOException if the connection cannot be made, or breaks
    public HttpResponse get(URI uri) throws IOException {
        if (!"http".equalsIgnoreCase(uri.getScheme()) || uri.getHost() == null) {
            throw new UnsupportedAddressException(uri);
        }
        int port = uri.getPort() < 0 ? HTTP_PORT : uri.getPort();
        var options = StreamOptions.DEFAULTS.withLimit(limits.headBytes());
        var connection = Streams.openConnection(bareHost(uri.getHost()), port, options);
        boolean complete = false;
        try {
            connection.writer().write(request(uri).getBytes(ISO_8859_1));
            connection.writer().drain();
            var response = new MessageReader(connection.reader(), limits).readResponse();
            complete = true;
            return response;
        } finally {
            // Nobody waits for the connection to end: however it does, the answer stays what it is.
            if (complete) {
                connection.writer().close();
            } else {
                connection.writer().transport().abort();
            }
        }
    }

    /// An IPv6 address without its brackets.
    private static String bareHost(String host) {
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    private static String request(URI uri) {
        var path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        var target = uri.getRawQuery() == null ? path : path + "?" + uri.getRawQuery();
        var host = uri.getPort() < 0 ? uri.getHost() : uri.getHost() + ":" + uri.getPort();
        return "GET "
                + target
                + " HTTP/1.1\r\n"
                + "Host: "
                + host
                + "\r\n"
                + "User-Agent: jloop-examples\r\n"
                + "Accept: text/html, */*;q=0.5\r\n"
                + "Accept-Encoding: identity\r\n"
                + "Connection: close\r\n\r\n";
    }
}

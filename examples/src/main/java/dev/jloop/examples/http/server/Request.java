package dev.jloop.examples.http.server;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.Optional;
import java.util.regex.Pattern;

/// A request, whose body can be read.
///
/// **Threading:** the task of its connection only, until it was answered.
public final class Request {
    private static final Pattern ABSOLUTE = Pattern.compile("(?i)^https?://[^/?#]*");

    private final HttpRequest head;
    private final RequestBody body;
    private final String target;
    private final String path;

    Request(HttpRequest head, RequestBody body) {
        this.head = head;
        this.body = body;
        this.target = withoutHost(head.uri());
        this.path = new QueryStringDecoder(target).rawPath();
    }

    private static String withoutHost(String uri) {
        if (uri.startsWith("/")) {
            return uri; // as nearly always
        }
        var target = ABSOLUTE.matcher(uri).replaceFirst("");
        return target.startsWith("/") ? target : "/" + target;
    }

    /// {@return the method, in the case it was sent}
    public String method() {
        return head.method().name();
    }

    /// {@return path and query as they were sent; a host before them is left out}
    public String target() {
        return target;
    }

    /// {@return the target without its query, as it was sent}
    public String path() {
        return path;
    }

    /// {@return the path with its percent signs decoded}
    ///
    /// @throws RefusedException if one is not followed by two hexadecimal digits
    public String decodedPath() throws RefusedException {
        try {
            return new QueryStringDecoder(target).path();
        } catch (IllegalArgumentException malformed) {
            throw new RefusedException(400, "the path is malformed: " + malformed.getMessage());
        }
    }

    /// {@return the value of the first field of that name}
    ///
    /// @param name in any case
    public Optional<String> header(CharSequence name) {
        return Optional.ofNullable(head.headers().get(name));
    }

    /// Suspends until the first piece of the body is there, or its end. So a malformed body is
    /// known before an answer has begun.
    ///
    /// @throws RefusedException if it is malformed
    /// @throws IOException if the connection is lost
    public void awaitBody() throws IOException {
        body.awaitFirst();
    }

    /// Reads on in the body. Suspends. A client that waits with its body is told to send it. What
    /// is not read here is dropped after the answer.
    ///
    /// @return a piece, which is the caller's to release; null at the end
    /// @throws RefusedException if it is malformed
    /// @throws IOException if the connection is lost
    public @Nullable ByteBuf readBody() throws IOException {
        return body.read();
    }

    /// {@return whether the sender wants to use the connection for another request, and can}
    boolean keepsAlive() {
        return HttpUtil.isKeepAlive(head) && body.canBeFollowed();
    }

    /// {@return whether the sender understands a body in chunks}
    boolean takesChunks() {
        return head.protocolVersion().compareTo(HttpVersion.HTTP_1_1) >= 0;
    }

    boolean isHead() {
        return method().equals("HEAD");
    }

    /// Refuses what the codec lets pass.
    void check() throws RefusedException {
        if (head.decoderResult().isFailure()) {
            throw RefusedException.of(head.decoderResult(), "the request");
        }
        if (head.protocolVersion().majorVersion() != 1) {
            throw new RefusedException(
                    505, head.protocolVersion() + " is not spoken here, only HTTP/1.1");
        }
        int hosts = head.headers().getAll(HttpHeaderNames.HOST).size();
        if (hosts > 1 || (hosts == 0 && takesChunks())) {
            throw new RefusedException(
                    400,
                    "the request needs one Host field, and has " + (hosts == 0 ? "none" : hosts));
        }
    }

    @Override
    public String toString() {
        return method() + " " + target;
    }
}

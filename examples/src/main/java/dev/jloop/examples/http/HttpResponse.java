package dev.jloop.examples.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.UnsupportedCharsetException;
import java.util.Locale;
import java.util.regex.Pattern;

/// A response with its whole body in memory. Immutable as long as nobody writes to the array of the
/// body.
public final class HttpResponse {
    /// How the end of the body is marked where a response is sent.
    public enum Framing {
        /// The length goes ahead of the body.
        CONTENT_LENGTH,
        /// The body goes out in pieces, each with its length.
        CHUNKED
    }

    private static final Pattern CHARSET = Pattern.compile("charset\\s*=\\s*\"?([^\\s;\"]+)");

    private final int status;
    private final String reason;
    private final Headers headers;
    private final byte[] body;
    private final Framing framing;
    private final long wireBytes;

    private HttpResponse(
            int status,
            String reason,
            Headers headers,
            byte[] body,
            Framing framing,
            long wireBytes) {
        this.status = status;
        this.reason = reason;
        this.headers = headers;
        this.body = body;
        this.framing = framing;
        this.wireBytes = wireBytes;
    }

    /// {@return a response to be sent, with its length ahead of the body}
    ///
    /// @param status the status code, 200 to 599
    /// @param contentType what the body is
    /// @param body not copied
    public static HttpResponse of(int status, String contentType, byte[] body) {
        if (status < 200 || status > 599) {
            throw new IllegalArgumentException("status must be from 200 to 599, was " + status);
        }
        var headers = Headers.EMPTY.with("Content-Type", contentType);
        return new HttpResponse(status, reasonOf(status), headers, body, Framing.CONTENT_LENGTH, 0);
    }

    /// {@return a response to be sent that holds one line of text}
    ///
    /// @param status the status code, 200 to 599
    /// @param line the text
    public static HttpResponse text(int status, String line) {
        return of(status, "text/plain; charset=utf-8", (line + "\n").getBytes(UTF_8));
    }

    static HttpResponse received(
            int status, String reason, Headers headers, byte[] body, long wireBytes) {
        return new HttpResponse(status, reason, headers, body, Framing.CONTENT_LENGTH, wireBytes);
    }

    /// {@return this response with another framing of its body}
    ///
    /// @param other the framing
    public HttpResponse withFraming(Framing other) {
        return new HttpResponse(status, reason, headers, body, other, wireBytes);
    }

    /// {@return this response with one more header field}
    ///
    /// @param name the field's name
    /// @param value the field's value
    public HttpResponse withHeader(String name, String value) {
        return new HttpResponse(
                status, reason, headers.with(name, value), body, framing, wireBytes);
    }

    /// {@return the status code}
    public int status() {
        return status;
    }

    /// {@return the words beside the status code, which may be empty}
    public String reason() {
        return reason;
    }

    /// {@return the header fields}
    public Headers headers() {
        return headers;
    }

    /// {@return the body without its framing; not a copy}
    public byte[] body() {
        return body;
    }

    /// {@return the body as text, in the charset that its content type names; UTF-8 where it names
    /// none or one that this JVM lacks}
    public String bodyText() {
        return new String(body, charset());
    }

    /// {@return how the body is framed when sent}
    Framing framing() {
        return framing;
    }

    /// {@return the bytes that a received response took on the wire: head, framing and body}
    public long wireBytes() {
        return wireBytes;
    }

    private Charset charset() {
        var type = headers.first("Content-Type").orElse("");
        var matcher = CHARSET.matcher(type.toLowerCase(Locale.ROOT));
        if (!matcher.find()) {
            return UTF_8;
        }
        try {
            return Charset.forName(matcher.group(1));
        } catch (IllegalCharsetNameException | UnsupportedCharsetException unknown) {
            return UTF_8;
        }
    }

    private static String reasonOf(int status) {
        return switch (status) {
            case 200 -> "OK";
            case 301 -> "Moved Permanently";
            case 302 -> "Found";
            case 400 -> "Bad Request";
            case 404 -> "Not Found";
            case 405 -> "Method Not Allowed";
            case 431 -> "Request Header Fields Too Large";
            case 500 -> "Internal Server Error";
            default -> "";
        };
    }
}

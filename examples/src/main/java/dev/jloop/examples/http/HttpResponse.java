package dev.jloop.examples.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.UnsupportedCharsetException;
import java.util.Locale;
import java.util.regex.Pattern;

/// A response that was received, with its whole body. Immutable as long as nobody writes to the
/// array of the body.
///
/// @param status the status code
/// @param reason the words beside the status code, which may be empty
/// @param headers the header fields
/// @param body the body without its framing; not a copy
/// @param wireBytes the bytes that it took on the wire: head, framing and body
@SuppressWarnings("ArrayRecordComponent") // responses are not compared
public record HttpResponse(
        int status, String reason, Headers headers, byte[] body, long wireBytes) {
    private static final Pattern CHARSET = Pattern.compile("charset\\s*=\\s*\"?([^\\s;\"]+)");

    /// {@return the body as text, in the charset that its content type names; UTF-8 where it names
    /// none or one that this JVM lacks}
    public String bodyText() {
        return new String(body, charset());
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
}

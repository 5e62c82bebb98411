package dev.jloop.examples.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Turns a response into the bytes that go over the wire.
final class ResponseEncoder {
    private static final int CHUNK_BYTES = 4096;
    private static final byte[] LAST_CHUNK = "0\r\n\r\n".getBytes(ISO_8859_1);
    private static final byte[] LINE_END = "\r\n".getBytes(ISO_8859_1);

    private ResponseEncoder() {}

    /// {@return the pieces of the message in their order}
    ///
    /// @param response the response
    /// @param withBody false for the answer to a HEAD, whose head is that of the GET
    /// @param keepAlive whether another request may follow
    static List<byte[]> encode(HttpResponse response, boolean withBody, boolean keepAlive) {
        var pieces = new ArrayList<byte[]>();
        pieces.add(head(response, keepAlive).getBytes(ISO_8859_1));
        if (withBody) {
            switch (response.framing()) {
                case CONTENT_LENGTH -> pieces.add(response.body());
                case CHUNKED -> addChunks(pieces, response.body());
            }
        }
        return pieces;
    }

    private static String head(HttpResponse response, boolean keepAlive) {
        var framing =
                switch (response.framing()) {
                    case CONTENT_LENGTH -> "Content-Length: " + response.body().length;
                    case CHUNKED -> "Transfer-Encoding: chunked";
                };
        return "HTTP/1.1 "
                + response.status()
                + " "
                + response.reason()
                + "\r\n"
                + response.headers().render()
                + framing
                + "\r\n"
                + "Connection: "
                + (keepAlive ? "keep-alive" : "close")
                + "\r\n\r\n";
    }

    private static void addChunks(List<byte[]> pieces, byte[] body) {
        for (int from = 0; from < body.length; from += CHUNK_BYTES) {
            int length = Math.min(CHUNK_BYTES, body.length - from);
            pieces.add((Integer.toHexString(length) + "\r\n").getBytes(ISO_8859_1));
            pieces.add(Arrays.copyOfRange(body, from, from + length));
            pieces.add(LINE_END);
        }
        pieces.add(LAST_CHUNK);
    }
}

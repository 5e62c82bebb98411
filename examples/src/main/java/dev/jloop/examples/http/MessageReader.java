package dev.jloop.examples.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.jloop.streams.IncompleteReadException;
import dev.jloop.streams.LimitOverrunException;
import dev.jloop.streams.StreamReader;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/// Reads the messages of one connection, and counts the bytes they take.
///
/// The stream's own limit must be at least that of a head, for heads are found by it.
final class MessageReader {
    private static final byte[] LINE_END = "\r\n".getBytes(ISO_8859_1);
    private static final byte[] HEAD_END = "\r\n\r\n".getBytes(ISO_8859_1);
    private static final Pattern STATUS_LINE =
            Pattern.compile("HTTP/1\\.([01]) ([1-5]\\d\\d)(?: (.*))?");

    private record ResponseHead(int status, String reason, Headers headers) {
        /// An interim answer such as 100 or 103: the real one follows.
        boolean isInterim() {
            return status < 200;
        }
    }

    private final StreamReader in;
    private final HttpLimits limits;
    private long consumed;

    MessageReader(StreamReader in, HttpLimits limits) {
        this.in = in;
        this.limits = limits;
    }

    /// {@return the answer to a GET}
    HttpResponse readResponse() throws IOException {
        consumed = 0;
        var head = readResponseHead();
        while (head.isInterim()) {
            head = readResponseHead();
        }
        var body = readBody(BodyFraming.ofResponse(head.status, head.headers));
        return new HttpResponse(head.status, head.reason, head.headers, body, consumed);
    }

    private ResponseHead readResponseHead() throws IOException {
        var lines = readHead();
        var matcher = STATUS_LINE.matcher(lines.getFirst());
        if (!matcher.matches()) {
            throw new MalformedMessageException(
                    "not an HTTP/1.1 status line: " + Tokens.quote(lines.getFirst()));
        }
        var reason = matcher.group(3);
        var headers = Headers.parse(lines.subList(1, lines.size()));
        return new ResponseHead(
                Integer.parseInt(matcher.group(2)), reason == null ? "" : reason, headers);
    }

    private List<String> readHead() throws IOException {
        byte[] head;
        try {
            head = in.readUntil(HEAD_END);
        } catch (LimitOverrunException _) {
            throw new MessageTooLargeException(
                    "the head is larger than " + limits.headBytes() + " bytes");
        } catch (IncompleteReadException early) {
            if (early.partial().length == 0) {
                throw new TruncatedMessageException(
                        "the connection was closed before the answer began");
            }
            throw headCutShort(early.partial());
        }
        if (head.length > limits.headBytes()) {
            throw new MessageTooLargeException(
                    "the head is larger than " + limits.headBytes() + " bytes");
        }
        consumed += head.length;
        return splitLines(new String(head, 0, head.length - HEAD_END.length, ISO_8859_1));
    }

    /// What came may never have been HTTP: then the text that came says more than where it stopped.
    private static HttpException headCutShort(byte[] partial) {
        var text = new String(partial, ISO_8859_1);
        return text.startsWith("HTTP/1.")
                ? new TruncatedMessageException(
                        "the connection was closed after " + partial.length + " bytes of a head")
                : new MalformedMessageException("not HTTP/1.1: " + Tokens.quote(text));
    }

    private static List<String> splitLines(String head) throws MalformedMessageException {
        var lines = List.of(head.split("\r\n", -1));
        for (var line : lines) {
            if (line.indexOf('\r') >= 0 || line.indexOf('\n') >= 0) {
                throw new MalformedMessageException(
                        "a line of the head has a bare CR or LF: " + Tokens.quote(line));
            }
        }
        return lines;
    }

    private byte[] readBody(BodyFraming framing) throws IOException {
        return switch (framing) {
            case BodyFraming.None() -> new byte[0];
            case BodyFraming.Length(long length) -> readSized(length);
            case BodyFraming.Chunked() -> readChunked();
            case BodyFraming.UntilClose() -> readUntilClose();
        };
    }

    private byte[] readSized(long length) throws IOException {
        checkBody(length);
        return readExactly((int) length, "the body");
    }

    private byte[] readUntilClose() throws IOException {
        var body = new ByteArrayOutputStream();
        while (true) {
            var piece = in.read(limits.headBytes());
            if (piece.length == 0) {
                return body.toByteArray();
            }
            consumed += piece.length;
            checkBody(body.size() + (long) piece.length);
            body.writeBytes(piece);
        }
    }

    private byte[] readChunked() throws IOException {
        var body = new ByteArrayOutputStream();
        while (true) {
            long size = BodyFraming.chunkSize(readLine("the size of a chunk"));
            if (size == 0) {
                skipTrailers();
                return body.toByteArray();
            }
            checkBody(body.size() + size);
            body.writeBytes(readExactly((int) size, "a chunk"));
            if (!Arrays.equals(readExactly(LINE_END.length, "the end of a chunk"), LINE_END)) {
                throw new MalformedMessageException(
                        "a chunk of " + size + " bytes is not followed by a line end");
            }
        }
    }

    private void skipTrailers() throws IOException {
        long begin = consumed;
        while (!readLine("the trailers").isEmpty()) {
            if (consumed - begin > limits.headBytes()) {
                throw new MessageTooLargeException(
                        "the trailers are larger than " + limits.headBytes() + " bytes");
            }
        }
    }

    private String readLine(String what) throws IOException {
        try {
            var line = in.readUntil(LINE_END);
            consumed += line.length;
            return new String(line, 0, line.length - LINE_END.length, ISO_8859_1);
        } catch (LimitOverrunException _) {
            throw new MessageTooLargeException(
                    what + " takes a line of more than " + limits.headBytes() + " bytes");
        } catch (IncompleteReadException _) {
            throw new TruncatedMessageException("the connection was closed inside " + what);
        }
    }

    private byte[] readExactly(int count, String what) throws IOException {
        try {
            var bytes = in.readExactly(count);
            consumed += count;
            return bytes;
        } catch (IncompleteReadException early) {
            throw new TruncatedMessageException(
                    "the connection was closed after "
                            + early.partial().length
                            + " of "
                            + count
                            + " bytes of "
                            + what);
        }
    }

    private void checkBody(long size) throws MessageTooLargeException {
        if (size > limits.bodyBytes()) {
            throw new MessageTooLargeException(
                    "the body is larger than "
                            + limits.bodyBytes()
                            + " bytes: "
                            + size
                            + " so far or announced");
        }
    }
}

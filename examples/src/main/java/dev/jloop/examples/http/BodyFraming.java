package dev.jloop.examples.http;

import java.util.HashSet;
import java.util.List;

/// How the end of a body is found (RFC 9112, section 6).
sealed interface BodyFraming {
    /// There is no body.
    record None() implements BodyFraming {}

    /// The length was sent ahead.
    record Length(long bytes) implements BodyFraming {}

    /// Pieces, each with its length, the last one empty.
    record Chunked() implements BodyFraming {}

    /// The body ends with the connection.
    record UntilClose() implements BodyFraming {}

    /// More digits than any body may have here, and few enough for a long.
    int MOST_DIGITS = 15;

    static BodyFraming ofResponse(int status, Headers headers) throws MalformedMessageException {
        if (status == 204 || status == 304) {
            return new None();
        }
        var encodings = headers.members("Transfer-Encoding");
        var lengths = headers.members("Content-Length");
        if (!encodings.isEmpty()) {
            return chunked(encodings, lengths);
        }
        return lengths.isEmpty() ? new UntilClose() : length(lengths);
    }

    private static BodyFraming chunked(List<String> encodings, List<String> lengths)
            throws MalformedMessageException {
        if (!encodings.equals(List.of("chunked"))) {
            throw new MalformedMessageException(
                    "transfer encoding "
                            + Tokens.quote(String.join(", ", encodings))
                            + " is not spoken here, only chunked");
        }
        if (!lengths.isEmpty()) {
            throw new MalformedMessageException("both a Transfer-Encoding and a Content-Length");
        }
        return new Chunked();
    }

    private static BodyFraming length(List<String> lengths) throws MalformedMessageException {
        var first = lengths.getFirst();
        boolean number = first.length() <= MOST_DIGITS && first.chars().allMatch(Tokens::isDigit);
        if (!number || new HashSet<>(lengths).size() > 1) {
            throw new MalformedMessageException(
                    "not a Content-Length: " + Tokens.quote(String.join(", ", lengths)));
        }
        var bytes = Long.parseLong(first);
        return bytes == 0 ? new None() : new Length(bytes);
    }

    /// {@return the size that the first line of a chunk gives}
    ///
    /// @param line the line without its end; what follows a semicolon is passed over
    static long chunkSize(String line) throws MalformedMessageException {
        int end = line.indexOf(';');
        var digits = (end < 0 ? line : line.substring(0, end)).strip();
        boolean number =
                !digits.isEmpty()
                        && digits.length() <= MOST_DIGITS
                        && digits.chars()
                                .allMatch(digit -> Character.digit(digit, 16) >= 0 && digit < 0x80);
        if (!number) {
            throw new MalformedMessageException("not the size of a chunk: " + Tokens.quote(line));
        }
        return Long.parseLong(digits, 16);
    }
}

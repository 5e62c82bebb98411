package dev.jloop.examples.site;

import java.util.Optional;
import java.util.regex.Pattern;

/// A part of a file that a client asks for (RFC 9110, section 14).
///
/// @param offset where it starts
/// @param count how many bytes; zero where the file has none of those asked for
record ByteRange(long offset, long count) {
    /// One range only: several would need a multipart answer, and a server may send all instead.
    private static final Pattern RANGE = Pattern.compile("bytes=(\\d{0,18})-(\\d{0,18})");

    /// {@return the range that the field asks for; empty where it is to be passed over}
    ///
    /// @param field the value of the field `Range`
    /// @param size how many bytes there are
    static Optional<ByteRange> parse(String field, long size) {
        var matcher = RANGE.matcher(field.strip());
        if (!matcher.matches() || field.strip().equals("bytes=-")) {
            return Optional.empty();
        }
        var first = matcher.group(1);
        var last = matcher.group(2);
        if (first.isEmpty()) {
            long count = Math.min(Long.parseLong(last), size);
            return Optional.of(new ByteRange(size - count, count));
        }
        long from = Long.parseLong(first);
        long to = last.isEmpty() ? Long.MAX_VALUE : Long.parseLong(last);
        if (to < from) {
            return Optional.empty();
        }
        return Optional.of(
                from >= size
                        ? new ByteRange(size, 0)
                        : new ByteRange(from, Math.min(to, size - 1) - from + 1));
    }

    /// {@return what `Content-Range` says of it}
    ///
    /// @param size how many bytes there are
    String describe(long size) {
        return count == 0
                ? "bytes */" + size
                : "bytes " + offset + "-" + (offset + count - 1) + "/" + size;
    }
}

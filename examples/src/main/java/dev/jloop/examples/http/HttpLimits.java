package dev.jloop.examples.http;

/// How large a message may be. Immutable; start from [#DEFAULTS].
///
/// @param headBytes the first line and all header fields together, at least 64 bytes
/// @param bodyBytes the body without its framing, at least 0 bytes
public record HttpLimits(int headBytes, int bodyBytes) {
    private static final int SMALLEST_HEAD = 64;

    /// 16 KiB for the head and 16 MiB for the body.
    public static final HttpLimits DEFAULTS = new HttpLimits(16 * 1024, 16 * 1024 * 1024);

    /// Checks the values.
    public HttpLimits {
        if (headBytes < SMALLEST_HEAD) {
            throw new IllegalArgumentException(
                    "headBytes must be at least " + SMALLEST_HEAD + ", was " + headBytes);
        }
        if (bodyBytes < 0) {
            throw new IllegalArgumentException("bodyBytes is negative: " + bodyBytes);
        }
    }
}

package dev.jloop.streams;

import java.io.IOException;

/// The stream has ended before everything that was asked for has come.
///
/// @since 0.1
public class IncompleteReadException extends IOException {
    private static final long serialVersionUID = 1L;

    /// What [#expected()] gives where a separator was looked for.
    public static final int UNKNOWN = -1;

    /// The bytes that came.
    private final byte[] partial;

    /// How many were asked for, or [#UNKNOWN].
    private final int expected;

    /// Creates the exception.
    ///
    /// @param partial the bytes that came
    /// @param expected how many were asked for, or [#UNKNOWN]
    public IncompleteReadException(byte[] partial, int expected) {
        super(message(partial.length, expected));
        this.partial = partial.clone();
        this.expected = expected;
    }

    private static String message(int came, int expected) {
        return expected == UNKNOWN
                ? "the stream ended before a separator came: " + came + " bytes were left"
                : "the stream ended early: needed " + expected + " bytes, had " + came;
    }

    /// {@return the bytes that came before the end; they have left the reader's buffer}
    public byte[] partial() {
        return partial.clone();
    }

    /// {@return how many bytes were asked for, or [#UNKNOWN] where a separator was looked for}
    public int expected() {
        return expected;
    }
}

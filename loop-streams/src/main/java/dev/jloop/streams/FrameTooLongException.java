package dev.jloop.streams;

import java.io.IOException;

/// A frame is longer than a [Framing] allows.
///
/// @since 0.1
public class FrameTooLongException extends IOException {
    private static final long serialVersionUID = 1L;

    /// In bytes, as an unsigned number.
    private final long length;

    /// In bytes.
    private final int maxLength;

    /// Creates the exception.
    ///
    /// @param message what was found
    /// @param length how long the frame is, or how much of it has come at least
    /// @param maxLength how long it may be
    public FrameTooLongException(String message, long length, int maxLength) {
        super(message);
        this.length = length;
        this.maxLength = maxLength;
    }

    /// {@return how long the content of the frame is, in bytes, as its prefix says: an unsigned
    /// number, so that a negative one is very large; with delimiters how many bytes have come
    /// without one}
    public long length() {
        return length;
    }

    /// {@return how long the content may be, in bytes}
    public int maxLength() {
        return maxLength;
    }
}

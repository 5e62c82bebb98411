package dev.jloop.streams;

import java.io.IOException;

/// No separator has come within the limit of the reader.
///
/// @since 0.1
public class LimitOverrunException extends IOException {
    private static final long serialVersionUID = 1L;

    /// How many bytes of the buffer belong to what is too long.
    private final int consumed;

    /// Creates the exception.
    ///
    /// @param message what was found or not
    /// @param consumed how many bytes of the buffer belong to what is too long
    public LimitOverrunException(String message, int consumed) {
        super(message);
        this.consumed = consumed;
    }

    /// {@return how many bytes, counted from the start of the reader's buffer, belong to what is
    /// too long: up to the separator if one was found, else as far as the search has come}
    public int consumed() {
        return consumed;
    }
}

package dev.jloop.examples.http;

/// The peer closed the connection in the middle of a message.
public final class TruncatedMessageException extends HttpException {
    private static final long serialVersionUID = 1L;

    /// Makes the exception.
    ///
    /// @param message what was seen, with the values
    public TruncatedMessageException(String message) {
        super(message);
    }
}

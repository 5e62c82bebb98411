package dev.jloop.examples.http;

/// The peer broke the syntax of HTTP/1.1, or used a part of it that is not spoken here.
public final class MalformedMessageException extends HttpException {
    private static final long serialVersionUID = 1L;

    /// Makes the exception.
    ///
    /// @param message what was seen, with the values
    public MalformedMessageException(String message) {
        super(message);
    }
}

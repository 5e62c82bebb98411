package dev.jloop.examples.http;

/// A message is larger than [HttpLimits] allow.
public final class MessageTooLargeException extends HttpException {
    private static final long serialVersionUID = 1L;

    /// Makes the exception.
    ///
    /// @param message what was seen, with the values
    public MessageTooLargeException(String message) {
        super(message);
    }
}

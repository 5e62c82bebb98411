package dev.jloop.core;

/// Thrown when a deadline passed before the work inside it ended. The cause is the cancellation by
/// which the work was stopped, where there was one.
///
/// @since 0.1
public class TimedOutException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// A time-out without a message.
    public TimedOutException() {}

    /// A time-out with a message that says what took too long.
    ///
    /// @param message what was waited for, and how long
    public TimedOutException(String message) {
        super(message);
    }
}

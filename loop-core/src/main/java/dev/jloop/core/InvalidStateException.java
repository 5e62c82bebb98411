package dev.jloop.core;

/// Thrown when a future is asked for what its state does not allow: its result while it is pending,
/// or a second result.
///
/// @since 0.1
public class InvalidStateException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    /// An invalid use of a future.
    ///
    /// @param message what was asked, and the state of the future
    public InvalidStateException(String message) {
        super(message);
    }
}

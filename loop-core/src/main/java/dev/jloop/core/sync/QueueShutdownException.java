package dev.jloop.core.sync;

/// Thrown by a queue that was shut down: to who puts an item, and to who gets one when there are
/// none left.
///
/// The semantics are those of Python's `asyncio.QueueShutDown`.
///
/// @since 0.1
public class QueueShutdownException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// A queue that was shut down.
    public QueueShutdownException() {}

    /// A queue that was shut down.
    ///
    /// @param message which queue, and what was tried
    public QueueShutdownException(String message) {
        super(message);
    }
}

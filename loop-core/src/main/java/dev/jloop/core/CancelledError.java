package dev.jloop.core;

/// Thrown at an await point of a task that was asked to cancel.
///
/// It is an `Error`, so that a broad `catch (Exception e)` lets it pass: a cancellation is a normal
/// outcome and not a failure. It is delivered once for each request; a `finally` block may await
/// again. Code that catches it and does not throw it again keeps the task running.
///
/// The semantics are those of Python's `asyncio.CancelledError`.
///
/// @since 0.1
public class CancelledError extends Error {
    private static final long serialVersionUID = 1L;

    /// A cancellation without a reason.
    public CancelledError() {}

    /// A cancellation with the reason given to [Task#cancel(String)].
    ///
    /// @param message the reason
    public CancelledError(String message) {
        super(message);
    }
}

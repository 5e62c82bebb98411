package dev.jloop.core;

/// Told of every failure that nobody else will see: a callback that threw, a task whose exception
/// was never looked at, a task still pending when its loop closed.
///
/// **Threading:** called on the loop's thread, inside the turn in which the failure surfaced, and
/// so may not block. A handler that throws is itself reported, to the default handler, which logs.
///
/// @since 0.1
@FunctionalInterface
public interface ExceptionHandler {
    /// Handles one failure.
    ///
    /// @param loop the loop on which it happened
    /// @param context what failed and what is known of it
    void handle(EventLoop loop, LoopException context);
}

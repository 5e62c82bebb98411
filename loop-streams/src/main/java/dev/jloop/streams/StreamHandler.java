package dev.jloop.streams;

/// Serves one connection of a server, as a coroutine in a task of its own.
///
/// @since 0.1
@FunctionalInterface
public interface StreamHandler {
    /// Serves the connection. When this returns, the connection is closed, if the handler has not
    /// done it.
    ///
    /// @param reader what the peer sends
    /// @param writer what the peer gets
    /// @throws Exception whatever the handler fails with: it is reported to the loop's exception
    ///   handler, and the connection is closed
    void handle(StreamReader reader, StreamWriter writer) throws Exception;
}

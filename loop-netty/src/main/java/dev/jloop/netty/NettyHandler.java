package dev.jloop.netty;

/// Serves one connection of a server, as a coroutine in a task of its own.
///
/// @since 0.1
@FunctionalInterface
public interface NettyHandler {
    /// Serves the connection. When this returns, the connection is closed, if the handler has not
    /// done it, once what was sent has left.
    ///
    /// @param connection receives and sends the messages of the pipeline
    /// @throws Exception whatever the handler fails with: it is reported to the loop's exception
    ///   handler, and the connection is closed
    void handle(NettyConnection connection) throws Exception;
}

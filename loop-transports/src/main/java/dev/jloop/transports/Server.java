package dev.jloop.transports;

import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;

/// Accepts connections on one or more addresses, each served by a protocol of its own.
///
/// When the process has run out of descriptors, the loop reports it once for all its servers. They
/// pause for a second, or as [ListenOptions#withAcceptRetryDelay(java.time.Duration)] says, and try
/// again until they can accept; meanwhile connections wait in the backlog, and those already
/// accepted go on. A server with as many connections as [ListenOptions#withMaxConnections(int)]
/// allows lets further ones wait in the same way.
///
/// **Threading:** loop thread only; in debug mode another thread gets a `WrongThreadException`.
///
/// The semantics are those of Python's `asyncio.Server`.
///
/// @since 0.1
public interface Server extends AutoCloseable {
    /// What [Server#shutdown(Duration)] had to do.
    ///
    /// @param cut the peers whose connections were cut; empty if all ended by themselves
    record ShutdownReport(List<SocketAddress> cut) {
        /// Copies the list.
        public ShutdownReport {
            cut = List.copyOf(cut);
        }
    }

    /// {@return the addresses the server listens on, with the actual ports; empty once it is
    /// closed}
    List<SocketAddress> addresses();

    /// {@return whether connections are accepted}
    boolean isServing();

    /// Starts to accept connections. A second call does nothing.
    ///
    /// @throws IllegalStateException if the server is closed
    void startServing();

    /// Starts to accept connections and suspends until the server is closed and its last connection
    /// has ended. Cancelling it closes the server, waits for the last connection too, and then
    /// throws the cancellation; call [#closeClients()] or [#abortClients()] as well where clients
    /// may stay for long.
    ///
    /// @throws IllegalStateException if the server is closed, or another coroutine is in this
    ///   method
    void serveForever();

    /// Stops listening at once. Connections already accepted go on. A second call does nothing.
    @Override
    void close();

    /// Closes all connections that this server has accepted, as [Transport#close()] does.
    void closeClients();

    /// Aborts all connections that this server has accepted, as [Transport#abort()] does.
    void abortClients();

    /// Suspends until the server is closed and its last connection has ended, in whichever order.
    void waitClosed();

    /// Stops listening, gives the connections time to end by themselves, and aborts those that are
    /// left. Suspends; it ends at most a few turns of the loop after `grace`. Cancelling it aborts
    /// what is left at once.
    ///
    /// @param grace how long to wait; zero or negative not at all
    /// @return whose connections were cut
    ShutdownReport shutdown(Duration grace);
}

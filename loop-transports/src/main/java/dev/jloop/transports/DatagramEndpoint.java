package dev.jloop.transports;

import java.util.Objects;

/// An endpoint for datagrams: the transport and the protocol that serves it.
///
/// @param transport sends, pauses, closes
/// @param protocol what the factory made
/// @param <P> the type of the protocol
/// @since 0.1
public record DatagramEndpoint<P>(DatagramTransport transport, P protocol) {
    /// Checks that nothing is null.
    public DatagramEndpoint {
        Objects.requireNonNull(transport, "transport");
        Objects.requireNonNull(protocol, "protocol");
    }
}

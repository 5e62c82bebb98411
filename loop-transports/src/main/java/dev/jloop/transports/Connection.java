package dev.jloop.transports;

import java.util.Objects;

/// An established connection: the transport and the protocol that serves it.
///
/// @param transport sends, pauses, closes
/// @param protocol what the factory made
/// @param <P> the type of the protocol
/// @since 0.1
public record Connection<P>(Transport transport, P protocol) {
    /// Checks that nothing is null.
    public Connection {
        Objects.requireNonNull(transport, "transport");
        Objects.requireNonNull(protocol, "protocol");
    }
}

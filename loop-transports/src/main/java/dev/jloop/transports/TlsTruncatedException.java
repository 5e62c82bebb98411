package dev.jloop.transports;

import java.io.Serial;

import javax.net.ssl.SSLException;

/// Tells that the stream of a TLS connection was cut: the connection ended without the peer's
/// goodbye (`close_notify`), which comes after the last byte and cannot be forged.
///
/// [Protocol#connectionLost(Throwable)] gets it. What was received before is genuine, and was
/// handed over, but it may be a part only. A peer that never says goodbye cannot be told from an
/// attacker who cuts the connection; where messages carry their own length or end, it is harmless
/// between two of them.
///
/// @since 0.1
public final class TlsTruncatedException extends SSLException {
    @Serial private static final long serialVersionUID = 1L;

    /// @param message what was cut
    TlsTruncatedException(String message) {
        super(message);
    }
}

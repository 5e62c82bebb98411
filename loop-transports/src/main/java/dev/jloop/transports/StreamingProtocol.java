package dev.jloop.transports;

import io.netty.buffer.ByteBuf;

/// A [Protocol] that is handed the bytes as they come.
///
/// The semantics are those of Python's `asyncio.Protocol`.
///
/// @since 0.1
public interface StreamingProtocol extends Protocol {
    /// Tells that the connection is there. It may pause reading, write and close already.
    ///
    /// What it throws is reported to the loop's exception handler, and the connection goes on.
    ///
    /// @param transport the connection
    default void connectionMade(Transport transport) {}

    /// Takes bytes of the peer.
    ///
    /// The buffer is borrowed: it is valid during this call. Whoever wants to keep it calls
    /// `retain()` and later `release()`; nobody else releases it. What this method leaves unread is
    /// gone. A `java.nio` view of it, as from `nioBuffer()`, is borrowed with it: kept longer than
    /// the buffer, it shows bytes of other connections, and nothing can guard against that.
    ///
    /// What it throws is reported to the loop's exception handler, and aborts the connection.
    ///
    /// @param data at least one byte, at most 256 KiB
    void dataReceived(ByteBuf data);

    /// Tells that the peer will send no more.
    ///
    /// What it throws is reported to the loop's exception handler, and aborts the connection.
    ///
    /// @return true to leave the connection open for writing, until this side closes it; false to
    ///   close it once everything written has been sent. A connection that cannot end one direction
    ///   alone, as with TLS, is closed all the same, with a warning in the log
    default boolean eofReceived() {
        return false;
    }
}

package dev.jloop.transports;

import java.nio.ByteBuffer;

/// A [Protocol] that provides the memory into which the bytes are read, which saves a copy.
///
/// The semantics are those of Python's `asyncio.BufferedProtocol`.
///
/// @since 0.1
public interface BufferedProtocol extends Protocol {
    /// Tells that the connection is there. It may pause reading, write and close already.
    ///
    /// What it throws is reported to the loop's exception handler, and the connection goes on.
    ///
    /// @param transport the connection
    default void connectionMade(Transport transport) {}

    /// Provides memory for what is to be read next.
    ///
    /// What it throws is reported to the loop's exception handler, and aborts the connection; so
    /// does a buffer without space.
    ///
    /// @param sizeHint how many bytes may come, or -1 where that is unknown
    /// @return a buffer that is filled from its position on, up to its limit; at most 256 KiB at a
    ///   time
    ByteBuffer getBuffer(int sizeHint);

    /// Tells that bytes were read into the buffer that [#getBuffer(int)] returned last. Its
    /// position has moved by `count`.
    ///
    /// What it throws is reported to the loop's exception handler, and aborts the connection.
    ///
    /// @param count how many bytes, at least 1
    void bufferUpdated(int count);

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

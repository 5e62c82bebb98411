package dev.jloop.streams;

import dev.jloop.core.Async;
import dev.jloop.transports.Key;
import dev.jloop.transports.Transport;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/// Writes a stream of bytes: the sending half of a connection.
///
/// **Threading:** loop thread only; methods that suspend in coroutines only.
///
/// The semantics are those of Python's `asyncio.StreamWriter`, except that writing waits by itself
/// when too much is queued.
///
/// @since 0.1
public final class StreamWriter {
    private final StreamProtocol protocol;

    StreamWriter(StreamProtocol protocol) {
        this.protocol = protocol;
    }

    /// Sends bytes. Suspends while more is queued than the transport's high-water mark allows, so
    /// that memory stays bounded even without [#drain()]. Cancelled while it waits, it leaves the
    /// bytes queued.
    ///
    /// After [#close()] the bytes are dropped, with a warning in the log from the fifth time on.
    ///
    /// @param data may be used again when this returns
    /// @throws IOException if the connection is lost
    /// @throws IllegalStateException after [#writeEof()]
    public void write(byte[] data) throws IOException {
        checkNotLost();
        transport().write(data);
        waitIfFull();
    }

    /// Sends several pieces, one after the other, as [#write(byte\[\])] does with one.
    ///
    /// @param lines the pieces; no line ends are added
    /// @throws IOException if the connection is lost
    /// @throws IllegalStateException after [#writeEof()]
    public void writeLines(List<byte[]> lines) throws IOException {
        checkNotLost();
        transport().writev(lines.stream().map(ByteBuffer::wrap).toList());
        waitIfFull();
    }

    private void checkNotLost() throws IOException {
        if (protocol.isLost()) {
            throw protocol.lost();
        }
    }

    private void waitIfFull() throws IOException {
        if (!transport().isClosing()) {
            protocol.awaitWritable();
        }
    }

    /// Suspends while the transport's writing is paused: from the moment when more is queued than
    /// its high-water mark until it has shrunk to the low-water mark. Any number of coroutines may
    /// wait.
    ///
    /// @throws IOException if reading has failed, or the connection is lost, as it soon is after
    ///   [#close()]
    public void drain() throws IOException {
        var failure = protocol.reader().failure();
        if (failure != null) {
            throw protocol.isLost()
                    ? protocol.lost()
                    : new IOException("the stream failed", failure);
        }
        if (transport().isClosing()) {
            Async.yieldNow(); // so that the loss can be seen, if that is all that is left to do
        }
        protocol.awaitWritable();
    }

    /// Tells the peer, once everything written has been sent, that no more will come. Reading goes
    /// on. A second call does nothing.
    ///
    /// @throws IOException if the connection is lost
    /// @throws UnsupportedOperationException if this kind of connection cannot do it
    public void writeEof() throws IOException {
        checkNotLost();
        transport().writeEof();
    }

    /// Stops reading, and ends the connection when everything written has been sent. Does not wait:
    /// see [#waitClosed()]. A second call does nothing.
    public void close() {
        transport().close();
    }

    /// {@return whether the connection is closing, closed or lost}
    public boolean isClosing() {
        return transport().isClosing();
    }

    /// Suspends until the connection has ended.
    ///
    /// @throws IOException if it was broken, with the reason as the cause
    public void waitClosed() throws IOException {
        protocol.awaitLost();
        if (protocol.lossCause() != null) {
            throw protocol.lost();
        }
    }

    /// {@return the transport below}
    public Transport transport() {
        return protocol.transport();
    }

    /// {@return a piece of information about the connection, or null where it has none of that
    /// kind}
    ///
    /// @param key which one
    /// @param <T> its type
    public <T> @Nullable T extra(Key<T> key) {
        return transport().extra(key);
    }

    @Override
    public String toString() {
        return "StreamWriter[" + transport() + "]";
    }
}

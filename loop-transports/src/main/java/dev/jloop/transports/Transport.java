package dev.jloop.transports;

import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.List;

/// One end of a connection that carries a stream of bytes each way.
///
/// Writing never waits: what the network does not take at once is queued, and the protocol's
/// [Protocol#pauseWriting()] tells when the queue grows beyond the high-water mark. What is written
/// within one turn of the loop leaves in one system call at the start of the next turn, as long as
/// it is no more than 256 KiB and, where whole buffers were handed over, 1024 of them; and earlier
/// where the queue grows beyond the high-water mark.
///
/// **Threading:** loop thread only; in debug mode another thread gets a `WrongThreadException`.
///
/// The semantics are those of Python's `asyncio.Transport`.
///
/// @since 0.1
public interface Transport {
    /// Sends the readable bytes of `data` and takes over its ownership: the transport releases it,
    /// whatever happens. Nothing is copied.
    ///
    /// After the connection was closed or lost the data is dropped, with a warning in the log from
    /// the fifth time on. An empty buffer does nothing.
    ///
    /// A buffer that `dataReceived` has borrowed is not the caller's to give away: `retain()` it
    /// first.
    ///
    /// The transport moves the reader index of the buffer itself. So the same bytes for several
    /// connections, or twice for one, need `retainedDuplicate()` for each; a buffer that others
    /// read or change while it waits ends the connection, with a report.
    ///
    /// @param data not to be used by the caller any more
    /// @throws IllegalStateException after [#writeEof()], and during [#sendFile(FileChannel, long,
    ///   long)]; and if `data` is only borrowed, which leaves it untouched
    void write(ByteBuf data);

    /// Sends the remaining bytes of `data` and moves its position to its limit. When this returns,
    /// they were copied or sent, and the caller may reuse the memory.
    ///
    /// After the connection was closed or lost the data is dropped, as for [#write(ByteBuf)].
    ///
    /// @param data what to send
    /// @throws IllegalStateException after [#writeEof()], and during [#sendFile(FileChannel, long,
    ///   long)]
    void write(ByteBuffer data);

    /// Sends all of `data`. When this returns, it was copied or sent, and the caller may reuse the
    /// array.
    ///
    /// After the connection was closed or lost the data is dropped, as for [#write(ByteBuf)].
    ///
    /// @param data what to send
    /// @throws IllegalStateException after [#writeEof()], and during [#sendFile(FileChannel, long,
    ///   long)]
    void write(byte[] data);

    /// Sends several buffers one after the other, as [#write(ByteBuffer)] does with one.
    ///
    /// @param data what to send
    /// @throws IllegalStateException after [#writeEof()], and during [#sendFile(FileChannel, long,
    ///   long)]
    void writev(List<ByteBuffer> data);

    /// Tells the peer, once everything written has been sent, that no more will come. Reading goes
    /// on. A second call does nothing, nor does one after the connection was closed or lost.
    ///
    /// @throws UnsupportedOperationException if [#canWriteEof()] is false
    /// @throws IllegalStateException during [#sendFile(FileChannel, long, long)]
    void writeEof();

    /// {@return whether [#writeEof()] works on this kind of connection} With TLS it does not.
    boolean canWriteEof();

    /// Stops reading, sends everything written, and then ends the connection:
    /// [Protocol#connectionLost(Throwable)] gets null. It never runs inside this call. A second
    /// call does nothing.
    ///
    /// It waits for the peer to take what is queued, however long that is; see [#abort()]. A
    /// connection that is secured with TLS then says goodbye and waits for the peer's, for as long
    /// as [TlsOptions#withShutdownTimeout(java.time.Duration)] says.
    void close();

    /// Ends the connection at once and drops what was not sent:
    /// [Protocol#connectionLost(Throwable)] gets null on a later turn. A second call does nothing.
    ///
    /// Where bytes are dropped the connection is reset, so that the peer does not take what it got
    /// for everything; otherwise the peer sees a regular end. With TLS the peer always sees that
    /// the connection was cut.
    void abort();

    /// {@return whether the connection is closing, closed or lost}
    boolean isClosing();

    /// {@return whether this side has cut the connection with [#abort()]} Then
    /// [Protocol#connectionLost(Throwable)] gets null as it does at a regular end, but what was
    /// received may be a part only.
    default boolean isAborted() {
        return false;
    }

    /// {@return whether this side has ended the connection: with [#close()] or [#abort()], or with
    /// [#writeEof()] where it has no other direction} True from then on, also where it breaks
    /// before everything is sent. False while it is open, and where it broke or the peer has ended
    /// it before.
    default boolean isClosedHere() {
        return false;
    }

    /// Stops the calls of `dataReceived` and `eofReceived` until [#resumeReading()]. Calling it
    /// again does nothing, nor does calling it on a closing connection.
    void pauseReading();

    /// Undoes [#pauseReading()]. Calling it again does nothing, nor does calling it on a closing
    /// connection.
    void resumeReading();

    /// {@return whether the connection waits for bytes of the peer: false while reading is paused
    /// or a file is sent, after the peer's end of stream, and once the connection is closing}
    boolean isReading();

    /// Sets the two marks of flow control. More than `high` bytes queued pause the protocol's
    /// writing, `low` or fewer resume it; both at once where the new marks say so. The defaults are
    /// 64 KiB and 16 KiB.
    ///
    /// @param high in bytes; zero pauses whenever anything is queued
    /// @param low in bytes, at most `high`
    /// @throws IllegalArgumentException if `low` is negative or above `high`
    void setWriteBufferLimits(int high, int low);

    /// Sets the high-water mark, and the low-water mark to a quarter of it.
    ///
    /// @param high in bytes; zero pauses whenever anything is queued
    /// @throws IllegalArgumentException if `high` is negative
    default void setWriteBufferLimits(int high) {
        setWriteBufferLimits(high, high / 4);
    }

    /// {@return how many bytes were written and not yet handed to the network}
    long writeBufferSize();

    /// {@return a piece of further information, or null where this connection has none of that
    /// kind}
    ///
    /// @param key which one
    /// @param <T> its type
    <T> @Nullable T extra(Key<T> key);

    /// {@return the protocol that takes the events}
    Protocol protocol();

    /// Lets another protocol take the events from now on. Its `connectionMade` is not called; its
    /// [Protocol#pauseWriting()] is, inside this call, if writing is paused.
    ///
    /// @param protocol a [StreamingProtocol] or a [BufferedProtocol]
    /// @throws IllegalArgumentException if it is neither
    void setProtocol(Protocol protocol);

    /// Sends a part of a file, without copying it through the heap unless TLS has to encrypt it.
    /// Suspends until all of it was handed to the network. It starts when everything written before
    /// has been sent; nothing may be written meanwhile. Nothing is read from the peer until it
    /// ends, so that no request comes that could not be answered.
    ///
    /// Cancelled or failed after a part was sent, it aborts the connection, so that the peer does
    /// not take the part for the whole; before that, it leaves the connection as it was. The
    /// position of the file channel is neither used nor changed.
    ///
    /// @param file the file
    /// @param offset where to start, in bytes
    /// @param count how many bytes to send at most; the end of the file ends it too
    /// @return how many bytes were sent
    /// @throws IOException if the file cannot be read, or the connection is lost
    /// @throws IllegalArgumentException if `offset` is negative, or `count` is not positive
    /// @throws IllegalStateException if the connection is closing, after [#writeEof()], or while
    ///   another `sendFile` runs
    long sendFile(FileChannel file, long offset, long count) throws IOException;
}

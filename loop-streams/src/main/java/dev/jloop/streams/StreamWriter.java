package dev.jloop.streams;

import dev.jloop.core.Async;
import dev.jloop.transports.Key;
import dev.jloop.transports.Net;
import dev.jloop.transports.TlsOptions;
import dev.jloop.transports.Transport;

import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.ref.Reference;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// Writes a stream of bytes: the sending half of a connection.
///
/// Any number of coroutines may write. What each call writes stays together, in the order of the
/// calls; and where they have to wait, they go on one after the other in that order too.
///
/// **Threading:** loop thread only, methods that suspend in coroutines only; in debug mode another
/// thread gets a `WrongThreadException`.
///
/// The semantics are those of Python's `asyncio.StreamWriter`, except that writing waits by itself
/// when too much is queued.
///
/// @since 0.1
public final class StreamWriter {
    /// How much is written without a pause before others get their turn.
    private static final int MOST_AT_A_STRETCH = 256 * 1024;

    private final StreamProtocol protocol;
    private final StreamReader reader;

    @SuppressWarnings({"unused", "FieldCanBeLocal"}) // to be held is all that it is for
    private final StreamUse use;

    private long writtenAtAStretch;

    StreamWriter(StreamProtocol protocol, StreamReader reader, StreamUse use) {
        this.protocol = protocol;
        this.reader = reader;
        this.use = use;
    }

    /// {@return the reader of the same connection}
    StreamReader reader() {
        return reader;
    }

    /// Sends bytes. Suspends while more is queued than the transport's high-water mark allows, so
    /// that memory stays bounded even without [#drain()]; and lets others run after each 256 KiB,
    /// so that a fast peer cannot keep the loop busy. Cancelled while it waits, it leaves the bytes
    /// queued.
    ///
    /// After [#close()] the bytes are dropped, with a warning in the log from the fifth time on,
    /// until the connection has ended. From then on it throws.
    ///
    /// @param data may be used again when this returns
    /// @throws IOException if the connection is lost
    /// @throws IllegalStateException after [#writeEof()]
    public void write(byte[] data) throws IOException {
        checkThread("StreamWriter.write");
        checkNotLost();
        transport().write(data);
        written(data.length);
    }

    /// Sends text in UTF-8, as [#write(byte\[\])] does with bytes. No line end is added.
    ///
    /// @param text what to send
    /// @throws java.nio.charset.CharacterCodingException if the text has half of a surrogate pair;
    ///   then nothing is sent
    /// @throws IOException if the connection is lost
    /// @throws IllegalStateException after [#writeEof()]
    public void write(String text) throws IOException {
        write(text, StandardCharsets.UTF_8);
    }

    /// Sends text, as [#write(byte\[\])] does with bytes. No line end is added.
    ///
    /// @param text what to send
    /// @param charset how to write it as bytes
    /// @throws java.nio.charset.CharacterCodingException if the charset does not have one of the
    ///   characters; then nothing is sent
    /// @throws IOException if the connection is lost
    /// @throws IllegalStateException after [#writeEof()]
    public void write(String text, Charset charset) throws IOException {
        write(Text.encode(text, charset));
    }

    /// Sends the readable bytes of a buffer without a copy, and takes over its ownership: whatever
    /// happens, it is released, and the caller must not use it any more. Waits as
    /// [#write(byte\[\])] does.
    ///
    /// @param data what to send, for instance what [StreamReader#readBuffer(int)] gave; the same
    ///   bytes for several connections need `retainedDuplicate()` for each
    /// @throws IOException if the connection is lost
    /// @throws IllegalStateException after [#writeEof()]
    public void writeBuffer(ByteBuf data) throws IOException {
        var count = data.readableBytes();
        queue(data, "StreamWriter.writeBuffer");
        written(count);
    }

    /// As [#writeBuffer(ByteBuf)], but does not wait.
    void queue(ByteBuf data, String method) throws IOException {
        var mayWrite = false;
        try {
            checkThread(method);
            checkNotLost();
            mayWrite = true;
        } finally {
            if (!mayWrite) {
                data.release();
            }
        }
        transport().write(data);
    }

    /// As [#queue(ByteBuf, String)], but refuses what would be dropped.
    void queueUnlessClosing(ByteBuf data, String method) throws IOException {
        if (!protocol.isLost() && transport().isClosing()) {
            var count = data.readableBytes();
            data.release();
            if (transport().isAborted()) {
                throw protocol.lost(); // as connectionLost will say in the next turn
            }
            throw new SocketException(
                    this
                            + " is closing, and takes no more: "
                            + count
                            + " bytes were not given to it");
        }
        queue(data, method);
    }

    /// Suspends where who has written has to wait. Unlike what the public methods do it does not
    /// let others run in between.
    void awaitTurn() throws IOException {
        if (transport().isClosing()) {
            yieldNow(); // so that the loss comes, and a loop of writes ends
        } else if (protocol.isQueueing()) {
            writtenAtAStretch = 0;
            waitForTurn();
        }
    }

    /// Reachable meanwhile: who waits here uses the stream.
    private void waitForTurn() throws IOException {
        try {
            protocol.awaitTurn();
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /// {@return whether [#awaitTurn()] would suspend}
    boolean hasToWait() {
        return transport().isClosing() || protocol.isQueueing();
    }

    /// Sends several pieces, one after the other, as [#write(byte\[\])] does with one.
    ///
    /// @param lines the pieces; no line ends are added
    /// @throws IOException if the connection is lost
    /// @throws IllegalStateException after [#writeEof()]
    public void writeLines(List<byte[]> lines) throws IOException {
        checkThread("StreamWriter.writeLines");
        checkNotLost();
        transport().writev(lines.stream().map(ByteBuffer::wrap).toList());
        written(lines.stream().mapToLong(line -> line.length).sum());
    }

    private void checkThread(String method) {
        protocol.loop().checkThread(method);
    }

    void checkNotLost() throws IOException {
        if (protocol.isLost()) {
            throw protocol.lost();
        }
    }

    private void written(long count) throws IOException {
        writtenAtAStretch += count;
        if (hasToWait()) {
            awaitTurn();
        } else if (writtenAtAStretch >= MOST_AT_A_STRETCH) {
            yieldNow();
        }
    }

    private void yieldNow() {
        writtenAtAStretch = 0;
        Async.yieldNow();
    }

    /// Suspends while the transport's writing is paused: from the moment when more is queued than
    /// its high-water mark until it has shrunk to the low-water mark. Any number of coroutines may
    /// wait.
    ///
    /// @throws IOException if reading has failed, or the connection is lost, as it soon is after
    ///   [#close()]
    public void drain() throws IOException {
        checkThread("StreamWriter.drain");
        var failure = reader.failure();
        if (failure != null) {
            throw protocol.isLost()
                    ? protocol.lost()
                    : new IOException("the stream failed", failure);
        }
        if (transport().isClosing()) {
            yieldNow(); // so that the loss can be seen, if that is all that is left to do
        }
        checkNotLost();
        if (protocol.isWritingPaused()) {
            waitForTurn();
        }
    }

    /// Tells the peer, once everything written has been sent, that no more will come. Reading goes
    /// on. A second call does nothing.
    ///
    /// @throws IOException if the connection is lost
    /// @throws UnsupportedOperationException if this kind of connection cannot do it
    public void writeEof() throws IOException {
        checkThread("StreamWriter.writeEof");
        checkNotLost();
        transport().writeEof();
    }

    /// Secures the connection with TLS, as after the command `STARTTLS` of a protocol. Sends what
    /// was written, and suspends until the handshake has ended; then this writer and its reader are
    /// used on. Meanwhile writing throws, and a coroutine that reads goes on waiting.
    ///
    /// Bytes that were received and not read yet came in the clear, from anybody on the way, and
    /// would be taken for a part of the secured stream: with such bytes it refuses. The connection
    /// is as it was then, and is best closed.
    ///
    /// Failed or cancelled it aborts the connection.
    ///
    /// @param options the settings of a client or of a server, whichever side this is. A client
    ///   that names no server name in them has to have connected to a host
    /// @throws IOException if the handshake fails, or the connection is lost
    /// @throws IllegalStateException if received bytes were not read, if the connection is closing
    ///   or one direction has ended, or while a file is sent or another `startTls` runs; then the
    ///   connection stays as it is
    /// @throws IllegalArgumentException if a client has no name to check; then the connection stays
    ///   as it is
    public void startTls(TlsOptions options) throws IOException {
        checkThread("StreamWriter.startTls");
        checkNotLost();
        var unread = reader.bufferedBytes();
        if (unread > 0) {
            throw new IllegalStateException(
                    "cannot start TLS on "
                            + this
                            + ": "
                            + unread
                            + " bytes that came in the clear were not read; they may be forged, so"
                            + " close the connection");
        }
        protocol.moveTo(Net.startTls(transport(), protocol, options));
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
        checkThread("StreamWriter.waitClosed");
        try {
            protocol.awaitLost();
        } finally {
            Reference.reachabilityFence(this); // who waits here uses the stream
        }
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

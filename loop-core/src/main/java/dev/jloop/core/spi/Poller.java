package dev.jloop.core.spi;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SocketChannel;

/// Waits for channels to become ready, and for other threads to knock. One poller serves one loop.
///
/// **Threading:** loop thread only, except [#wakeup()].
///
/// @since 0.1
public interface Poller extends AutoCloseable {
    /// Told which operations of a channel are ready. It only takes note and runs no user code.
    @FunctionalInterface
    interface Listener {
        /// Takes note.
        ///
        /// @param readyOperations bits of `java.nio.channels.SelectionKey`
        void ready(int readyOperations);

        /// {@return how many bytes a read of the channel is likely to give, zero if nobody knows}
        /// By default zero. A poller may tell of fewer channels at once where they have much to
        /// read, so that what is read of them is still in the processor's caches when it is
        /// answered.
        default int expectedBytes() {
            return 0;
        }
    }

    /// Reads and writes a socket by system calls of the poller's own. Both methods do what those of
    /// the channel do. Loop thread only.
    interface DirectSocket {
        /// As `SocketChannel.read(ByteBuffer)`.
        ///
        /// @param into is filled from its position on
        /// @return how many bytes came; zero if none have come yet, -1 at the end of the stream
        /// @throws IOException if the connection is broken, or the channel closed
        int read(ByteBuffer into) throws IOException;

        /// As `SocketChannel.write(ByteBuffer)`.
        ///
        /// @param data is sent from its position on
        /// @return how many bytes were taken, zero if the socket has no room
        /// @throws IOException if the connection is broken, or the channel closed
        int write(ByteBuffer data) throws IOException;
    }

    /// Starts to watch `channel`, with no operation of interest yet.
    ///
    /// The channel stays watched until it is closed.
    ///
    /// @param channel a non-blocking channel that this poller does not watch yet
    /// @param listener told when an operation of interest is ready
    /// @throws IOException if the channel cannot be watched, for instance because it is closed
    void register(SelectableChannel channel, Listener listener) throws IOException;

    /// {@return the listener that `channel` was registered with, or null where this poller does not
    /// watch it, or no longer because it was closed}
    ///
    /// @param channel the channel
    @Nullable Listener listener(SelectableChannel channel);

    /// Sets which operations of a watched channel are of interest, in place of those before.
    ///
    /// @param channel a watched channel; one that was closed meanwhile is passed over
    /// @param operations bits of `java.nio.channels.SelectionKey`; zero for none
    void setInterest(SelectableChannel channel, int operations);

    /// Stops watching a channel that is about to be closed, so that nothing is kept of it. By
    /// default it is of no interest any more, and let go of when it is closed.
    ///
    /// @param channel the channel; one that is not watched is passed over
    default void forget(SelectableChannel channel) {
        setInterest(channel, 0);
    }

    /// {@return a quicker way to read from and write to a connected socket, or null where the
    /// channel's own methods are the quickest} By default there is none.
    ///
    /// @param channel a watched channel
    default @Nullable DirectSocket directSocket(SocketChannel channel) {
        return null;
    }

    /// Waits until a channel is ready, [#wakeup()] is called or the time is over, and tells the
    /// listeners, of some channels now and of others in the next polls if there are many. It may
    /// return early for no reason.
    ///
    /// An interrupt of the thread is a wake-up too, and is cleared.
    ///
    /// @param timeoutNanos how long to wait at most; zero to look only, `Long.MAX_VALUE` for no
    ///   limit
    /// @return how many channels it has told of
    /// @throws IOException if the operating system refuses to wait
    int poll(long timeoutNanos) throws IOException;

    /// Ends the current wait, or the next if there is none. May be called by any thread, and after
    /// [#close()], when it does nothing.
    void wakeup();

    /// Stops watching all channels, which stay open.
    ///
    /// @throws IOException if the operating system refuses
    @Override
    void close() throws IOException;
}

package dev.jloop.transports;

import static dev.jloop.transports.ChannelUses.Direction.IN;
import static dev.jloop.transports.ChannelUses.Direction.OUT;

import dev.jloop.core.EventLoop;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.FileChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.UnsupportedAddressTypeException;

/// Operations on bare channels, for programs that do without transports and streams. Each looks
/// like its blocking namesake, and suspends the calling coroutine instead of blocking the thread.
///
/// ```java
/// var channel = SocketChannel.open();
/// channel.configureBlocking(false);
/// Sockets.connect(channel, address);
/// Sockets.sendAll(channel, ByteBuffer.wrap(request));
/// Sockets.receive(channel, buffer);
/// ```
///
/// Every operation tries at once, and waits until the channel is ready where that does not suffice.
/// Coroutines that always find their channels ready let others run after 256 KiB or 64 operations.
///
/// **Channels** have to be in non-blocking mode, or an `IllegalArgumentException` says so. They
/// stay the caller's, who closes them; once an operation has waited they are registered with the
/// loop until then, and cannot be switched to blocking mode. A channel that belongs to a transport
/// is refused with an `IllegalStateException`; so is a second coroutine that wants to receive or
/// accept while one does, or to send or connect while one does. Readers and writers of
/// [EventLoop#addReader(SelectableChannel, Runnable)] are not to be mixed with these operations on
/// the same channel and direction, since there is room for one only.
///
/// **Closing** a channel ends the operations that wait for it with a `ClosedChannelException`: at
/// once by [#close(SelectableChannel)], and within about a tenth of a second by the channel's own
/// `close()` in whatever thread, since the JDK tells nobody.
///
/// **Cancelled,** an operation leaves the channel open and nothing registered, and the next one may
/// begin at once, in the same turn of the loop even. What each leaves behind it says itself.
///
/// **Threading:** coroutines of a loop only.
///
/// The semantics are those of `sock_recv_into` and its kin of Python's `asyncio`.
///
/// @since 0.1
public final class Sockets {
    /// The most in one system call: the JDK copies bytes on the heap to memory of that size.
    private static final int MOST_BYTES = 256 * 1024;

    private Sockets() {}

    /// Receives some bytes. Suspends until there are some, or the peer has ended its output.
    ///
    /// Cancelled, it has taken no bytes.
    ///
    /// @param channel connected
    /// @param into where to, from its position on, 256 KiB at most
    /// @return how many bytes, at least 1, except that it is 0 for a buffer without space; -1 at
    ///   the end of the stream
    /// @throws ClosedChannelException if the channel is closed, or gets closed meanwhile
    /// @throws IOException if the connection is broken, for instance reset by the peer
    /// @throws IllegalStateException if the channel is not connected; see also the class
    /// @throws IllegalArgumentException if the channel is in blocking mode, or the buffer read-only
    public static int receive(SocketChannel channel, ByteBuffer into) throws IOException {
        try (var use = ChannelUses.begin("receive", channel, IN)) {
            checkConnected(channel);
            if (!into.hasRemaining()) {
                return 0;
            }
            use.letOthersRun();
            while (true) {
                var count = readAtMost(channel, into);
                if (count != 0) {
                    use.moved(count);
                    return count;
                }
                use.awaitReady();
            }
        }
    }

    private static int readAtMost(SocketChannel channel, ByteBuffer into) throws IOException {
        var limit = into.limit();
        into.limit(into.position() + Math.min(into.remaining(), MOST_BYTES));
        try {
            return channel.read(into);
        } finally {
            into.limit(limit);
        }
    }

    /// Sends all remaining bytes of a buffer. Suspends until the operating system has taken the
    /// last one; that the peer has got them it does not say.
    ///
    /// Cancelled or failed, it may have sent a part. The buffer's position is behind what the
    /// operating system has taken, but nobody knows how much of that the peer gets, so that little
    /// can be done with the connection but to close it.
    ///
    /// @param channel connected
    /// @param data its position moves to its limit; not to be changed meanwhile
    /// @throws ClosedChannelException if the channel is closed, or gets closed meanwhile
    /// @throws IOException if the connection is broken
    /// @throws IllegalStateException if the channel is not connected; see also the class
    /// @throws IllegalArgumentException if the channel is in blocking mode
    public static void sendAll(SocketChannel channel, ByteBuffer data) throws IOException {
        try (var use = ChannelUses.begin("sendAll", channel, OUT)) {
            checkConnected(channel);
            sendAll(channel, data, use);
        }
    }

    private static void sendAll(SocketChannel channel, ByteBuffer data, ChannelUse use)
            throws IOException {
        while (data.hasRemaining()) {
            use.letOthersRun();
            var step = Math.min(data.remaining(), MOST_BYTES);
            var sent = channel.write(data.slice(data.position(), step));
            data.position(data.position() + sent);
            use.moved(sent);
            if (sent < step) {
                use.awaitReady();
            }
        }
    }

    private static void checkConnected(SocketChannel channel) {
        if (channel.isOpen() && !channel.isConnected()) {
            throw new IllegalStateException(
                    channel + " is not connected; connect it first, with Sockets.connect");
        }
    }

    /// Accepts a connection. Suspends until there is one.
    ///
    /// Cancelled, it has accepted none: those that wait are there for the next.
    ///
    /// @param channel bound
    /// @return this end of the connection, in non-blocking mode; the caller's to close
    /// @throws ClosedChannelException if the channel is closed, or gets closed meanwhile
    /// @throws IOException if connections cannot be accepted now, for instance because the process
    ///   has no descriptors left
    /// @throws IllegalStateException if the channel is not bound; see also the class
    /// @throws IllegalArgumentException if the channel is in blocking mode
    public static SocketChannel accept(ServerSocketChannel channel) throws IOException {
        try (var use = ChannelUses.begin("accept", channel, IN)) {
            if (channel.isOpen() && channel.getLocalAddress() == null) {
                throw new IllegalStateException(
                        channel + " is not bound; call bind(address) first");
            }
            use.letOthersRun();
            while (true) {
                var accepted = channel.accept();
                if (accepted != null) {
                    use.moved(0);
                    return nonBlocking(accepted);
                }
                use.awaitReady();
            }
        }
    }

    private static SocketChannel nonBlocking(SocketChannel accepted) throws IOException {
        var usable = false;
        try {
            accepted.configureBlocking(false);
            usable = true;
            return accepted;
        } finally {
            if (!usable) {
                accepted.close();
            }
        }
    }

    /// Connects a channel. Suspends until the connection is made or has failed.
    ///
    /// Cancelled, it leaves the attempt going on in the operating system: close the channel, or
    /// call this again with the same address to wait on. Failed, it leaves the channel closed,
    /// which is what the JDK does.
    ///
    /// @param channel open and not connected
    /// @param address where to; an internet address has to be resolved
    /// @throws ClosedChannelException if the channel is closed, or gets closed meanwhile
    /// @throws IOException if it failed; the message names the address and the reason
    /// @throws IllegalStateException if the channel is connected, or connecting to another address;
    ///   see also the class
    /// @throws IllegalArgumentException if the channel is in blocking mode, or the address not
    ///   resolved or of another kind than the channel
    public static void connect(SocketChannel channel, SocketAddress address) throws IOException {
        try (var use = ChannelUses.begin("connect", channel, OUT)) {
            checkResolved(address);
            checkMayConnect(channel, address);
            use.letOthersRun();
            try {
                if (!channel.isConnectionPending() && channel.connect(address)) {
                    return;
                }
                do {
                    use.awaitReady();
                } while (!channel.finishConnect());
            } catch (SocketException failure) {
                throw withAddress(failure, address);
            } catch (UnsupportedAddressTypeException otherKind) {
                throw new IllegalArgumentException(
                        channel
                                + " cannot connect to "
                                + Addresses.text(address)
                                + ", which is an address of another kind; open the channel for its"
                                + " protocol family",
                        otherKind);
            } finally {
                use.moved(0);
            }
        }
    }

    private static void checkResolved(SocketAddress address) {
        if (address instanceof InetSocketAddress inet && inet.isUnresolved()) {
            throw new IllegalArgumentException(
                    "the address "
                            + Addresses.text(address)
                            + " is not resolved; use Net.createConnection, which resolves without"
                            + " stopping the loop, or resolve it first in another thread");
        }
    }

    private static void checkMayConnect(SocketChannel channel, SocketAddress address)
            throws IOException {
        if (channel.isConnected()) {
            throw new IllegalStateException(
                    channel + " is connected already; open another channel");
        }
        if (channel.isConnectionPending() && !address.equals(channel.getRemoteAddress())) {
            throw new IllegalStateException(
                    channel
                            + " is connecting to another address already, so that it cannot connect"
                            + " to "
                            + Addresses.text(address)
                            + "; open another channel");
        }
    }

    private static IOException withAddress(SocketException failure, SocketAddress address) {
        var message = "cannot connect to " + Addresses.text(address) + ": " + failure.getMessage();
        var clear =
                failure instanceof ConnectException
                        ? new ConnectException(message)
                        : new SocketException(message);
        clear.initCause(failure);
        return clear;
    }

    /// Receives a datagram. Suspends until there is one. What does not fit in the buffer is lost.
    ///
    /// Cancelled, it has taken none.
    ///
    /// @param channel bound or connected
    /// @param into where to, from its position on
    /// @return who has sent it
    /// @throws ClosedChannelException if the channel is closed, or gets closed meanwhile
    /// @throws IOException if it failed; a `java.net.PortUnreachableException` if the channel is
    ///   connected and nobody listens there
    /// @throws IllegalStateException if the channel is not bound, so that nothing could come; see
    ///   also the class
    /// @throws IllegalArgumentException if the channel is in blocking mode, or the buffer read-only
    public static SocketAddress receiveFrom(DatagramChannel channel, ByteBuffer into)
            throws IOException {
        try (var use = ChannelUses.begin("receiveFrom", channel, IN)) {
            if (channel.isOpen() && channel.getLocalAddress() == null) {
                throw new IllegalStateException(
                        channel + " is not bound, so that nothing can come; call bind(null) first");
            }
            use.letOthersRun();
            while (true) {
                var before = into.position();
                var sender = channel.receive(into);
                if (sender != null) {
                    use.moved(into.position() - before);
                    return sender;
                }
                use.awaitReady();
            }
        }
    }

    /// Sends a datagram with the remaining bytes of a buffer, which may be none. Suspends until the
    /// operating system takes it, which is at once as a rule.
    ///
    /// Cancelled, it has sent nothing.
    ///
    /// @param channel bound or not; where it is connected, to that address
    /// @param data its position moves to its limit
    /// @param address whom to; an internet address has to be resolved
    /// @return how many bytes were sent
    /// @throws ClosedChannelException if the channel is closed, or gets closed meanwhile
    /// @throws IOException if it failed, for instance because the datagram is too long
    /// @throws IllegalStateException if the channel is connected to another address; see also the
    ///   class
    /// @throws IllegalArgumentException if the channel is in blocking mode, or the address not
    ///   resolved or of another kind than the channel
    public static int sendTo(DatagramChannel channel, ByteBuffer data, SocketAddress address)
            throws IOException {
        try (var use = ChannelUses.begin("sendTo", channel, OUT)) {
            checkResolved(address);
            var connectedTo = channel.isOpen() ? channel.getRemoteAddress() : null;
            if (connectedTo != null && !connectedTo.equals(address)) {
                throw new IllegalStateException(
                        channel + " cannot send to another address than its own: " + address);
            }
            use.letOthersRun();
            if (!data.hasRemaining()) {
                // An empty datagram that was sent and one for which there was no room look alike.
                use.awaitReady();
                use.moved(0);
                return channel.send(data, address);
            }
            while (true) {
                var sent = channel.send(data, address);
                use.moved(sent);
                if (sent > 0) {
                    return sent;
                }
                use.awaitReady();
            }
        }
    }

    /// Sends a part of a file. Suspends until the operating system has taken all of it. The bytes
    /// do not come through the heap, except where the file is not one of the default file system
    /// and cannot do that; then it is read in pieces of 256 KiB.
    ///
    /// Reading from the disk blocks the loop for a moment, of one piece at a time. Cancelled or
    /// failed, it may have sent a part, as [#sendAll(SocketChannel, ByteBuffer)].
    ///
    /// @param channel connected
    /// @param file open for reading; its position is neither used nor changed
    /// @param offset where to start, in bytes
    /// @param count how many bytes to send at most; the end of the file ends it too
    /// @return how many bytes were sent
    /// @throws ClosedChannelException if the channel is closed, or gets closed meanwhile
    /// @throws IOException if the file cannot be read, or the connection is broken
    /// @throws IllegalStateException if the channel is not connected; see also the class
    /// @throws IllegalArgumentException if the channel is in blocking mode, `offset` is negative,
    ///   or `count` is not positive
    public static long sendFile(SocketChannel channel, FileChannel file, long offset, long count)
            throws IOException {
        if (offset < 0 || count <= 0) {
            throw new IllegalArgumentException(
                    "sendFile needs offset >= 0 and count > 0, but offset was "
                            + offset
                            + " and count was "
                            + count);
        }
        try (var use = ChannelUses.begin("sendFile", channel, OUT)) {
            checkConnected(channel);
            var end = offset + Math.min(count, Math.max(0, file.size() - offset));
            var position = offset;
            while (position < end) {
                use.letOthersRun();
                var step = Math.min(end - position, MOST_BYTES);
                long sent;
                try {
                    sent = file.transferTo(position, step, channel);
                } catch (UnsupportedOperationException notByItself) {
                    return position - offset + sendCopied(channel, file, position, end, use);
                }
                use.moved(sent);
                position += sent;
                if (sent == 0) {
                    if (position >= file.size()) {
                        break; // the file was cut off meanwhile
                    }
                    use.awaitReady();
                }
            }
            return position - offset;
        }
    }

    private static long sendCopied(
            SocketChannel channel, FileChannel file, long start, long end, ChannelUse use)
            throws IOException {
        var buffer = ByteBuffer.allocateDirect((int) Math.min(end - start, MOST_BYTES));
        var position = start;
        while (position < end) {
            buffer.clear().limit((int) Math.min(end - position, buffer.capacity()));
            var count = file.read(buffer, position);
            if (count <= 0) {
                break; // the file was cut off meanwhile
            }
            sendAll(channel, buffer.flip(), use);
            position += count;
        }
        return position - start;
    }

    /// Closes a channel. Operations that wait for it end at once with a `ClosedChannelException`. A
    /// second call does nothing.
    ///
    /// @param channel the channel
    /// @throws IOException if closing fails; the operations end nevertheless
    /// @throws IllegalStateException if the channel belongs to a transport
    public static void close(SelectableChannel channel) throws IOException {
        var loop = EventLoop.current();
        loop.checkThread("Sockets.close");
        ChannelUses.refuseOwned(loop, channel);
        try {
            channel.close();
        } finally {
            ChannelUses.of(loop).wakeAll(channel);
        }
    }
}

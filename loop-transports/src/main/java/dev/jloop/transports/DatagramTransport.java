package dev.jloop.transports;

import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.nio.ByteBuffer;

/// An endpoint that sends and receives datagrams.
///
/// Sending never waits. A datagram is given to the network at once; what the network does not take
/// is queued. [Protocol#pauseWriting()] tells when the queue grows beyond the high-water mark, and
/// [Protocol#resumeWriting()] when it has shrunk to the low one. Who goes on nevertheless loses
/// datagrams: the queue has a bound, [DatagramOptions#withQueueBound(int)], and what would exceed
/// it is dropped, counted by [#droppedDatagrams()] and warned of in the log.
///
/// Datagrams queued leave in their order. An empty one is a datagram like any other.
///
/// What the network refuses, for instance because it is too large, is told to
/// [DatagramProtocol#errorReceived(IOException)], inside the call that sends where it is known
/// then; the endpoint goes on. After [#close()] and [#abort()] datagrams are dropped, with a
/// warning in the log from the fifth on.
///
/// **Threading:** loop thread only; in debug mode another thread gets a `WrongThreadException`.
///
/// The semantics are those of Python's `asyncio.DatagramTransport`.
///
/// @since 0.1
public interface DatagramTransport {
    /// Sends the remaining bytes of `data` as one datagram to the remote address of this endpoint,
    /// and moves its position to its limit. When this returns they were copied or sent, and the
    /// caller may reuse the memory.
    ///
    /// @param data the datagram, which may be empty
    /// @throws IllegalStateException if this endpoint was created without a remote address
    void send(ByteBuffer data);

    /// Sends the readable bytes of `data` as one datagram to the remote address of this endpoint,
    /// and takes over its ownership: the transport releases it, whatever happens. Nothing is copied
    /// on the way to the queue.
    ///
    /// @param data not to be used by the caller any more
    /// @throws IllegalStateException if this endpoint was created without a remote address; and if
    ///   `data` is only borrowed and was not retained, which leaves it untouched
    void send(ByteBuf data);

    /// Sends the remaining bytes of `data` as one datagram to an address, and moves its position to
    /// its limit. When this returns they were copied or sent, and the caller may reuse the memory.
    ///
    /// @param data the datagram, which may be empty
    /// @param address where to: an internet address with a port. A name has to be resolved before,
    ///   by `Network.of(loop).resolve(host)`
    /// @throws IllegalArgumentException if the address is unresolved, has port 0, is not an
    ///   internet address or cannot be reached from the local one because their families differ;
    ///   and if this endpoint was created with another remote address
    void sendTo(ByteBuffer data, SocketAddress address);

    /// Sends the readable bytes of `data` as one datagram to an address, and takes over its
    /// ownership: the transport releases it, whatever happens. Nothing is copied on the way to the
    /// queue.
    ///
    /// @param data not to be used by the caller any more
    /// @param address where to, as for [#sendTo(ByteBuffer, SocketAddress)]
    /// @throws IllegalArgumentException as for [#sendTo(ByteBuffer, SocketAddress)]
    /// @throws IllegalStateException if `data` is only borrowed and was not retained, which leaves
    ///   it untouched
    void sendTo(ByteBuf data, SocketAddress address);

    /// Stops receiving, sends everything queued, and then ends the endpoint:
    /// [Protocol#connectionLost(Throwable)] gets null. It never runs inside this call. A second
    /// call does nothing.
    void close();

    /// Ends the endpoint at once and drops what is queued: [Protocol#connectionLost(Throwable)]
    /// gets null on a later turn. A second call does nothing.
    void abort();

    /// {@return whether the endpoint is closing or has ended}
    boolean isClosing();

    /// Stops the calls of `datagramReceived` until [#resumeReading()]. Meanwhile the network keeps
    /// as many datagrams as fit its buffer, and drops the others. Calling it again does nothing,
    /// nor does calling it on a closing endpoint.
    void pauseReading();

    /// Undoes [#pauseReading()]. Calling it again does nothing, nor does calling it on a closing
    /// endpoint.
    void resumeReading();

    /// {@return whether the endpoint receives: false while reading is paused, and once it is
    /// closing}
    boolean isReading();

    /// Sets the two marks of flow control. More than `high` bytes queued pause the protocol's
    /// writing, `low` or fewer resume it; both at once where the new marks say so. The defaults are
    /// 64 KiB and 16 KiB, or a quarter and a sixteenth of the queue's bound where that is less.
    ///
    /// @param high in bytes, less than the bound of the queue; zero pauses whenever anything is
    ///   queued
    /// @param low in bytes, at most `high`
    /// @throws IllegalArgumentException if `low` is negative or above `high`, or if `high` is not
    ///   below the bound of the queue
    void setWriteBufferLimits(int high, int low);

    /// Sets the high-water mark, and the low-water mark to a quarter of it.
    ///
    /// @param high in bytes, less than the bound of the queue
    /// @throws IllegalArgumentException if `high` is negative or not below the bound of the queue
    default void setWriteBufferLimits(int high) {
        setWriteBufferLimits(high, high / 4);
    }

    /// {@return how many bytes are queued; each datagram counts 8 more than it has, as its header
    /// on the wire does, so that empty ones count too}
    long writeBufferSize();

    /// {@return how many datagrams were dropped because the queue was full}
    long droppedDatagrams();

    /// Receives what is sent to a group, in addition to what is sent to this endpoint, until
    /// [Membership#close()] or the end of the endpoint. The endpoint needs the port of the group as
    /// its local port, and best the wildcard address.
    ///
    /// @param group a multicast address
    /// @param via the interface on which to receive
    /// @return the membership, which leaves the group when it is closed
    /// @throws IOException if the group cannot be joined there
    /// @throws IllegalArgumentException if `group` is not a multicast address
    /// @throws IllegalStateException if the endpoint is closing, or is in the group already
    /// @throws UnsupportedOperationException if the network has no multicast
    Membership joinGroup(InetAddress group, NetworkInterface via) throws IOException;

    /// Receives what one sender sends to a group; otherwise as [#joinGroup(InetAddress,
    /// NetworkInterface)]. It may be called for several senders.
    ///
    /// @param group a multicast address
    /// @param via the interface on which to receive
    /// @param source the sender
    /// @return the membership, which leaves the group when it is closed
    /// @throws IOException if the group cannot be joined there
    /// @throws IllegalArgumentException if `group` is not a multicast address, or `source` is not
    ///   the address of a sender of the same family
    /// @throws IllegalStateException if the endpoint is closing, or is in the group already: with
    ///   this sender, or with all
    /// @throws UnsupportedOperationException if the network has no multicast of that kind
    Membership joinGroup(InetAddress group, NetworkInterface via, InetAddress source)
            throws IOException;

    /// {@return a piece of further information, or null where this endpoint has none of that kind}
    /// There are [Key#LOCAL_ADDRESS], on sockets [Key#CHANNEL], and [Key#PEER_ADDRESS] where the
    /// endpoint was created with a remote address.
    ///
    /// @param key which one
    /// @param <T> its type
    <T> @Nullable T extra(Key<T> key);
}

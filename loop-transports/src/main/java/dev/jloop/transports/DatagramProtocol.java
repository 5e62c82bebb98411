package dev.jloop.transports;

import io.netty.buffer.ByteBuf;

import java.io.IOException;
import java.net.SocketAddress;

/// A [Protocol] for datagrams: messages that come whole, or not at all, and in any order.
///
/// An endpoint calls, in this order: `connectionMade` once; `datagramReceived` and `errorReceived`
/// any number of times; `connectionLost` once. Nobody connects and nobody leaves: the names are
/// those of all protocols, and `connectionLost` means that this endpoint has ended.
///
/// The semantics are those of Python's `asyncio.DatagramProtocol`.
///
/// @since 0.1
public interface DatagramProtocol extends Protocol {
    /// Tells that the endpoint is there. It may pause reading, send and close already.
    ///
    /// What it throws is reported to the loop's exception handler, and the endpoint goes on.
    ///
    /// @param transport the endpoint
    default void connectionMade(DatagramTransport transport) {}

    /// Takes one datagram.
    ///
    /// The buffer is borrowed: it is valid during this call. Whoever wants to keep it calls
    /// `retain()` and later `release()`; nobody else releases it.
    ///
    /// What it throws is reported to the loop's exception handler, and the endpoint goes on: the
    /// datagram of one sender does not end the service for all others.
    ///
    /// @param data the whole datagram, which may be empty
    /// @param sender who sent it; the address to answer to
    void datagramReceived(ByteBuf data, SocketAddress sender);

    /// Tells that a datagram was not sent or not received, and why. The endpoint goes on. The
    /// message names the address and, where a datagram was to be sent, its size.
    ///
    /// Where receiving fails again and again, it is tried every 100 ms only, and told each time.
    ///
    /// An error that is known at once comes inside the call that sends, or on the next turn if that
    /// is made in here. A `java.net.PortUnreachableException` comes later, and only where the
    /// endpoint has a remote address: it means that nobody received a datagram sent there before.
    ///
    /// What it throws is reported to the loop's exception handler, and the endpoint goes on.
    ///
    /// @param error what happened
    default void errorReceived(IOException error) {}
}

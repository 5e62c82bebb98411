package dev.jloop.testkit;

import java.net.InetSocketAddress;
import java.net.SocketAddress;

/// What travels from one host of a [SimulatedNetwork] to another, for [PacketListener]s.
///
/// @param number counts the packets of a network, from 1 on
/// @param kind what it is for
/// @param fromHost the name of the host that sends it
/// @param from the address of the socket that sends it, an `InetSocketAddress`; of a Unix socket
///   one that tells no more than its path
/// @param toHost the name of the host it goes to
/// @param to the address of the socket it goes to, of the same kind
/// @param size bytes of user data, or by how much a [Kind#WINDOW] grows; 0 for other kinds
/// @since 0.1
public record Packet(
        long number,
        Kind kind,
        String fromHost,
        SocketAddress from,
        String toHost,
        SocketAddress to,
        int size) {
    /// What a packet is for.
    public enum Kind {
        /// Asks for a connection.
        SYN,
        /// Grants a connection.
        SYN_ACK,
        /// Completes a connection at the side that listens.
        ACK,
        /// Bytes of a stream.
        DATA,
        /// Says that bytes were read, so that as many more may be sent.
        WINDOW,
        /// The end of a stream.
        FIN,
        /// Refuses or resets a connection.
        RST,
        /// A datagram.
        DATAGRAM,
        /// Says that nobody receives datagrams there.
        UNREACHABLE
    }

    /// {@return whether it is part of a connection} Then, if it is lost, it is sent again until
    /// somebody gives up, except for a reset by which an end says that it is gone.
    public boolean isOfStream() {
        return kind != Kind.DATAGRAM && kind != Kind.UNREACHABLE;
    }

    /// {@return the port of the socket that sends it; -1 for a Unix socket}
    public int fromPort() {
        return from instanceof InetSocketAddress inet ? inet.getPort() : -1;
    }

    /// {@return the port of the socket it goes to; -1 for a Unix socket}
    public int toPort() {
        return to instanceof InetSocketAddress inet ? inet.getPort() : -1;
    }

    /// {@return whether it is part of a connection of Unix sockets, which no network carries}
    public boolean isOfUnixSocket() {
        return !(to instanceof InetSocketAddress);
    }

    /// {@return the packet in one line: number, kind, size, and both ends}
    @Override
    public String toString() {
        return "#"
                + number
                + " "
                + kind
                + (size > 0 ? " " + size + " bytes" : "")
                + " "
                + fromHost
                + " "
                + SimulatedAddresses.text(from)
                + " -> "
                + toHost
                + " "
                + SimulatedAddresses.text(to);
    }
}

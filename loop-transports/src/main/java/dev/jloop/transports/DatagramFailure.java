package dev.jloop.transports;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.PortUnreachableException;
import java.net.SocketAddress;
import java.net.SocketException;

/// The errors that a protocol for datagrams is told, with sizes, addresses and remedies.
final class DatagramFailure {
    /// What the operating system says of broadcasts without leave, and of low ports.
    static final String NOT_PERMITTED = "Permission denied";

    static final String ALLOW_BROADCAST =
            "; if that is a broadcast address, allow it with DatagramOptions.withBroadcast(true)";

    private static final int MOST_OVER_IPV4 = 65_507;

    private DatagramFailure() {}

    /// {@return why a datagram was not sent}
    static IOException notSent(int bytes, SocketAddress to, IOException cause) {
        var reason = reason(cause);
        return withCause(
                cause instanceof SocketException
                        ? new SocketException(notSent(bytes, to, reason))
                        : new IOException(notSent(bytes, to, reason)),
                cause);
    }

    private static String notSent(int bytes, SocketAddress to, String reason) {
        return "cannot send a datagram of "
                + bytes
                + (bytes == 1 ? " byte to " : " bytes to ")
                + Addresses.text(to)
                + ": "
                + reason
                + remedy(bytes, reason);
    }

    private static String remedy(int bytes, String reason) {
        if (bytes > MOST_OVER_IPV4) {
            return "; a datagram has at most 65,507 bytes over IPv4 and 65,527 over IPv6";
        }
        return reason.contains(NOT_PERMITTED) ? ALLOW_BROADCAST : "";
    }

    /// {@return why nothing was received now}
    static IOException notReceived(SocketAddress local, IOException cause) {
        var message = "cannot receive on " + Addresses.text(local) + ": " + reason(cause);
        return withCause(
                cause instanceof SocketException
                        ? new SocketException(message)
                        : new IOException(message),
                cause);
    }

    /// {@return what an endpoint learns of datagrams sent before}
    static IOException unreachable(@Nullable SocketAddress remote, IOException cause) {
        var where = remote == null ? "the remote address" : Addresses.text(remote);
        return withCause(
                new PortUnreachableException(
                        "an earlier datagram has reached nobody: no program receives on " + where),
                cause);
    }

    /// {@return that a datagram was dropped because it is longer than the options allow}
    static IOException tooLarge(SocketAddress sender, int largest) {
        return new IOException(
                "a datagram of "
                        + Addresses.text(sender)
                        + " was dropped, because it has more than "
                        + largest
                        + " bytes; raise DatagramOptions.withLargestReceived, whose default takes"
                        + " every datagram");
    }

    static String reason(IOException failure) {
        return failure.getMessage() == null ? failure.toString() : failure.getMessage();
    }

    private static IOException withCause(IOException failure, IOException cause) {
        failure.initCause(cause);
        return failure;
    }
}

package dev.jloop.transports;

import org.jspecify.annotations.Nullable;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Objects;

/// To whom an endpoint may send.
final class Recipients {
    static final String NOBODYS_ADDRESS =
            "the wildcard address is a place to receive on, and nobody's address; for this machine"
                    + " use InetAddress.getLoopbackAddress()";

    private final SocketAddress local;
    private final @Nullable SocketAddress remote;

    /// @param local the address of the endpoint
    /// @param remote where all its datagrams go, or null
    Recipients(SocketAddress local, @Nullable SocketAddress remote) {
        this.local = local;
        this.remote = remote;
    }

    /// {@return where all datagrams go, or null}
    @Nullable SocketAddress remote() {
        return remote;
    }

    /// {@return the one recipient of this endpoint}
    SocketAddress only() {
        if (remote == null) {
            throw new IllegalStateException(
                    "the endpoint on "
                            + Addresses.text(local)
                            + " has no remote address to send to; use sendTo(data, address), or"
                            + " create it with one");
        }
        return remote;
    }

    /// Refuses an address that no datagram of this endpoint can reach.
    void check(SocketAddress address) {
        Objects.requireNonNull(address, "address");
        if (remote == null) {
            checkUsable(address);
        } else if (!remote.equals(address)) {
            throw refused(
                    address,
                    "this endpoint was created for the remote address " + Addresses.text(remote));
        }
    }

    private void checkUsable(SocketAddress address) {
        if (!(address instanceof InetSocketAddress inet)) {
            throw refused(address, "datagrams go to internet addresses only");
        }
        var ip = inet.getAddress();
        if (ip == null) {
            throw refused(
                    address,
                    "it is not resolved; find the address of the host before, with"
                            + " Network.of(loop).resolve(\""
                            + inet.getHostString()
                            + "\")");
        }
        if (inet.getPort() == 0) {
            throw refused(address, "nobody can receive on port 0");
        }
        if (ip.isAnyLocalAddress()) {
            throw refused(address, NOBODYS_ADDRESS);
        }
        if (!sameFamily(local, ip)) {
            throw refused(
                    address,
                    "this endpoint is on "
                            + Addresses.text(local)
                            + ", an address of the other family; create it with a local address"
                            + " of the same family, or with the wildcard address, which serves"
                            + " both");
        }
    }

    /// {@return whether datagrams can go from one address to the other} The wildcard address is of
    /// both families.
    static boolean sameFamily(@Nullable SocketAddress local, InetAddress remote) {
        return !(local instanceof InetSocketAddress inet)
                || inet.getAddress() == null
                || inet.getAddress().isAnyLocalAddress()
                || inet.getAddress().getClass() == remote.getClass();
    }

    private static IllegalArgumentException refused(SocketAddress address, String reason) {
        return new IllegalArgumentException(
                "cannot send to " + Addresses.text(address) + ": " + reason);
    }
}

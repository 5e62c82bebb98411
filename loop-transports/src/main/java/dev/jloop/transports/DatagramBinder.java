package dev.jloop.transports;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.UnixDomainSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// Opens the link of an endpoint between the addresses that the user has given.
final class DatagramBinder {
    private final Network network;
    private final DatagramOptions options;

    /// A link, and where all its datagrams go, if that is one address.
    record Bound(Network.DatagramLink link, @Nullable SocketAddress remote) {}

    DatagramBinder(Network network, DatagramOptions options) {
        this.network = network;
        this.options = options;
    }

    /// Resolves the addresses, and opens a link with the first pair that works. May suspend.
    Bound open(@Nullable SocketAddress local, @Nullable SocketAddress remote) throws IOException {
        if (local == null && remote == null) {
            throw new IllegalArgumentException(
                    "neither a local nor a remote address was given; give the local one to receive"
                            + " on it, the remote one to talk to it, or both");
        }
        checkKind(local);
        checkKind(remote);
        if (remote instanceof InetSocketAddress inet && inet.getPort() == 0) {
            throw new IllegalArgumentException(
                    "the remote address " + Addresses.text(inet) + " has port 0; give the port");
        }
        if (remote instanceof InetSocketAddress inet
                && inet.getAddress() != null
                && inet.getAddress().isAnyLocalAddress()) {
            throw new IllegalArgumentException(
                    "the remote address is "
                            + Addresses.text(inet)
                            + ": "
                            + Recipients.NOBODYS_ADDRESS);
        }
        return openFirst(pairs(local, remote));
    }

    private static void checkKind(@Nullable SocketAddress address) {
        if (address instanceof UnixDomainSocketAddress) {
            throw new UnsupportedOperationException(
                    "there are no datagrams over the Unix socket "
                            + address
                            + ", because the JDK has none; use UDP on the loopback interface, or"
                            + " Net.createConnection and createServer, which serve Unix sockets");
        }
    }

    /// One attempt.
    private record Pair(@Nullable SocketAddress local, @Nullable SocketAddress remote) {
        boolean isOfOneFamily() {
            return !(remote instanceof InetSocketAddress inet)
                    || Recipients.sameFamily(local, inet.getAddress());
        }

        @Override
        public String toString() {
            return (local == null ? "" : " on " + Addresses.text(local))
                    + (remote == null ? "" : " to " + Addresses.text(remote));
        }
    }

    private List<Pair> pairs(@Nullable SocketAddress local, @Nullable SocketAddress remote)
            throws IOException {
        var pairs = new ArrayList<Pair>();
        for (var to : resolve(remote)) {
            for (var from : resolve(local)) {
                var pair = new Pair(from, to);
                if (pair.isOfOneFamily()) {
                    pairs.add(pair);
                }
            }
        }
        if (pairs.isEmpty()) {
            throw new SocketException(
                    "cannot open a datagram endpoint"
                            + new Pair(local, remote)
                            + ": one of the addresses is of IPv4 and the other of IPv6");
        }
        return pairs;
    }

    private List<@Nullable SocketAddress> resolve(@Nullable SocketAddress address)
            throws IOException {
        if (!(address instanceof InetSocketAddress inet) || !inet.isUnresolved()) {
            return Collections.singletonList(address);
        }
        var resolved = new ArrayList<@Nullable SocketAddress>();
        for (var ip : Addresses.of(network, inet.getHostString())) {
            resolved.add(new InetSocketAddress(ip, inet.getPort()));
        }
        return Collections.unmodifiableList(resolved);
    }

    private Bound openFirst(List<Pair> pairs) throws IOException {
        IOException first = null;
        for (var pair : pairs) {
            try {
                return open(pair);
            } catch (IOException failure) {
                if (first == null) {
                    first = failure;
                } else {
                    first.addSuppressed(failure);
                }
            }
        }
        throw first == null ? new IOException("no address to open a datagram endpoint on") : first;
    }

    /// An endpoint for broadcast is not connected: those who answer do so from other addresses.
    private Bound open(Pair pair) throws IOException {
        var connectTo = options.broadcast() ? null : pair.remote();
        try {
            return new Bound(network.bindDatagram(pair.local(), connectTo, options), pair.remote());
        } catch (IOException failure) {
            throw explained(pair, failure);
        }
    }

    private static IOException explained(Pair pair, IOException failure) {
        var message =
                "cannot open a datagram endpoint"
                        + pair
                        + ": "
                        + DatagramFailure.reason(failure)
                        + remedy(pair, failure);
        var explained =
                switch (failure) {
                    case BindException _ -> new BindException(message);
                    case SocketException _ -> new SocketException(message);
                    default -> new IOException(message);
                };
        explained.initCause(failure);
        return explained;
    }

    private static String remedy(Pair pair, IOException failure) {
        if (!(failure instanceof BindException)) {
            return "";
        }
        var reason = DatagramFailure.reason(failure);
        if (reason.contains("in use")) {
            return "; another program has the local address: choose another port (0 takes any free"
                    + " one), or share it with DatagramOptions.withReusePort(true) on both sides";
        }
        if (reason.contains(DatagramFailure.NOT_PERMITTED)) {
            return pair.remote() == null
                    ? "; the system may keep low ports to itself: choose another local port"
                    : DatagramFailure.ALLOW_BROADCAST;
        }
        return "; use a local address of this machine";
    }
}

package dev.jloop.transports;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.List;

/// Addresses in the form people write them.
final class Addresses {
    private Addresses() {}

    /// {@return `127.0.0.1:80`, `[::1]:80`, `example.org:80` where unresolved, or the path of a
    /// Unix socket}
    static String text(SocketAddress address) {
        if (!(address instanceof InetSocketAddress inet)) {
            return address.toString();
        }
        var ip = inet.getAddress();
        if (ip == null) {
            return text(inet.getHostString(), inet.getPort());
        }
        return ip instanceof Inet6Address
                ? "[" + ip.getHostAddress() + "]:" + inet.getPort()
                : ip.getHostAddress() + ":" + inet.getPort();
    }

    static String text(String host, int port) {
        return host.contains(":") && !host.startsWith("[")
                ? "[" + host + "]:" + port
                : host + ":" + port;
    }

    /// {@return the address that is written there, or null for a name}
    static @Nullable InetAddress literal(String host) {
        try {
            return InetAddress.ofLiteral(host);
        } catch (IllegalArgumentException notALiteral) {
            return null;
        }
    }

    /// Suspends.
    ///
    /// @return at least one address
    static List<InetAddress> of(Network network, String host) throws IOException {
        var found = network.resolve(host);
        if (found.isEmpty()) {
            throw new UnknownHostException(
                    "cannot resolve host '" + host + "': the resolver gave no address");
        }
        return found;
    }
}

package dev.jloop.transports;

import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

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
        return host.contains(":") ? "[" + host + "]:" + port : host + ":" + port;
    }
}

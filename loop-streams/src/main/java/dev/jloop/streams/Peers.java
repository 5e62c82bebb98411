package dev.jloop.streams;

import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/// Addresses as people write them.
final class Peers {
    private Peers() {}

    /// {@return `127.0.0.1:5123` or `[::1]:5123`; other kinds as they print}
    static String text(SocketAddress address) {
        if (!(address instanceof InetSocketAddress inet) || inet.getAddress() == null) {
            return address.toString();
        }
        var ip = inet.getAddress();
        return ip instanceof Inet6Address
                ? "[" + ip.getHostAddress() + "]:" + inet.getPort()
                : ip.getHostAddress() + ":" + inet.getPort();
    }
}

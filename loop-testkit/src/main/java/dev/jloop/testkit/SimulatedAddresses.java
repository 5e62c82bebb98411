package dev.jloop.testkit;

import org.jspecify.annotations.Nullable;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;

/// Addresses of a [SimulatedNetwork], and what they mean.
final class SimulatedAddresses {
    static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
    static final InetAddress ANY = InetAddress.ofLiteral("0.0.0.0");
    static final InetAddress BROADCAST = InetAddress.ofLiteral("255.255.255.255");
    private static final InetAddress LOOPBACK_6 = InetAddress.ofLiteral("::1");
    private static final int HOSTS_PER_NET = 254;

    private SimulatedAddresses() {}

    /// {@return the address of the n-th host: 10.0.0.1, 10.0.0.2 and so on}
    ///
    /// @param number from 0 on
    static InetAddress ofHost(int number) {
        var net = number / HOSTS_PER_NET;
        return InetAddress.ofLiteral(
                "10." + net / 256 + "." + net % 256 + "." + (number % HOSTS_PER_NET + 1));
    }

    /// {@return the loopback address of the family of `like`}
    static InetAddress loopbackLike(InetAddress like) {
        return like instanceof Inet6Address ? LOOPBACK_6 : LOOPBACK;
    }

    /// {@return where whoever connects or sends to an address gets: from a wildcard to the host
    /// itself, by the loopback address of its family}
    static InetSocketAddress target(SocketAddress address) throws SocketException {
        var inet = checked(address);
        return inet.getAddress().isAnyLocalAddress()
                ? new InetSocketAddress(loopbackLike(inet.getAddress()), inet.getPort())
                : inet;
    }

    /// {@return whether it is a broadcast or multicast address}
    static boolean isForMany(SocketAddress address) {
        return address instanceof InetSocketAddress inet
                && (inet.getAddress().isMulticastAddress() || inet.getAddress().equals(BROADCAST));
    }

    static @Nullable InetAddress literal(String host) {
        try {
            return InetAddress.ofLiteral(host);
        } catch (IllegalArgumentException notALiteral) {
            return null;
        }
    }

    static boolean sameFamily(InetAddress one, InetAddress other) {
        return one instanceof Inet4Address == other instanceof Inet4Address;
    }

    /// {@return the resolved internet address that this has to be}
    static InetSocketAddress checked(SocketAddress address) throws SocketException {
        if (address instanceof InetSocketAddress inet && inet.getAddress() != null) {
            return inet;
        }
        throw new SocketException(
                "unusable address: the simulated network takes resolved internet addresses, and for"
                        + " connections those of Unix sockets, but not "
                        + address
                        + " here");
    }

    static String text(SocketAddress address) {
        if (!(address instanceof InetSocketAddress inet)) {
            return address.toString();
        }
        var ip = inet.getAddress();
        return ip instanceof Inet6Address
                ? "[" + ip.getHostAddress() + "]:" + inet.getPort()
                : ip.getHostAddress() + ":" + inet.getPort();
    }
}

package dev.jloop.transports;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// The addresses of this machine that a connection may start from.
final class LocalAddresses {
    private final List<SocketAddress> addresses;

    private LocalAddresses(List<SocketAddress> addresses) {
        this.addresses = addresses;
    }

    /// Suspends where a name has to be resolved.
    ///
    /// @param asked none for any address
    static LocalAddresses resolved(Network network, List<SocketAddress> asked) throws IOException {
        var resolved = new ArrayList<SocketAddress>();
        for (var address : asked) {
            if (address instanceof InetSocketAddress inet && inet.isUnresolved()) {
                for (var ip : Addresses.of(network, inet.getHostString())) {
                    resolved.add(new InetSocketAddress(ip, inet.getPort()));
                }
            } else {
                resolved.add(address);
            }
        }
        return new LocalAddresses(List.copyOf(resolved));
    }

    /// {@return those that may lead to `remote`, in order; one null, which means any, where none
    /// was asked for; empty where none fits}
    List<@Nullable SocketAddress> leadingTo(SocketAddress remote) {
        var fitting = new ArrayList<@Nullable SocketAddress>();
        if (addresses.isEmpty()) {
            fitting.add(null);
        }
        for (var local : addresses) {
            if (fits(local, remote)) {
                fitting.add(local);
            }
        }
        return fitting;
    }

    /// {@return whether two attempts at once could get into each other's way}
    boolean haveFixedPort() {
        return addresses.stream()
                .anyMatch(local -> local instanceof InetSocketAddress inet && inet.getPort() != 0);
    }

    String text() {
        return addresses.stream().map(Addresses::text).collect(Collectors.joining(", "));
    }

    private static boolean fits(SocketAddress local, SocketAddress remote) {
        if (local instanceof InetSocketAddress here && remote instanceof InetSocketAddress there) {
            InetAddress ip = here.getAddress();
            // The wildcard of one family stands for both.
            return ip.isAnyLocalAddress() || ip.getClass() == there.getAddress().getClass();
        }
        return local.getClass() == remote.getClass();
    }
}

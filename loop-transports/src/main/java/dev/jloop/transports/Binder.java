package dev.jloop.transports;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.net.BindException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.UnsupportedAddressTypeException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// Listens on all of several addresses, or on none.
final class Binder {
    private static final Logger LOG = LoggerFactory.getLogger(Binder.class);

    private static final int LONG_UNIX_PATH = 100;

    private final Network network;
    private final ListenOptions options;
    private final List<Network.Listener> listeners = new ArrayList<>();

    /// The ports on which this server listens on all interfaces, as they were asked for.
    private final Set<Integer> portsOfAllInterfaces = new HashSet<>();

    Binder(Network network, ListenOptions options) {
        this.network = network;
        this.options = options;
    }

    /// Listens on addresses that the user has named one by one. May suspend.
    List<Network.Listener> listenOn(List<? extends SocketAddress> addresses) throws IOException {
        if (addresses.isEmpty()) {
            throw new IllegalArgumentException("no address to listen on was given");
        }
        return allOrNone(() -> {
            for (var address : new LinkedHashSet<>(addresses)) {
                for (var resolved : resolve(address)) {
                    listen(resolved);
                }
            }
        });
    }

    /// Listens on the addresses of hosts. Addresses of version 6 are left out where the machine has
    /// none, as long as another address is left. May suspend.
    List<Network.Listener> listenOn(List<String> hosts, int port) throws IOException {
        if (hosts.isEmpty()) {
            throw new IllegalArgumentException(
                    "no host to listen on was given; use \"\" for all interfaces");
        }
        return allOrNone(() -> {
            SocketException leftOut = null;
            for (var address : resolve(hosts, port)) {
                try {
                    listen(address);
                } catch (SocketException failure) {
                    if (!isMissingFamily(address, failure)) {
                        throw failure;
                    }
                    LOG.debug("left out {}", Addresses.text(address), failure);
                    leftOut = failure;
                }
            }
            if (listeners.isEmpty() && leftOut != null) {
                throw leftOut;
            }
        });
    }

    private Set<InetSocketAddress> resolve(List<String> hosts, int port) throws IOException {
        var addresses = new LinkedHashSet<InetSocketAddress>();
        for (var host : hosts) {
            if (host.isEmpty()) {
                addresses.add(new InetSocketAddress(port));
            } else {
                Addresses.of(network, host)
                        .forEach(ip -> addresses.add(new InetSocketAddress(ip, port)));
            }
        }
        return addresses;
    }

    private List<? extends SocketAddress> resolve(SocketAddress address) throws IOException {
        return address instanceof InetSocketAddress inet && inet.isUnresolved()
                ? List.copyOf(resolve(List.of(inet.getHostString()), inet.getPort()))
                : List.of(address);
    }

    private static boolean isMissingFamily(InetSocketAddress address, SocketException failure) {
        return address.getAddress() instanceof Inet6Address
                && switch (failure.getCause()) {
                    case BindException bind -> !isInUse(bind);
                    // A JDK that found no IPv6 at its start refuses such addresses.
                    case SocketException unusable ->
                            unusable.getCause() instanceof UnsupportedAddressTypeException;
                    case null, default -> false;
                };
    }

    /// The JDK binds the address of all interfaces of either version for both, where the machine
    /// has both, so that a second one has nothing left to listen to.
    private void listen(SocketAddress address) throws IOException {
        if (address instanceof InetSocketAddress inet
                && isAnyAddress(inet)
                && portsOfAllInterfaces.contains(inet.getPort())) {
            LOG.debug("{} is served already", Addresses.text(address));
            return;
        }
        try {
            listeners.add(network.listen(address, options));
            if (address instanceof InetSocketAddress inet && isAnyAddress(inet)) {
                portsOfAllInterfaces.add(inet.getPort());
            }
        } catch (IOException failure) {
            throw explained(address, failure);
        }
    }

    private static IOException explained(SocketAddress address, IOException failure) {
        var start = "cannot listen on " + Addresses.text(address) + ": " + failure.getMessage();
        var explained =
                switch (failure) {
                    case BindException bind ->
                            new BindException(
                                    start
                                            + "; "
                                            + (isInUse(bind)
                                                    ? remedyForUse(address)
                                                    : "use an address of this machine"));
                    case SocketException _ -> new SocketException(start + remedyForLength(address));
                    default -> new IOException(start);
                };
        explained.initCause(failure);
        return explained;
    }

    private static String remedyForUse(SocketAddress address) {
        if (!(address instanceof InetSocketAddress)) {
            return "another server listens there, or the file is none of a socket that may be"
                    + " cleaned up: stop the server, or delete the file";
        }
        return "another server has this address: stop it, or choose another port (0 takes any free"
                + " one)";
    }

    /// Systems allow a path some hundred bytes, however deep folders may be.
    private static String remedyForLength(SocketAddress address) {
        if (!(address instanceof UnixDomainSocketAddress unix)) {
            return "";
        }
        var bytes = unix.toString().getBytes(UTF_8).length;
        return bytes < LONG_UNIX_PATH
                ? ""
                : "; the path has "
                        + bytes
                        + " bytes, and the system allows about "
                        + LONG_UNIX_PATH
                        + ": use a shorter one, or a relative one";
    }

    private static boolean isAnyAddress(InetSocketAddress address) {
        return address.getAddress() != null && address.getAddress().isAnyLocalAddress();
    }

    private static boolean isInUse(BindException failure) {
        return String.valueOf(failure.getMessage()).contains("in use");
    }

    /// Work that fills [#listeners].
    @FunctionalInterface
    private interface Listening {
        void run() throws IOException;
    }

    private List<Network.Listener> allOrNone(Listening work) throws IOException {
        var complete = false;
        try {
            work.run();
            complete = true;
            return listeners;
        } finally {
            if (!complete) {
                listeners.forEach(Network.Listener::close);
            }
        }
    }
}

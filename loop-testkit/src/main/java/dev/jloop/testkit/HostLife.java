package dev.jloop.testkit;

import dev.jloop.transports.ListenOptions;

import org.jspecify.annotations.Nullable;

import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.UnixDomainSocketAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;

/// A host from its start to its crash, with the sockets it has.
final class HostLife {
    private record Ends(SocketAddress local, SocketAddress remote) {}

    private final SimulatedHost host;
    private final Map<Ends, SimulatedLink> links = new LinkedHashMap<>();
    private final List<SimulatedListener> listeners = new ArrayList<>();
    private final List<SimulatedDatagramLink> datagrams = new ArrayList<>();
    private final ForegroundTimers timers = new ForegroundTimers();
    private boolean down;

    HostLife(SimulatedHost host) {
        this.host = host;
    }

    SimulatedHost host() {
        return host;
    }

    boolean isDown() {
        return down;
    }

    /// The timers set by code on this host.
    ForegroundTimers timers() {
        return timers;
    }

    /// Ends all sockets, without a word to anyone.
    void end() {
        down = true;
        links.values().forEach(SimulatedLink::vanish);
        listeners.forEach(SimulatedListener::vanish);
        datagrams.forEach(SimulatedDatagramLink::vanish);
        links.clear();
        listeners.clear();
        datagrams.clear();
    }

    void add(SimulatedLink link) {
        if (!down) {
            links.put(new Ends(link.localEnd(), link.remoteEnd()), link);
        }
    }

    void remove(SimulatedLink link) {
        links.remove(new Ends(link.localEnd(), link.remoteEnd()), link);
    }

    /// Starts to listen. On a host that has crashed nobody ever connects.
    ///
    /// @throws SocketException if the address cannot be used
    SimulatedListener listen(SocketAddress at, ListenOptions options) throws SocketException {
        var network = host.network();
        var end =
                at instanceof UnixDomainSocketAddress unix
                        ? UnixFiles.checked(UnixEnd.ofServer(unix))
                        : bindListener(SimulatedAddresses.checked(at), options.reusePort());
        var listener = new SimulatedListener(network, this, end, options);
        if (!down) {
            if (end instanceof UnixEnd unix) {
                host.files().make(unix, listener, options.cleanupSocket());
            }
            listeners.add(listener);
        }
        return listener;
    }

    void add(SimulatedDatagramLink endpoint) {
        if (!down) {
            datagrams.add(endpoint);
        }
    }

    void remove(SimulatedDatagramLink endpoint) {
        datagrams.remove(endpoint);
    }

    List<SimulatedDatagramLink> datagrams() {
        return datagrams;
    }

    /// {@return who receives a datagram: everyone in a multicast group, everyone for a broadcast,
    /// else one}
    List<SimulatedDatagramLink> receivers(Packet packet) {
        if (packet.to() instanceof InetSocketAddress to
                && to.getAddress().equals(SimulatedAddresses.BROADCAST)) {
            return datagrams.stream().filter(each -> each.fit(packet) > 0).toList();
        }
        if (packet.to() instanceof InetSocketAddress to && to.getAddress().isMulticastAddress()) {
            return datagrams.stream().filter(each -> each.hears(packet)).toList();
        }
        var one = receiver(packet);
        return one == null ? List.of() : List.of(one);
    }

    /// {@return whether somebody here is in a multicast group}
    boolean hasMember(InetAddress group) {
        return datagrams.stream().anyMatch(each -> each.isIn(group));
    }

    /// {@return who receives a datagram, or null} Of several that share a port and fit equally
    /// well, the sender's address chooses one.
    private @Nullable SimulatedDatagramLink receiver(Packet packet) {
        var best = datagrams.stream().mapToInt(each -> each.fit(packet)).max().orElse(0);
        var fitting = datagrams.stream().filter(each -> each.fit(packet) == best).toList();
        return best == 0
                ? null
                : fitting.get(Math.floorMod(packet.from().hashCode(), fitting.size()));
    }

    /// {@return `asked` with an actual port}
    ///
    /// @param sharesPort whether others that share it may have the port
    /// @throws BindException if it is in use, or not of this host
    InetSocketAddress bindDatagrams(InetSocketAddress asked, boolean sharesPort)
            throws BindException {
        if (!asked.getAddress().isMulticastAddress()) {
            checkLocal(asked.getAddress());
        }
        if (asked.getPort() == 0) {
            var port =
                    freePort(used ->
                            datagrams.stream()
                                    .anyMatch(each -> each.localAddress().getPort() == used));
            return new InetSocketAddress(asked.getAddress(), port);
        }
        for (var other : datagrams) {
            if (conflict(other.localAddress(), asked) && !(sharesPort && other.sharesPort())) {
                throw new BindException("Address already in use");
            }
        }
        return asked;
    }

    void remove(SimulatedListener listener) {
        listeners.remove(listener);
    }

    Collection<SimulatedLink> links() {
        return links.values();
    }

    /// {@return the end of a connection with these addresses, or null}
    @Nullable SimulatedLink link(SocketAddress local, SocketAddress remote) {
        return links.get(new Ends(local, remote));
    }

    /// {@return the end of one particular connection, or null}
    @Nullable SimulatedLink link(SocketAddress local, SocketAddress remote, long connection) {
        var link = link(local, remote);
        return link != null && link.connection() == connection ? link : null;
    }

    /// {@return who listens where a connection is asked for, or null} An exact address comes before
    /// a wildcard of its family, and that before one of the other family. Of several that share a
    /// port and fit equally well, the address of whoever connects chooses one.
    @Nullable SimulatedListener listener(Packet asking) {
        if (asking.to() instanceof UnixEnd unix) {
            return host.files().listener(unix);
        }
        var best =
                listeners.stream().mapToInt(each -> fit(each.end(), asking.to())).max().orElse(0);
        if (best == 0) {
            return null;
        }
        var fitting =
                listeners.stream().filter(each -> fit(each.end(), asking.to()) == best).toList();
        return fitting.get(Math.floorMod(asking.from().hashCode(), fitting.size()));
    }

    /// {@return how well what was sent to `to` fits who is bound to `at`; 0 if it is not for him}
    static int fit(SocketAddress at, SocketAddress to) {
        return at instanceof InetSocketAddress bound && to instanceof InetSocketAddress inet
                ? fit(bound, inet)
                : 0;
    }

    private static int fit(InetSocketAddress bound, InetSocketAddress at) {
        if (bound.getPort() != at.getPort()) {
            return 0;
        }
        var ip = bound.getAddress();
        if (ip.equals(at.getAddress())) {
            return 3;
        }
        if (!ip.isAnyLocalAddress()) {
            return 0;
        }
        // As with the sockets of the JDK, either wildcard serves both families.
        return SimulatedAddresses.sameFamily(ip, at.getAddress()) ? 2 : 1;
    }

    /// {@return `asked` with an actual port}
    ///
    /// @throws BindException if it is in use, or not of this host
    private InetSocketAddress bindListener(InetSocketAddress asked, boolean sharesPort)
            throws BindException {
        checkLocal(asked.getAddress());
        if (asked.getPort() == 0) {
            return new InetSocketAddress(asked.getAddress(), freePort(this::isPortUsed));
        }
        var taken =
                listeners.stream()
                                .filter(other -> !(sharesPort && other.sharesPort()))
                                .anyMatch(other -> conflict(other.end(), asked))
                        || links.values().stream()
                                .anyMatch(link ->
                                        link.ownsPort() && conflict(link.localEnd(), asked));
        if (taken) {
            throw new BindException("Address already in use");
        }
        return asked;
    }

    /// {@return where a connection to `remote` starts}
    ///
    /// @param asked null for any address
    /// @param ip the address of this host that leads there
    InetSocketAddress bindConnection(
            @Nullable InetSocketAddress asked, InetAddress ip, InetSocketAddress remote)
            throws BindException {
        if (asked == null) {
            return new InetSocketAddress(ip, freePort(this::isPortUsed));
        }
        checkLocal(asked.getAddress());
        var from = asked.getAddress().isAnyLocalAddress() ? ip : asked.getAddress();
        if (asked.getPort() == 0) {
            return new InetSocketAddress(from, freePort(this::isPortUsed));
        }
        var local = new InetSocketAddress(from, asked.getPort());
        if (link(local, remote) != null
                || listeners.stream().anyMatch(other -> conflict(other.end(), local))) {
            throw new BindException("Address already in use");
        }
        return local;
    }

    void checkLocal(InetAddress ip) throws BindException {
        if (!ip.isAnyLocalAddress() && !ip.isLoopbackAddress() && !host.addresses().contains(ip)) {
            throw new BindException("Cannot assign requested address");
        }
    }

    private static boolean conflict(SocketAddress address, InetSocketAddress other) {
        return address instanceof InetSocketAddress one && conflict(one, other);
    }

    private static boolean conflict(InetSocketAddress one, InetSocketAddress other) {
        if (one.getPort() != other.getPort()) {
            return false;
        }
        return one.getAddress().isAnyLocalAddress()
                || other.getAddress().isAnyLocalAddress()
                || one.getAddress().equals(other.getAddress());
    }

    private boolean isPortUsed(int port) {
        return listeners.stream().anyMatch(each -> hasPort(each.end(), port))
                || links.values().stream().anyMatch(each -> hasPort(each.localEnd(), port));
    }

    private static boolean hasPort(SocketAddress end, int port) {
        return end instanceof InetSocketAddress inet && inet.getPort() == port;
    }

    void describe(List<String> text) {
        listeners.forEach(each -> text.add("    " + each + ", waiting " + each.waiting()));
        links.values().forEach(each -> text.add("    " + each.describe()));
        datagrams.forEach(each -> text.add("    " + each.describe()));
    }

    private int freePort(IntPredicate used) throws BindException {
        return host.ports()
                .take(used)
                .orElseThrow(() ->
                        new BindException(
                                "Address already in use: host "
                                        + host.name()
                                        + " has no free port left"));
    }
}

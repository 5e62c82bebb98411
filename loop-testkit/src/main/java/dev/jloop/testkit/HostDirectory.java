package dev.jloop.testkit;

import org.jspecify.annotations.Nullable;

import java.net.InetAddress;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The hosts of a network, with their names and addresses.
final class HostDirectory {
    private final SimulatedNetwork network;
    private final Map<String, SimulatedHost> hosts = new LinkedHashMap<>();
    private final Map<String, List<InetAddress>> names = new LinkedHashMap<>();
    private final Map<InetAddress, SimulatedHost> owners = new LinkedHashMap<>();

    HostDirectory(SimulatedNetwork network) {
        this.network = network;
        add(HostContext.DEFAULT_HOST);
    }

    SimulatedHost findOrAdd(String name) {
        var known = hosts.get(name);
        if (known != null) {
            return known;
        }
        if (!name.matches("[A-Za-z0-9._-]+")
                || name.equals("localhost")
                || names.containsKey(name)
                || SimulatedAddresses.literal(name) != null) {
            throw new IllegalArgumentException(
                    "a host needs a name of letters, digits, dots, hyphens and underscores that"
                            + " stands for nothing else, and was to be named '"
                            + name
                            + "'");
        }
        return add(name);
    }

    private SimulatedHost add(String name) {
        var address = SimulatedAddresses.ofHost(hosts.size());
        var host = new SimulatedHost(network, name, address);
        claim(address, host);
        hosts.put(name, host);
        return host;
    }

    void claim(InetAddress address, SimulatedHost host) {
        if (address.isAnyLocalAddress()
                || address.isLoopbackAddress()
                || address.isMulticastAddress()
                || address.equals(SimulatedAddresses.BROADCAST)
                || owners.containsKey(address)) {
            throw new IllegalArgumentException(
                    host
                            + " needs an address of its own, and no wildcard, loopback, broadcast"
                            + " or multicast address: "
                            + address.getHostAddress());
        }
        owners.put(address, host);
    }

    void addName(String name, InetAddress... addresses) {
        if (addresses.length == 0
                || hosts.containsKey(name)
                || name.equals("localhost")
                || SimulatedAddresses.literal(name) != null) { // which stands for itself already
            throw new IllegalArgumentException(
                    "a further name needs at least one address, and must not be that of a host or"
                            + " an address itself: '"
                            + name
                            + "', "
                            + Arrays.toString(addresses));
        }
        names.put(name, List.of(addresses));
    }

    SimulatedHost known(String name) {
        var host = hosts.get(name);
        if (host == null) {
            throw new IllegalArgumentException(
                    "there is no host '" + name + "', only " + hosts.keySet());
        }
        return host;
    }

    SimulatedHost defaultHost() {
        return known(HostContext.DEFAULT_HOST);
    }

    Collection<SimulatedHost> all() {
        return hosts.values();
    }

    /// {@return whose address it is, seen from `host`; null if nobody's}
    @Nullable SimulatedHost ownerOf(InetAddress ip, SimulatedHost host) {
        return ip.isLoopbackAddress() || ip.isAnyLocalAddress() ? host : owners.get(ip);
    }

    /// {@return the address of `host` from which `target` is reached}
    InetAddress addressTo(InetAddress target, SimulatedHost host) throws NoRouteToHostException {
        if (target.equals(SimulatedAddresses.BROADCAST)) {
            return host.addresses().getFirst();
        }
        var own =
                target.isMulticastAddress() || ownerOf(target, host) != null
                        ? host.addressTo(target)
                        : null;
        if (own == null) {
            throw new NoRouteToHostException("No route to host");
        }
        return own;
    }

    List<InetAddress> resolve(String name) throws UnknownHostException {
        var literal = SimulatedAddresses.literal(name);
        if (literal != null) {
            return List.of(literal);
        }
        if (name.equals("localhost")) {
            return List.of(SimulatedAddresses.LOOPBACK);
        }
        var known = hosts.get(name);
        var found = known == null ? names.get(name) : known.addresses();
        if (found == null) {
            throw new UnknownHostException(
                    name + ": the simulated network has the hosts " + hosts.keySet() + " only");
        }
        return found;
    }

    String nameOf(InetAddress address, SimulatedHost here) throws UnknownHostException {
        var host = ownerOf(address, here);
        if (host == null) {
            throw new UnknownHostException(
                    "cannot find the name of "
                            + address.getHostAddress()
                            + ": no host of the simulated network has this address");
        }
        return host.name();
    }

    @Override
    public String toString() {
        return hosts.keySet().toString();
    }
}

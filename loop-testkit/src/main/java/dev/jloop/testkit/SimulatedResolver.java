package dev.jloop.testkit;

import dev.jloop.transports.Resolver;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/// The names of a [SimulatedNetwork].
final class SimulatedResolver implements Resolver {
    private final SimulatedNetwork network;

    SimulatedResolver(SimulatedNetwork network) {
        this.network = network;
    }

    @Override
    public List<InetAddress> resolve(String host) throws IOException {
        return network.resolve(host);
    }

    @Override
    public String nameOf(InetAddress address) throws UnknownHostException {
        return network.nameOf(address);
    }
}

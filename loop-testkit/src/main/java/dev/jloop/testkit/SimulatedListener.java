package dev.jloop.testkit;

import dev.jloop.transports.Network;

import org.jspecify.annotations.Nullable;

import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// An address of a host on which connections wait to be accepted.
final class SimulatedListener implements Network.Listener {
    private final HostLife life;
    private final InetSocketAddress address;
    private final int backlog;
    private final ArrayDeque<SimulatedLink> waiting = new ArrayDeque<>();

    /// Asked for, but not complete yet.
    private final Set<SimulatedLink> arriving = new LinkedHashSet<>();

    private final Watch reader;

    SimulatedListener(
            SimulatedNetwork network, HostLife life, InetSocketAddress address, int backlog) {
        this.life = life;
        this.address = address;
        this.backlog = backlog;
        reader = new Watch(network.loop(), () -> !waiting.isEmpty());
        life.add(this);
    }

    boolean isFull() {
        return waiting.size() + arriving.size() >= backlog;
    }

    int waiting() {
        return waiting.size();
    }

    void arriving(SimulatedLink link) {
        arriving.add(link);
    }

    void complete(SimulatedLink link) {
        if (arriving.remove(link)) {
            waiting.add(link);
            reader.check();
        }
    }

    /// Forgets a connection that ended before it was complete. One that waits is accepted, and
    /// tells of its end.
    void forget(SimulatedLink link) {
        arriving.remove(link);
    }

    @Override
    public InetSocketAddress address() {
        return address;
    }

    @Override
    public Network.@Nullable Link accept() {
        return waiting.poll();
    }

    @Override
    public void addReader(Runnable callback) {
        reader.start(callback);
    }

    @Override
    public void removeReader() {
        reader.stop();
    }

    @Override
    public void close() {
        reader.end();
        life.remove(this);
        waiting.forEach(SimulatedLink::reset);
        List.copyOf(arriving).forEach(SimulatedLink::reset);
        waiting.clear();
        arriving.clear();
    }

    /// Ends with its host.
    void vanish() {
        reader.end();
        waiting.clear();
        arriving.clear();
    }

    @Override
    public String toString() {
        return "listener on " + SimulatedAddresses.text(address);
    }
}

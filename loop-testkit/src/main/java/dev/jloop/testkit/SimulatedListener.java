package dev.jloop.testkit;

import dev.jloop.transports.ListenOptions;
import dev.jloop.transports.Network;

import org.jspecify.annotations.Nullable;

import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// An address of a host on which connections wait to be accepted.
final class SimulatedListener implements Network.Listener {
    private final HostLife life;
    private final SocketAddress address;
    private final ListenOptions options;
    private final ArrayDeque<SimulatedLink> waiting = new ArrayDeque<>();

    /// Asked for, but not complete yet.
    private final Set<SimulatedLink> arriving = new LinkedHashSet<>();

    private final Watch reader;
    private boolean open = true;

    SimulatedListener(
            SimulatedNetwork network, HostLife life, SocketAddress address, ListenOptions options) {
        this.life = life;
        this.address = address;
        this.options = options;
        reader = new Watch(network.loop(), () -> !waiting.isEmpty());
    }

    boolean isOpen() {
        return open;
    }

    boolean sharesPort() {
        return options.reusePort();
    }

    boolean isFull() {
        return waiting.size() + arriving.size() >= options.backlog();
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
    public SocketAddress address() {
        return UnixEnd.visible(address);
    }

    /// {@return the address, as the network knows it}
    SocketAddress end() {
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
        if (open && address instanceof UnixEnd unix && options.cleanupSocket()) {
            life.host().files().remove(unix, this);
        }
        open = false;
        reader.end();
        life.remove(this);
        waiting.forEach(SimulatedLink::reset);
        List.copyOf(arriving).forEach(SimulatedLink::reset);
        waiting.clear();
        arriving.clear();
    }

    /// Ends with its host.
    void vanish() {
        open = false;
        reader.end();
        waiting.clear();
        arriving.clear();
    }

    @Override
    public boolean isGone() {
        return life.isDown();
    }

    @Override
    public String toString() {
        return "listener on " + SimulatedAddresses.text(address);
    }
}

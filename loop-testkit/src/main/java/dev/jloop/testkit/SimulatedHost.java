package dev.jloop.testkit;

import dev.jloop.core.AsyncRunnable;
import dev.jloop.core.Context;
import dev.jloop.core.Task;
import dev.jloop.core.TaskOptions;

import org.jspecify.annotations.Nullable;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;

/// The one kind of [SimHost].
final class SimulatedHost implements SimHost {
    private final SimulatedNetwork network;
    private final String name;
    private final List<InetAddress> addresses = new ArrayList<>();
    private final Set<Integer> blackHoles = new HashSet<>();
    private HostLife life = new HostLife(this);

    SimulatedHost(SimulatedNetwork network, String name, InetAddress address) {
        this.network = network;
        this.name = name;
        addresses.add(address);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<InetAddress> addresses() {
        return List.copyOf(addresses);
    }

    @Override
    public void addAddress(InetAddress address) {
        network.claim(address, this);
        addresses.add(address);
    }

    /// {@return the address from which others are reached at `remote`, or null if there is none of
    /// that family}
    @Nullable InetAddress addressTo(InetAddress remote) {
        if (remote.isLoopbackAddress() || addresses.contains(remote)) {
            return remote;
        }
        return addresses.stream()
                .filter(own -> SimulatedAddresses.sameFamily(own, remote))
                .findFirst()
                .orElse(null);
    }

    SimulatedNetwork network() {
        return network;
    }

    HostLife life() {
        return life;
    }

    Set<Integer> blackHoles() {
        return blackHoles;
    }

    @Override
    public boolean isUp() {
        return !life.isDown();
    }

    @Override
    public <T extends @Nullable Object> Task<T> createTask(Callable<T> body) {
        if (life.isDown()) {
            throw new IllegalStateException(
                    "host " + name + " has crashed and runs no tasks; call restart() first");
        }
        var context = Context.copyCurrent();
        var here = life;
        context.run(() -> SimulatedNetwork.enter(here));
        return network.loop().createTask(body, TaskOptions.DEFAULTS.withContext(context));
    }

    @Override
    @SuppressWarnings(
            "overloads") // a lambda with a value and one without are told apart by their body
    public Task<@Nullable Void> createTask(AsyncRunnable body) {
        Objects.requireNonNull(body, "body");
        Callable<@Nullable Void> withResult =
                () -> {
                    body.run();
                    return null;
                };
        return createTask(withResult);
    }

    @Override
    public void crash() {
        network.loop().checkThread("SimHost.crash");
        if (life.isDown()) {
            return;
        }
        life.end();
        network.hostEnded(this);
        new CrashedTasks(network, life).end();
    }

    @Override
    public void restart() {
        network.loop().checkThread("SimHost.restart");
        crash();
        life = new HostLife(this);
        network.hostStarted(this);
    }

    /// Takes what the network delivers.
    void arrived(Flight flight) {
        var packet = flight.packet();
        switch (packet.kind()) {
            case SYN -> connectionAskedFor(flight);
            case DATAGRAM -> datagramArrived(flight);
            case UNREACHABLE -> life.datagrams().forEach(each -> each.undelivered(packet));
            default -> {
                var link = life.link(packet.to(), packet.from());
                if (link != null) {
                    link.arrived(flight);
                } else {
                    refuse(packet);
                }
            }
        }
    }

    private void datagramArrived(Flight flight) {
        var packet = flight.packet();
        var receiver = life.receiver(packet);
        if (blackHoles.contains(packet.to().getPort())) {
            network.dropped(packet, "black hole");
        } else if (receiver != null) {
            receiver.arrived(flight);
        } else {
            network.dropped(packet, "nobody receives there");
            if (!packet.to().getAddress().equals(SimulatedAddresses.BROADCAST)) {
                answer(packet, Packet.Kind.UNREACHABLE);
            }
        }
    }

    private void answer(Packet packet, Packet.Kind kind) {
        network.send(life, kind, packet.to(), packet.from(), -1, new byte[0], 0, null);
    }

    private void connectionAskedFor(Flight flight) {
        var packet = flight.packet();
        if (blackHoles.contains(packet.to().getPort())) {
            network.dropped(packet, "black hole");
            return;
        }
        var known = life.link(packet.to(), packet.from());
        var listener = life.listener(packet.to());
        if (known != null) {
            known.arrived(flight);
        } else if (listener == null) {
            refuse(packet);
        } else if (listener.isFull()) {
            network.dropped(packet, "backlog full");
            if (flight.sender() != null) {
                flight.sender().notHeard(flight);
            }
        } else {
            var link = new SimulatedLink(network, life, packet.to(), packet.from(), listener);
            listener.arriving(link);
            link.grant();
        }
    }

    /// Tells the sender that there is no such connection. What needs no answer gets none, or both
    /// ends of a connection that ended well could refuse each other's last words.
    private void refuse(Packet packet) {
        switch (packet.kind()) {
            case SYN, SYN_ACK, DATA, FIN -> answer(packet, Packet.Kind.RST);
            default -> {
                // nobody waits for an answer
            }
        }
    }

    @Override
    public String toString() {
        return "host " + name + (isUp() ? "" : " (crashed)");
    }
}

package dev.jloop.testkit;

import dev.jloop.core.AsyncRunnable;
import dev.jloop.core.Context;
import dev.jloop.core.Task;
import dev.jloop.core.TaskOptions;

import org.jspecify.annotations.Nullable;

import java.net.InetAddress;
import java.net.SocketException;
import java.time.Duration;
import java.time.InstantSource;
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
    private final HostClock clock;

    /// A crash leaves them as they are.
    private final UnixFiles files = new UnixFiles();

    /// Goes on where it was after a restart, which would else use the ports again that its peers
    /// know of its life before.
    private final PortNumbers ports = new PortNumbers();

    private HostLife life = new HostLife(this);

    SimulatedHost(SimulatedNetwork network, String name, InetAddress address) {
        this.network = network;
        this.name = name;
        clock = network.loop().newHostClock();
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
        network.hosts().claim(address, this);
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

    PortNumbers ports() {
        return ports;
    }

    UnixFiles files() {
        return files;
    }

    HostClock clock() {
        return clock;
    }

    @Override
    public InstantSource instantSource() {
        return clock;
    }

    @Override
    public Duration clockOffset() {
        return clock.offset();
    }

    @Override
    public void jumpClock(Duration by) {
        network.loop().checkThread("SimHost.jumpClock");
        clock.jump(by);
        network.loop().trace().note("clock", name + " jumps by " + by);
    }

    @Override
    public void setClockDrift(double partsPerMillion) {
        network.loop().checkThread("SimHost.setClockDrift");
        clock.drift(partsPerMillion);
        network.loop().trace().note("clock", name + " drifts by " + partsPerMillion + " ppm");
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
        context.run(() -> HostContext.enter(here));
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
        network.wires().hostEnded(this);
        new CrashedTasks(network, life).end();
    }

    @Override
    public void restart() {
        network.loop().checkThread("SimHost.restart");
        crash();
        life = new HostLife(this);
        network.wires().hostStarted(this);
    }

    /// Takes what the network delivers.
    void arrived(Flight flight) {
        var packet = flight.packet();
        switch (packet.kind()) {
            case SYN -> connectionAskedFor(flight);
            case DATAGRAM -> datagramArrived(flight);
            case UNREACHABLE -> life.datagrams().forEach(each -> each.undelivered(packet));
            default -> {
                var link = life.link(packet.to(), packet.from(), flight.connection());
                if (link != null) {
                    link.arrived(flight);
                } else {
                    refuse(flight);
                }
            }
        }
    }

    private void datagramArrived(Flight flight) {
        var packet = flight.packet();
        var receivers = life.receivers(packet);
        if (blackHoles.contains(packet.toPort())) {
            network.wires().dropped(packet, "black hole");
        } else if (!receivers.isEmpty()) {
            receivers.forEach(each -> each.arrived(flight));
        } else {
            network.wires().dropped(packet, "nobody receives there");
            if (!SimulatedAddresses.isForMany(packet.to())) {
                network.wires().answer(life, Packet.Kind.UNREACHABLE, flight);
            }
        }
    }

    private void connectionAskedFor(Flight flight) {
        var packet = flight.packet();
        if (blackHoles.contains(packet.toPort())) {
            network.wires().notHeard(flight, "black hole");
            return;
        }
        var known = life.link(packet.to(), packet.from());
        var listener = life.listener(packet);
        if (known != null) {
            askedForAgain(known, flight);
        } else if (listener == null) {
            refuse(flight);
        } else if (listener.isFull()) {
            network.wires().notHeard(flight, "backlog full");
        } else {
            var link =
                    new SimulatedLink(
                            network,
                            life,
                            packet.to(),
                            packet.from(),
                            flight.connection(),
                            listener);
            listener.arriving(link);
            link.grant();
        }
    }

    /// The end of a connection whose peer is gone stands in the way of the next one between the
    /// same addresses. Kernels find that out by asking: the end is reset, and the next attempt to
    /// connect gets through.
    private void askedForAgain(SimulatedLink known, Flight flight) {
        if (known.connection() != flight.connection() && !known.isConnecting()) {
            known.fail(new SocketException("Connection reset"));
            network.wires().notHeard(flight, "old connection");
        } // else it is one more copy, or both connect to one another
    }

    /// Tells the sender that there is no such connection. What needs no answer gets none, or both
    /// ends of a connection that ended well could refuse each other's last words.
    private void refuse(Flight flight) {
        switch (flight.packet().kind()) {
            case SYN, SYN_ACK, DATA, FIN -> network.wires().answer(life, Packet.Kind.RST, flight);
            default -> {
                // nobody waits for an answer
            }
        }
    }

    void describe(List<String> text) {
        var offset = clock.offset();
        text.add(
                this
                        + " "
                        + String.join(
                                " ", addresses.stream().map(InetAddress::getHostAddress).toList())
                        + (offset.isZero() ? "" : ", its clock is off by " + offset));
        life.describe(text);
    }

    @Override
    public String toString() {
        return "host " + name + (isUp() ? "" : " (crashed)");
    }
}

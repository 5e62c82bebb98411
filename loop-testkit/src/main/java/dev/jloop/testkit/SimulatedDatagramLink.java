package dev.jloop.testkit;

import dev.jloop.core.EventLoop;
import dev.jloop.transports.DatagramOptions;
import dev.jloop.transports.Membership;
import dev.jloop.transports.Network;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.PortUnreachableException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.NetworkChannel;
import java.util.ArrayDeque;
import java.util.Objects;

/// An endpoint for datagrams on a simulated host.
final class SimulatedDatagramLink implements Network.DatagramLink {
    private static final int MOST_BYTES = 65_507;

    /// What Linux takes where nothing is said.
    private static final int BUFFER_BYTES = 212_992;

    /// As a kernel keeps more than the bytes, many small datagrams fill a buffer too.
    private static final int LEAST_COST = 256;

    private record Received(ByteBuffer bytes, SocketAddress sender) {
        int cost() {
            return Math.max(LEAST_COST, bytes.remaining());
        }
    }

    private final SimulatedNetwork network;
    private final HostLife life;
    private final InetSocketAddress local;
    private final @Nullable InetSocketAddress remote;
    private final boolean broadcast;
    private final boolean sharesPort;
    private final GroupReach reach;
    private final GroupMemberships memberships = new GroupMemberships(this);
    private final int bufferBytes;
    private final ArrayDeque<Received> received = new ArrayDeque<>();
    private final Watch reader;
    private final Watch writer;
    private int filledBytes;
    private boolean unreachable;

    SimulatedDatagramLink(
            SimulatedNetwork network,
            HostLife life,
            InetSocketAddress local,
            @Nullable InetSocketAddress remote,
            DatagramOptions options) {
        this.network = network;
        this.life = life;
        this.local = local;
        this.remote = remote;
        broadcast = options.broadcast();
        sharesPort = options.reusePort();
        reach = GroupReach.of(options);
        bufferBytes = Objects.requireNonNullElse(options.receiveBufferSize(), BUFFER_BYTES);
        reader = new Watch(network.loop(), () -> !received.isEmpty() || unreachable);
        writer = new Watch(network.loop(), () -> true);
        life.add(this);
    }

    boolean sharesPort() {
        return sharesPort;
    }

    /// {@return how well a datagram fits; 0 if it is not for this endpoint}
    int fit(Packet packet) {
        if (remote != null && !remote.equals(packet.from())) {
            return 0;
        }
        var fit = HostLife.fit(local, packet.to());
        return fit > 0 && remote != null ? fit + 3 : fit;
    }

    boolean isIn(InetAddress group) {
        return memberships.isIn(group);
    }

    /// {@return whether this endpoint hears a datagram for a multicast group}
    boolean hears(Packet packet) {
        return fit(packet) > 0
                && packet.to() instanceof InetSocketAddress to
                && packet.from() instanceof InetSocketAddress from
                && memberships.hears(to.getAddress(), from.getAddress());
    }

    @Override
    public Membership joinGroup(
            InetAddress group, NetworkInterface via, @Nullable InetAddress source)
            throws IOException {
        if (life.host().addressTo(group) == null) {
            throw new SocketException(
                    "No such device: "
                            + life.host()
                            + " has no address of the family of the group; see"
                            + " SimHost.addAddress");
        }
        return memberships.join(group, source);
    }

    EventLoop loop() {
        return network.loop();
    }

    void arrived(Flight flight) {
        var next = new Received(flight.payload().duplicate(), flight.packet().from());
        // An empty buffer takes one of any size, as with Linux.
        if (!received.isEmpty() && filledBytes + next.cost() > bufferBytes) {
            network.wires().dropped(flight.packet(), "receive buffer full");
            return;
        }
        filledBytes += next.cost();
        received.add(next);
        reader.check();
    }

    /// Nobody has received what was sent from here.
    void undelivered(Packet answer) {
        if (local.equals(answer.to()) && answer.from().equals(remote)) {
            unreachable = true;
            reader.check();
        }
    }

    @Override
    public @Nullable SocketAddress receive(ByteBuffer into) throws IOException {
        throwIfUnreachable();
        var next = received.poll();
        if (next == null) {
            return null;
        }
        var bytes = next.bytes();
        filledBytes -= next.cost();
        into.put(bytes.slice(0, Math.min(bytes.remaining(), into.remaining())));
        return next.sender();
    }

    private void throwIfUnreachable() throws PortUnreachableException {
        if (unreachable) {
            unreachable = false;
            throw new PortUnreachableException();
        }
    }

    @Override
    public boolean send(ByteBuffer data, @Nullable SocketAddress to) throws IOException {
        throwIfUnreachable();
        var target = to == null ? remote : SimulatedAddresses.target(to);
        if (target == null) {
            throw new SocketException("no address to send to, and the endpoint is not connected");
        }
        if (data.remaining() > MOST_BYTES) {
            throw new SocketException("Message too long");
        }
        if (target.getAddress().equals(SimulatedAddresses.BROADCAST) && !broadcast) {
            throw new BindException("Permission denied");
        }
        var from = new InetSocketAddress(sourceOf(target), local.getPort());
        var bytes = new byte[data.remaining()];
        data.get(bytes);
        network.wires().sendDatagram(life, from, target, bytes, reach);
        return true;
    }

    private InetAddress sourceOf(InetSocketAddress target) throws IOException {
        var leadsThere = network.hosts().addressTo(target.getAddress(), life.host());
        return local.getAddress().isAnyLocalAddress() || local.getAddress().isMulticastAddress()
                ? leadsThere
                : local.getAddress();
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
    public void addWriter(Runnable callback) {
        writer.start(callback);
    }

    @Override
    public void removeWriter() {
        writer.stop();
    }

    @Override
    public void close() {
        vanish();
        life.remove(this);
    }

    /// Ends with its host.
    void vanish() {
        reader.end();
        writer.end();
        received.clear();
        filledBytes = 0;
        memberships.end();
    }

    @Override
    public InetSocketAddress localAddress() {
        return local;
    }

    @Override
    public @Nullable InetSocketAddress remoteAddress() {
        return remote;
    }

    @Override
    public @Nullable NetworkChannel channel() {
        return null;
    }

    /// {@return a line for the table of sockets}
    String describe() {
        return "datagrams on " + this + ", unread " + received.size();
    }

    @Override
    public boolean isGone() {
        return life.isDown();
    }

    @Override
    public String toString() {
        return SimulatedAddresses.text(local)
                + (remote == null ? "" : "->" + SimulatedAddresses.text(remote));
    }
}

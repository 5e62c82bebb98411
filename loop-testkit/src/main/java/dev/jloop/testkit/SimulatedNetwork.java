package dev.jloop.testkit;

import dev.jloop.core.Context;
import dev.jloop.core.TimerHandle;
import dev.jloop.transports.DatagramOptions;
import dev.jloop.transports.ListenOptions;
import dev.jloop.transports.Network;
import dev.jloop.transports.Resolver;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// Hosts and the network between them, in the memory of one loop and on its virtual time.
///
/// ```java
/// var network = SimulatedNetwork.on(loop);
/// network.setLatency(Duration.ofMillis(20));
/// network.host("server").createTask(() -> serve(8080));
/// network.host("client").createTask(() -> {
///     try (var stream = Streams.openConnection("server", 8080)) { ... }
/// });
/// network.partition("client", "server");
/// ```
///
/// `Net`, `Streams`, servers, TLS and datagrams are the very code that runs on sockets: this is the
/// [Network] below them.
///
/// **Hosts.** A task is on the host that created it, see [SimHost]; whatever is on none is on the
/// host named `test`. A name resolves to the addresses of its host, which are 10.0.0.1 and so on in
/// the order in which hosts are made; `localhost`, 127.0.0.1 and ::1 are the host itself. The
/// network provides the loop's [Resolver] too, where there is none, so that nothing asks the
/// operating system.
///
/// **Time.** A packet takes the latency from one host to another, 1 ms unless set, and none within
/// a host. So a connection is made after two latencies, and refused after two as well.
///
/// **Streams** lose, repeat and reorder nothing. Up to the window of bytes, 64 KiB unless set, are
/// under way or unread in each direction; then writing waits. Where packets of a stream do not get
/// through, because of a partition or a host that is down, they wait until they do. If that takes
/// longer than the time to give up, a minute unless set, the connection ends at both ends with a
/// `SocketException`: `Connection timed out`. Whoever closes with bytes unread resets the
/// connection after the end of its own stream, so that a peer that still writes fails. What is left
/// of a connection that is gone never reaches a later one between the same addresses.
///
/// **Datagrams** may be lost, repeated and reordered, each with a probability. Those for a
/// multicast group reach every endpoint that has joined it, on each host: a host has one interface,
/// whatever `NetworkInterface` the code names, and all hosts are one network hop apart.
///
/// **Servers** on the wildcard address of either family serve both. Connecting or sending to a
/// wildcard address reaches the host itself, by its loopback address of that family. Of those that
/// share a port (`withReusePort(true)` on each), the address of whoever connects chooses one.
/// Nobody probes silent connections, so `withKeepAlive` changes nothing: see [SimHost#crash()] for
/// half-open ones.
///
/// **Unix sockets** connect within a host, on paths of its own in memory: no file is made. As on a
/// disk, the file of a server that has crashed stays behind, and connecting to it is refused; the
/// next server replaces it unless it is told not to, and the path of one that listens is in use. A
/// client has no path of its own, so a local address is refused.
///
/// **Rules** decide on single packets before all of that: see [#addRule(PacketRule)].
///
/// **Chance.** All of it comes from one source, seeded by the seed of the loop (0 where it has
/// none): the same seed, the same run. On a loop with a seed streams are cut into pieces of random
/// sizes, from one byte on, see [#setChunking(boolean)].
///
/// **Threading:** loop thread only, or the thread that owns the loop while it does not run.
///
/// @since 0.1
public final class SimulatedNetwork implements Network {
    private final VirtualTimeLoop loop;

    /// For timers and callbacks that belong to no host.
    private final Context context = HostContext.outside();

    /// For timers that nobody waits for.
    private final Context background = HostContext.outside();

    private final PacketLog log;
    private final PacketRules rules;
    private final Qualities qualities;
    private final HostDirectory hosts;
    private final Wires wires;
    private long unixClients;

    private SimulatedNetwork(VirtualTimeLoop loop) {
        this.loop = loop;
        log = new PacketLog(loop);
        rules = new PacketRules(loop);
        qualities = new Qualities(loop);
        hosts = new HostDirectory(this);
        wires = new Wires(this, hosts, qualities, rules, log);
        background.run(VirtualTimeLoop::enterBackground);
        loop.joined(this, hosts.defaultHost().clock());
        var _ = observe(new NetworkNotes(loop));
    }

    /// {@return the simulated network of a loop} The first call makes it and puts it in the place
    /// of the sockets of this machine; later ones give the same one.
    ///
    /// @param loop the loop
    /// @throws IllegalStateException if the loop has another network already
    public static SimulatedNetwork on(VirtualTimeLoop loop) {
        var network = loop.service(Network.class, _ -> new SimulatedNetwork(loop));
        if (!(network instanceof SimulatedNetwork simulated)) {
            throw new IllegalStateException(
                    loop
                            + " has another network already: "
                            + network
                            + "; call SimulatedNetwork.on before the first connection");
        }
        loop.service(Resolver.class, _ -> new SimulatedResolver(simulated));
        return simulated;
    }

    // ---- hosts

    /// {@return the host with this name, which is made if there is none}
    ///
    /// @param name letters, digits, dots, hyphens and underscores; not `localhost` and no address
    /// @throws IllegalArgumentException if it is something else, or the name of several addresses
    public SimHost host(String name) {
        return hosts.findOrAdd(name);
    }

    /// Lets a name stand for several addresses, in an order, for instance those of two hosts.
    ///
    /// @param name not the name of a host, and no address
    /// @param addresses at least one; they need not belong to a host
    /// @throws IllegalArgumentException if there is none, or the name is taken by a host, or is an
    ///   address
    public void addName(String name, InetAddress... addresses) {
        hosts.addName(name, addresses);
    }

    /// Lets nobody answer on a port: connecting there takes until somebody gives up, and datagrams
    /// are lost. Connections that exist are left alone.
    ///
    /// @param host a host there is
    /// @param port the port
    /// @throws IllegalArgumentException if there is no such host
    public void addBlackHole(String host, int port) {
        hosts.known(host).blackHoles().add(port);
    }

    /// Ends [#addBlackHole(String, int)]; does nothing where there is none. Who is connecting gets
    /// through with the next attempt, which comes 1, 3, 7 seconds and so on after the first.
    ///
    /// @param host a host there is
    /// @param port the port
    /// @throws IllegalArgumentException if there is no such host
    public void removeBlackHole(String host, int port) {
        hosts.known(host).blackHoles().remove(port);
    }

    // ---- qualities of the network

    /// Sets how long packets take from one host to another, where nothing else was set for the two.
    ///
    /// @param oneWay zero or more; for packets sent from now on
    /// @throws IllegalArgumentException if it is negative, or more than a hundred years
    public void setLatency(Duration oneWay) {
        qualities.latency(oneWay);
    }

    /// Sets how long packets take from one host to another, in this direction.
    ///
    /// @param from a host there is
    /// @param to a host there is; the same one for packets within it
    /// @param oneWay zero or more; for packets sent from now on
    /// @throws IllegalArgumentException if it is negative or more than a hundred years, or there is
    ///   no such host
    public void setLatency(String from, String to, Duration oneWay) {
        qualities.latency(path(from, to), oneWay);
    }

    /// Lets each packet between hosts take longer by a random time. Streams keep their order.
    ///
    /// @param atMost the longest such time; zero, the default, for none
    /// @throws IllegalArgumentException if it is negative, or more than a hundred years
    public void setJitter(Duration atMost) {
        qualities.jitter(atMost);
    }

    /// Limits how many bytes of user data leave a host towards another one in a second. Each
    /// direction between two hosts has this for itself.
    ///
    /// @param bytesPerSecond at least 1; `Long.MAX_VALUE`, the default, for no limit
    /// @throws IllegalArgumentException if it is less than 1
    public void setBandwidth(long bytesPerSecond) {
        qualities.bandwidth(bytesPerSecond);
    }

    /// Sets how many bytes of a connection are under way or unread in each direction at most.
    ///
    /// @param bytes at least 1, for connections made from now on
    /// @throws IllegalArgumentException if it is less than 1
    public void setWindow(int bytes) {
        qualities.window(bytes);
    }

    /// Sets how likely it is that a datagram between hosts is lost.
    ///
    /// @param probability 0, the default, to 1
    /// @throws IllegalArgumentException if it is out of this range
    public void setDatagramLoss(double probability) {
        qualities.datagramLoss(probability);
    }

    /// Sets how likely it is that a datagram between hosts arrives twice.
    ///
    /// @param probability 0, the default, to 1
    /// @throws IllegalArgumentException if it is out of this range
    public void setDatagramDuplication(double probability) {
        qualities.datagramDuplication(probability);
    }

    /// Sets how likely it is that a datagram between hosts arrives later, so that others overtake
    /// it.
    ///
    /// @param probability 0, the default, to 1
    /// @param delay how much later; zero or more
    /// @throws IllegalArgumentException if the probability is out of this range, or the delay is
    ///   negative or more than a hundred years
    public void setDatagramReordering(double probability, Duration delay) {
        qualities.datagramReordering(probability, delay);
    }

    /// Cuts streams into pieces of random sizes, or not. Each piece travels by itself and is read
    /// by itself.
    ///
    /// @param on true, the default on a loop with a seed, for pieces from one byte on; false for
    ///   pieces as they are written, of 16 KiB at most
    public void setChunking(boolean on) {
        qualities.chunking(on);
    }

    /// Sets for how long connecting waits for an answer, and a connection for its packets to get
    /// through. Then it fails with `Connection timed out`. An end that was closed waits as long for
    /// the end of its peer, then its port is free again.
    ///
    /// @param time a positive time, counted from when the packet was sent
    /// @throws IllegalArgumentException if it is zero, negative, or more than a hundred years
    public void setGiveUpTime(Duration time) {
        qualities.giveUpTime(time);
    }

    // ---- rules

    /// Adds a rule at the end of the chain that decides on each packet: see [PacketRule].
    ///
    /// @param rule asked about each packet sent from now on that no earlier rule decides on
    /// @return takes the rule out of the chain again
    public PacketRule.Handle addRule(PacketRule rule) {
        return rules.add(Objects.requireNonNull(rule, "rule"));
    }

    // ---- troubles

    /// Parts two hosts: nothing sent by one reaches the other, until [#repair(String, String)].
    /// What is under way does not arrive either. Datagrams are lost, streams wait.
    ///
    /// @param a a host there is
    /// @param b another one, or the same: a host can be cut off from itself
    /// @throws IllegalArgumentException if there is no such host
    public void partition(String a, String b) {
        partitionOneWay(a, b);
        partitionOneWay(b, a);
    }

    /// Parts two hosts in one direction: see [#partition(String, String)].
    ///
    /// @param from a host there is, from which nothing arrives any more
    /// @param to another one
    /// @throws IllegalArgumentException if there is no such host
    public void partitionOneWay(String from, String to) {
        wires.partition(path(from, to));
    }

    /// Ends every partition between two hosts. What waited of streams is sent again now, and so
    /// arrives after one latency. Does nothing where there is no partition.
    ///
    /// @param a a host there is
    /// @param b another one
    /// @throws IllegalArgumentException if there is no such host
    public void repair(String a, String b) {
        wires.repair(path(a, b));
        wires.repair(path(b, a));
    }

    private Path path(String from, String to) {
        return wires.path(hosts.known(from), hosts.known(to));
    }

    /// Holds everything back that arrives between two hosts, in both directions and datagrams too,
    /// until [#release(String, String)]. Nobody gives up because of that: the time to give up
    /// counts from the release.
    ///
    /// @param a a host there is
    /// @param b another one
    /// @throws IllegalArgumentException if there is no such host
    public void hold(String a, String b) {
        wires.hold(path(a, b));
        wires.hold(path(b, a));
    }

    /// Lets everything arrive now that was held back, in its order. Does nothing where nothing is
    /// held back.
    ///
    /// @param a a host there is
    /// @param b another one
    /// @throws IllegalArgumentException if there is no such host
    public void release(String a, String b) {
        wires.release(path(a, b));
        wires.release(path(b, a));
    }

    /// Resets all connections between two hosts, as a firewall may: both ends fail with a
    /// `SocketException`, `Connection reset`, at once.
    ///
    /// @param a a host there is
    /// @param b another one, or the same
    /// @throws IllegalArgumentException if there is no such host
    public void resetConnections(String a, String b) {
        wires.resetConnections(hosts.known(a), hosts.known(b));
    }

    // ---- looking at it

    /// Tells a listener of each packet from now on, after those that were added before.
    ///
    /// @param listener whom to tell
    /// @return ends this; a second call does nothing
    public Runnable observe(PacketListener listener) {
        return log.add(listener);
    }

    /// {@return the hosts with their sockets, the ways that are not open, and the last packets, one
    /// in each line} The same run gives the same text.
    public String describe() {
        var text = new ArrayList<String>();
        text.add("simulated network at " + Duration.ofNanos(loop.time()));
        hosts.all().forEach(host -> host.describe(text));
        wires.describe(text);
        text.addAll(log.lines());
        return String.join(System.lineSeparator(), text);
    }

    // ---- what transports ask for

    @Override
    public List<InetAddress> resolve(String host) throws IOException {
        return hosts.resolve(host);
    }

    String nameOf(InetAddress address) throws UnknownHostException {
        return hosts.nameOf(address, here().host());
    }

    @Override
    public Link connect(SocketAddress remote, @Nullable SocketAddress local) throws IOException {
        var life = here();
        if (life.isDown()) {
            loop.<@Nullable Void>createFuture().await(); // nothing reaches its network any more
        }
        var link =
                remote instanceof UnixDomainSocketAddress unix
                        ? unixLink(life, unix, local)
                        : internetLink(life, SimulatedAddresses.target(remote), local);
        link.connect();
        return link;
    }

    private SimulatedLink internetLink(
            HostLife life, InetSocketAddress target, @Nullable SocketAddress local)
            throws IOException {
        var ip = hosts.addressTo(target.getAddress(), life.host());
        var asked = local == null ? null : SimulatedAddresses.checked(local);
        var from = life.bindConnection(asked, ip, target);
        return new SimulatedLink(this, life, from, target, wires.nextConnection(), null);
    }

    private SimulatedLink unixLink(
            HostLife life, UnixDomainSocketAddress target, @Nullable SocketAddress local)
            throws IOException {
        if (local != null) {
            throw new BindException(
                    "cannot use local address "
                            + local
                            + ": the simulated network makes no file for the client of a Unix"
                            + " socket; leave the local address out");
        }
        var end = UnixFiles.checked(UnixEnd.ofServer(target));
        life.host().files().checkListener(end);
        var from = UnixEnd.ofClient(++unixClients);
        return new SimulatedLink(this, life, from, end, wires.nextConnection(), null);
    }

    @Override
    public Listener listen(SocketAddress address, ListenOptions options) throws IOException {
        var life = here();
        return life.listen(address, options);
    }

    @Override
    public DatagramLink bindDatagram(
            @Nullable SocketAddress local, @Nullable SocketAddress remote, DatagramOptions options)
            throws IOException {
        var life = here();
        var target = remote == null ? null : SimulatedAddresses.target(remote);
        var asked =
                local == null
                        ? new InetSocketAddress(SimulatedAddresses.ANY, 0)
                        : SimulatedAddresses.checked(local);
        var from = asked;
        if (target != null) {
            var leadsThere = hosts.addressTo(target.getAddress(), life.host());
            if (asked.getAddress().isAnyLocalAddress()) {
                from = new InetSocketAddress(leadsThere, asked.getPort());
            }
        }
        var bound = life.bindDatagrams(from, options.reusePort());
        return new SimulatedDatagramLink(this, life, bound, target, options);
    }

    // ---- for the parts

    VirtualTimeLoop loop() {
        return loop;
    }

    Wires wires() {
        return wires;
    }

    Qualities qualities() {
        return qualities;
    }

    HostDirectory hosts() {
        return hosts;
    }

    /// {@return the host, in its present life, that the current code is on}
    private HostLife here() {
        var life = HostContext.current();
        return life != null && life.host().network() == this ? life : hosts.defaultHost().life();
    }

    TimerHandle timer(Duration delay, Runnable callback) {
        return context.call(() -> loop.callLater(delay, callback));
    }

    /// Sets a timer that does not keep the loop from being idle.
    TimerHandle backgroundTimer(Duration delay, Runnable callback) {
        return background.call(() -> loop.callLater(delay, callback));
    }

    void soon(Runnable callback) {
        loop.callSoon(callback, context);
    }

    /// Runs something that belongs to no host.
    void inside(Runnable body) {
        context.run(body::run);
    }

    @Override
    public String toString() {
        return "SimulatedNetwork" + hosts;
    }
}

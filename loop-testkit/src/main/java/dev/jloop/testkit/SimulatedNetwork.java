package dev.jloop.testkit;

import dev.jloop.core.Context;
import dev.jloop.core.ContextVar;
import dev.jloop.core.TimerHandle;
import dev.jloop.transports.DatagramOptions;
import dev.jloop.transports.ListenOptions;
import dev.jloop.transports.Network;
import dev.jloop.transports.Resolver;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;

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
/// `SocketException`: `Connection timed out`.
///
/// **Datagrams** may be lost, repeated and reordered, each with a probability.
///
/// **Chance.** All of it comes from one source, seeded by the seed of the loop (0 where it has
/// none): the same seed, the same run. On a loop with a seed streams are cut into pieces of random
/// sizes, from one byte on, see [#setChunking(boolean)].
///
/// **Threading:** loop thread only, or the thread that owns the loop while it does not run.
///
/// @since 0.1
public final class SimulatedNetwork implements Network {
    private static final String DEFAULT_HOST = "test";
    private static final Duration DEFAULT_LATENCY = Duration.ofMillis(1);
    private static final Duration DEFAULT_GIVE_UP_TIME = Duration.ofMinutes(1);
    private static final int DEFAULT_WINDOW = 64 * 1024;

    /// No piece of a stream is larger, so that a narrow way is shared.
    private static final int LARGEST_PIECE = 16 * 1024;

    /// Tells this source of chance from the others that come from the same seed.
    private static final long SALT = 0x6e6574776f726bL;

    private static final ContextVar<Optional<HostLife>> HERE =
            ContextVar.create("jloop.testkit.host", Optional.empty());

    private final VirtualTimeLoop loop;
    private final Random random;

    /// For timers and callbacks that belong to no host.
    private final Context context = Context.copyCurrent();

    private final Map<String, SimulatedHost> hosts = new LinkedHashMap<>();
    private final Map<String, List<InetAddress>> names = new LinkedHashMap<>();
    private final Map<InetAddress, SimulatedHost> owners = new LinkedHashMap<>();
    private final Map<Ends, Path> paths = new LinkedHashMap<>();
    private final PacketLog log;
    private Duration latency = DEFAULT_LATENCY;
    private Duration jitter = Duration.ZERO;
    private Duration giveUpTime = DEFAULT_GIVE_UP_TIME;
    private long bytesPerSecond = Long.MAX_VALUE;
    private int window = DEFAULT_WINDOW;
    private boolean chunking;
    private double datagramLoss;
    private double datagramDuplication;
    private double datagramReordering;
    private Duration reorderingDelay = Duration.ZERO;
    private long packets;

    private record Ends(SimulatedHost from, SimulatedHost to) {}

    private SimulatedNetwork(VirtualTimeLoop loop) {
        this.loop = loop;
        random = Seeds.random(loop.seed().orElse(0) ^ SALT);
        chunking = loop.seed().isPresent();
        log = new PacketLog(loop);
        context.run(() -> {
            var _ = HERE.set(Optional.empty());
        });
        addHost(DEFAULT_HOST);
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
        return addHost(name);
    }

    private SimulatedHost addHost(String name) {
        var address = SimulatedAddresses.ofHost(hosts.size());
        var host = new SimulatedHost(this, name, address);
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

    /// Lets a name stand for several addresses, in an order, for instance those of two hosts.
    ///
    /// @param name not the name of a host
    /// @param addresses at least one; they need not belong to a host
    /// @throws IllegalArgumentException if there is none, or the name is taken by a host
    public void addName(String name, InetAddress... addresses) {
        if (addresses.length == 0 || hosts.containsKey(name) || name.equals("localhost")) {
            throw new IllegalArgumentException(
                    "a further name needs at least one address, and must not be that of a host: '"
                            + name
                            + "', "
                            + Arrays.toString(addresses));
        }
        names.put(name, List.of(addresses));
    }

    private SimulatedHost known(String name) {
        var host = hosts.get(name);
        if (host == null) {
            throw new IllegalArgumentException(
                    "there is no host '" + name + "', only " + hosts.keySet());
        }
        return host;
    }

    /// Lets nobody answer on a port: connecting there takes until somebody gives up, and datagrams
    /// are lost. Connections that exist are left alone.
    ///
    /// @param host a host there is
    /// @param port the port
    /// @throws IllegalArgumentException if there is no such host
    public void addBlackHole(String host, int port) {
        known(host).blackHoles().add(port);
    }

    /// Ends [#addBlackHole(String, int)]; does nothing where there is none.
    ///
    /// @param host a host there is
    /// @param port the port
    /// @throws IllegalArgumentException if there is no such host
    public void removeBlackHole(String host, int port) {
        known(host).blackHoles().remove(port);
    }

    // ---- qualities of the network

    /// Sets how long packets take from one host to another, where nothing else was set for the two.
    ///
    /// @param oneWay zero or more; for packets sent from now on
    /// @throws IllegalArgumentException if it is negative
    public void setLatency(Duration oneWay) {
        latency = checked("latency", oneWay);
    }

    /// Sets how long packets take from one host to another, in this direction.
    ///
    /// @param from a host there is
    /// @param to a host there is; the same one for packets within it
    /// @param oneWay zero or more; for packets sent from now on
    /// @throws IllegalArgumentException if it is negative, or there is no such host
    public void setLatency(String from, String to, Duration oneWay) {
        path(known(from), known(to)).latency = checked("latency", oneWay);
    }

    /// Lets each packet between hosts take longer by a random time. Streams keep their order.
    ///
    /// @param atMost the longest such time; zero, the default, for none
    /// @throws IllegalArgumentException if it is negative
    public void setJitter(Duration atMost) {
        jitter = checked("jitter", atMost);
    }

    private static Duration checked(String what, Duration value) {
        if (value.isNegative()) {
            throw new IllegalArgumentException("the " + what + " is negative: " + value);
        }
        return value;
    }

    /// Limits how many bytes of user data leave a host towards another one in a second. Each
    /// direction between two hosts has this for itself.
    ///
    /// @param bytesPerSecond at least 1; `Long.MAX_VALUE`, the default, for no limit
    /// @throws IllegalArgumentException if it is less than 1
    public void setBandwidth(long bytesPerSecond) {
        if (bytesPerSecond < 1) {
            throw new IllegalArgumentException(
                    "the bandwidth must be at least 1 byte per second, was " + bytesPerSecond);
        }
        this.bytesPerSecond = bytesPerSecond;
    }

    /// Sets how many bytes of a connection are under way or unread in each direction at most.
    ///
    /// @param bytes at least 1, for connections made from now on
    /// @throws IllegalArgumentException if it is less than 1
    public void setWindow(int bytes) {
        if (bytes < 1) {
            throw new IllegalArgumentException("the window must be at least 1 byte, was " + bytes);
        }
        window = bytes;
    }

    /// Sets how likely it is that a datagram between hosts is lost.
    ///
    /// @param probability 0, the default, to 1
    /// @throws IllegalArgumentException if it is out of this range
    public void setDatagramLoss(double probability) {
        datagramLoss = probability("loss", probability);
    }

    /// Sets how likely it is that a datagram between hosts arrives twice.
    ///
    /// @param probability 0, the default, to 1
    /// @throws IllegalArgumentException if it is out of this range
    public void setDatagramDuplication(double probability) {
        datagramDuplication = probability("duplication", probability);
    }

    /// Sets how likely it is that a datagram between hosts arrives later, so that others overtake
    /// it.
    ///
    /// @param probability 0, the default, to 1
    /// @param delay how much later; zero or more
    /// @throws IllegalArgumentException if the probability is out of this range, or the delay is
    ///   negative
    public void setDatagramReordering(double probability, Duration delay) {
        datagramReordering = probability("reordering", probability);
        reorderingDelay = checked("delay of reordered datagrams", delay);
    }

    private static double probability(String what, double value) {
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException(
                    "the probability of " + what + " must be between 0 and 1, was " + value);
        }
        return value;
    }

    /// Cuts streams into pieces of random sizes, or not. Each piece travels by itself and is read
    /// by itself.
    ///
    /// @param on true, the default on a loop with a seed, for pieces from one byte on; false for
    ///   pieces as they are written, of 16 KiB at most
    public void setChunking(boolean on) {
        chunking = on;
    }

    /// Sets for how long connecting waits for an answer, and a connection for its packets to get
    /// through. Then it fails with `Connection timed out`.
    ///
    /// @param time a positive time, counted from when the packet was sent
    /// @throws IllegalArgumentException if it is zero or negative
    public void setGiveUpTime(Duration time) {
        if (!time.isPositive()) {
            throw new IllegalArgumentException("the time to give up must be positive: " + time);
        }
        giveUpTime = time;
    }

    // ---- troubles

    /// Parts two hosts: nothing sent by one reaches the other, until [#repair(String, String)].
    /// What is under way does not arrive either. Datagrams are lost, streams wait.
    ///
    /// @param a a host there is
    /// @param b another one
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
        path(known(from), known(to)).partitioned = true;
    }

    /// Ends every partition between two hosts. What waited of streams is sent again now, and so
    /// arrives after one latency. Does nothing where there is no partition.
    ///
    /// @param a a host there is
    /// @param b another one
    /// @throws IllegalArgumentException if there is no such host
    public void repair(String a, String b) {
        repair(path(known(a), known(b)));
        repair(path(known(b), known(a)));
    }

    private void repair(Path path) {
        path.partitioned = false;
        sendLostAgain(path);
    }

    private void sendLostAgain(Path path) {
        if (path.closedBecause() == null) {
            for (var flight : path.takeLost()) {
                freed(flight);
                if (flight.isSentAgain()) {
                    arriveAfter(delayOf(path), flight);
                }
            }
        }
    }

    private static void freed(Flight flight) {
        if (flight.sender() != null) {
            flight.sender().free(flight);
        }
    }

    /// Holds everything back that arrives between two hosts, in both directions and datagrams too,
    /// until [#release(String, String)]. Nobody gives up because of that.
    ///
    /// @param a a host there is
    /// @param b another one
    /// @throws IllegalArgumentException if there is no such host
    public void hold(String a, String b) {
        path(known(a), known(b)).held = true;
        path(known(b), known(a)).held = true;
    }

    /// Lets everything arrive now that was held back, in its order. Does nothing where nothing is
    /// held back.
    ///
    /// @param a a host there is
    /// @param b another one
    /// @throws IllegalArgumentException if there is no such host
    public void release(String a, String b) {
        release(path(known(a), known(b)));
        release(path(known(b), known(a)));
    }

    private void release(Path path) {
        path.held = false;
        path.takeOnHold().forEach(flight -> arriveAfter(Duration.ZERO, flight));
    }

    /// Resets all connections between two hosts, as a firewall may: both ends fail with a
    /// `SocketException`, `Connection reset`, at once.
    ///
    /// @param a a host there is
    /// @param b another one, or the same
    /// @throws IllegalArgumentException if there is no such host
    public void resetConnections(String a, String b) {
        var one = known(a);
        var other = known(b);
        for (var link : List.copyOf(one.life().links())) {
            if (hostOf(link.remoteAddress().getAddress(), one) == other) {
                var peer = peerOf(link);
                link.fail(new SocketException("Connection reset"));
                if (peer != null) {
                    peer.fail(new SocketException("Connection reset"));
                }
            }
        }
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
        hosts.values().forEach(host -> describe(host, text));
        for (var path : paths.values()) {
            var why = path.held ? "held" : path.closedBecause();
            if (why != null || path.waiting() > 0) {
                text.add("path " + path + ": " + why + ", packets waiting " + path.waiting());
            }
        }
        text.addAll(log.lines());
        return String.join(System.lineSeparator(), text);
    }

    private static void describe(SimulatedHost host, List<String> text) {
        text.add(
                host
                        + " "
                        + String.join(
                                " ",
                                host.addresses().stream()
                                        .map(InetAddress::getHostAddress)
                                        .toList()));
        host.life()
                .listeners()
                .forEach(listener ->
                        text.add("    " + listener + ", waiting " + listener.waiting()));
        host.life().links().forEach(link -> text.add("    " + link.describe()));
        host.life().datagrams().forEach(each -> text.add("    " + each.describe()));
    }

    // ---- what transports ask for

    @Override
    public List<InetAddress> resolve(String host) throws IOException {
        var literal = SimulatedAddresses.literal(host);
        if (literal != null) {
            return List.of(literal);
        }
        if (host.equals("localhost")) {
            return List.of(SimulatedAddresses.LOOPBACK);
        }
        var known = hosts.get(host);
        var found = known == null ? names.get(host) : known.addresses();
        if (found == null) {
            throw new UnknownHostException(
                    host + ": the simulated network has the hosts " + hosts.keySet() + " only");
        }
        return found;
    }

    String nameOf(InetAddress address) throws UnknownHostException {
        var host = address.isLoopbackAddress() ? here().host() : owners.get(address);
        if (host == null) {
            throw new UnknownHostException(
                    "cannot find the name of "
                            + address.getHostAddress()
                            + ": no host of the simulated network has this address");
        }
        return host.name();
    }

    @Override
    public Link connect(SocketAddress remote, @Nullable SocketAddress local) throws IOException {
        var life = here();
        var target = SimulatedAddresses.checked(remote);
        if (life.isDown()) {
            loop.<@Nullable Void>createFuture().await(); // nothing reaches its network any more
        }
        var ip = addressTo(target, life.host());
        var from =
                life.bindConnection(
                        local == null ? null : SimulatedAddresses.checked(local), ip, target);
        var link = new SimulatedLink(this, life, from, target, null);
        link.connect();
        return link;
    }

    /// {@return the address of `host` from which `target` is reached}
    InetAddress addressTo(InetSocketAddress target, SimulatedHost host)
            throws NoRouteToHostException {
        var ip = target.getAddress();
        if (ip.equals(SimulatedAddresses.BROADCAST)) {
            return host.addresses().getFirst();
        }
        var own = hostOf(ip, host) == null ? null : host.addressTo(ip);
        if (own == null) {
            throw new NoRouteToHostException("No route to host");
        }
        return own;
    }

    @Override
    public Listener listen(SocketAddress address, ListenOptions options) throws IOException {
        var life = here();
        var at = life.bindListener(SimulatedAddresses.checked(address));
        return new SimulatedListener(this, life, at, options.backlog());
    }

    @Override
    public DatagramLink bindDatagram(
            @Nullable SocketAddress local, @Nullable SocketAddress remote, DatagramOptions options)
            throws IOException {
        var life = here();
        var target = remote == null ? null : SimulatedAddresses.checked(remote);
        var asked =
                local == null
                        ? new InetSocketAddress(SimulatedAddresses.ANY, 0)
                        : SimulatedAddresses.checked(local);
        var from =
                target != null && asked.getAddress().isAnyLocalAddress()
                        ? new InetSocketAddress(addressTo(target, life.host()), asked.getPort())
                        : asked;
        var bound = life.bindDatagrams(from, options.reusePort());
        return new SimulatedDatagramLink(this, life, bound, target, options);
    }

    // ---- for the parts

    VirtualTimeLoop loop() {
        return loop;
    }

    int window() {
        return window;
    }

    Duration giveUpTime() {
        return giveUpTime;
    }

    boolean cutsPieces() {
        return chunking;
    }

    /// {@return how many of so many bytes travel together} Small pieces are as likely as large
    /// ones.
    int pieceOf(int bytes) {
        var most = Math.min(bytes, LARGEST_PIECE);
        return chunking ? 1 + random.nextInt(Math.min(most, 1 << random.nextInt(15))) : most;
    }

    /// {@return the host, in its present life, that the current code is on}
    private HostLife here() {
        var life = currentLife();
        return life != null && life.host().network() == this ? life : known(DEFAULT_HOST).life();
    }

    static @Nullable HostLife currentLife() {
        return HERE.get().orElse(null);
    }

    static @Nullable HostLife lifeIn(Context context) {
        return context.call(HERE::get).orElse(null);
    }

    /// {@return the name of the host that a context is on}
    static String hostIn(Context context) {
        var life = lifeIn(context);
        return life == null ? DEFAULT_HOST : life.host().name();
    }

    /// Puts the current context on a host.
    static void enter(HostLife life) {
        var _ = HERE.set(Optional.of(life));
    }

    TimerHandle timer(Duration delay, Runnable callback) {
        return context.call(() -> loop.callLater(delay, callback));
    }

    void soon(Runnable callback) {
        loop.callSoon(callback, context);
    }

    /// Runs something that belongs to no host.
    void inside(Runnable body) {
        context.run(body::run);
    }

    private Path path(SimulatedHost from, SimulatedHost to) {
        return paths.computeIfAbsent(new Ends(from, to), _ -> new Path(from, to));
    }

    /// {@return whose address it is, seen from `host`; null if nobody's}
    private @Nullable SimulatedHost hostOf(InetAddress ip, SimulatedHost host) {
        return ip.isLoopbackAddress() || ip.isAnyLocalAddress() ? host : owners.get(ip);
    }

    @Nullable SimulatedLink peerOf(SimulatedLink link) {
        var host = hostOf(link.remoteAddress().getAddress(), link.life().host());
        return host == null ? null : host.life().link(link.remoteAddress(), link.localAddress());
    }

    /// Sends a packet, unless the host has crashed.
    void send(
            HostLife life,
            Packet.Kind kind,
            InetSocketAddress from,
            InetSocketAddress to,
            long sequence,
            byte[] payload,
            int size,
            @Nullable SimulatedLink sender) {
        var target = hostOf(to.getAddress(), life.host());
        if (life.isDown() || target == null) {
            return;
        }
        var path = path(life.host(), target);
        var packet = new Packet(++packets, kind, life.host().name(), from, target.name(), to, size);
        log.sent(packet);
        arriveAfter(
                delayOf(path).plus(turnOf(path, payload.length)),
                new Flight(
                        packet,
                        path,
                        loop.time(),
                        sequence,
                        ByteBuffer.wrap(payload),
                        life,
                        sender));
    }

    /// Sends a datagram, unless the host has crashed: to one host, or to all for a broadcast.
    void sendDatagram(HostLife life, InetSocketAddress from, InetSocketAddress to, byte[] payload) {
        if (life.isDown()) {
            return;
        }
        if (to.getAddress().equals(SimulatedAddresses.BROADCAST)) {
            hosts.values()
                    .forEach(
                            host -> sendDatagram(path(life.host(), host), life, from, to, payload));
            return;
        }
        var target = hostOf(to.getAddress(), life.host());
        if (target != null) {
            sendDatagram(path(life.host(), target), life, from, to, payload);
        }
    }

    private void sendDatagram(
            Path path,
            HostLife life,
            InetSocketAddress from,
            InetSocketAddress to,
            byte[] payload) {
        var packet =
                new Packet(
                        ++packets,
                        Packet.Kind.DATAGRAM,
                        path.from.name(),
                        from,
                        path.to.name(),
                        to,
                        payload.length);
        log.sent(packet);
        var leaves = turnOf(path, payload.length);
        if (happens(datagramLoss, path)) {
            log.dropped(packet, "loss");
            return;
        }
        var copies = happens(datagramDuplication, path) ? 2 : 1;
        for (var copy = 0; copy < copies; copy++) {
            var later = happens(datagramReordering, path) ? reorderingDelay : Duration.ZERO;
            arriveAfter(
                    delayOf(path).plus(leaves).plus(later),
                    new Flight(
                            packet, path, loop.time(), -1, ByteBuffer.wrap(payload), life, null));
        }
    }

    /// Chance is asked only where it decides something.
    private boolean happens(double probability, Path path) {
        return probability > 0 && !path.isLocal() && random.nextDouble() < probability;
    }

    private Duration delayOf(Path path) {
        var base = path.latency == null ? path.isLocal() ? Duration.ZERO : latency : path.latency;
        return path.isLocal() || jitter.isZero()
                ? base
                : base.plusNanos(random.nextLong(jitter.toNanos() + 1));
    }

    /// {@return how long it takes until so many bytes have left, behind those that wait already}
    private Duration turnOf(Path path, int bytes) {
        if (bytesPerSecond == Long.MAX_VALUE || path.isLocal() || bytes == 0) {
            return Duration.ZERO;
        }
        var now = loop.time();
        var takes = Math.ceilDiv(bytes * TimeUnit.SECONDS.toNanos(1), bytesPerSecond);
        path.busyUntil = Math.max(path.busyUntil, now) + takes;
        return Duration.ofNanos(path.busyUntil - now);
    }

    private void arriveAfter(Duration delay, Flight flight) {
        timer(delay, () -> arrive(flight));
    }

    private void arrive(Flight flight) {
        var path = flight.path();
        var packet = flight.packet();
        var why = path.closedBecause();
        if (path.held) {
            path.keepOnHold(flight);
            log.delayed(packet, "held");
        } else if (why == null) {
            log.delivered(packet);
            path.to.arrived(flight);
        } else if (flight.isSentAgain()) {
            path.keepLost(flight);
            if (flight.sender() != null) {
                flight.sender().stuck(flight);
            }
            log.delayed(packet, why);
        } else {
            log.dropped(packet, why);
        }
    }

    void dropped(Packet packet, String why) {
        log.dropped(packet, why);
    }

    /// Forgets what a connection that was given up has still to send.
    void forgetStuck(SimulatedLink link) {
        paths.values()
                .forEach(path ->
                        path.forgetLost(flight -> flight.sender() == link)
                                .forEach(SimulatedNetwork::freed));
    }

    void hostEnded(SimulatedHost host) {
        log.hostCrashed(host.name());
        paths.values().forEach(path -> path.forgetLost(flight -> !flight.isSentAgain()));
    }

    void hostStarted(SimulatedHost host) {
        log.hostRestarted(host.name());
        for (var path : List.copyOf(paths.values())) {
            if (path.to == host) {
                sendLostAgain(path);
            }
        }
    }

    @Override
    public String toString() {
        return "SimulatedNetwork" + hosts.keySet();
    }
}

package dev.jloop.testkit;

import org.jspecify.annotations.Nullable;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Carries packets from host to host. A packet that is sent meets the rules, then the qualities of
/// the network; when it arrives, whatever stops it at the end of its way.
final class Wires {
    /// How long TCP waits before it sends again, at first and at most.
    private static final Duration FIRST_REPETITION = Duration.ofMillis(200);

    private static final Duration LAST_REPETITION = Duration.ofMinutes(2);
    private static final String BY_RULE = "rule";

    private final SimulatedNetwork network;
    private final HostDirectory hosts;
    private final Qualities qualities;
    private final PacketRules rules;
    private final PacketLog log;
    private final Map<Ends, Path> paths = new LinkedHashMap<>();
    private long packets;

    private record Ends(SimulatedHost from, SimulatedHost to) {}

    Wires(
            SimulatedNetwork network,
            HostDirectory hosts,
            Qualities qualities,
            PacketRules rules,
            PacketLog log) {
        this.network = network;
        this.hosts = hosts;
        this.qualities = qualities;
        this.rules = rules;
        this.log = log;
    }

    Path path(SimulatedHost from, SimulatedHost to) {
        return paths.computeIfAbsent(new Ends(from, to), _ -> new Path(from, to));
    }

    private @Nullable SimulatedHost hostAt(SocketAddress address, SimulatedHost seenFrom) {
        return address instanceof InetSocketAddress inet
                ? hosts.ownerOf(inet.getAddress(), seenFrom)
                : seenFrom;
    }

    @Nullable SimulatedLink peerOf(SimulatedLink link) {
        var host = hostAt(link.remoteEnd(), link.life().host());
        return host == null
                ? null
                : host.life().link(/* local= */ link.remoteEnd(), /* remote= */ link.localEnd());
    }

    // ---- streams

    /// Sends a packet, unless the host has crashed.
    void send(
            HostLife life,
            Packet.Kind kind,
            SocketAddress from,
            SocketAddress to,
            long sequence,
            byte[] payload,
            int size,
            @Nullable SimulatedLink sender) {
        var target = hostAt(to, life.host());
        if (life.isDown() || target == null) {
            return;
        }
        var packet = packet(kind, life, from, target, to, size);
        var bytes = ByteBuffer.wrap(payload);
        var path = path(life.host(), target);
        carry(new Flight(packet, path, now(), sequence, bytes, life, sender), FIRST_REPETITION);
    }

    private Packet packet(
            Packet.Kind kind,
            HostLife life,
            SocketAddress from,
            SimulatedHost target,
            SocketAddress to,
            int size) {
        var packet = new Packet(++packets, kind, life.host().name(), from, target.name(), to, size);
        log.sent(packet);
        return packet;
    }

    private long now() {
        return network.loop().time();
    }

    /// @param repetition when it is sent again if a rule drops it
    private void carry(Flight flight, Duration repetition) {
        switch (rules.judge(flight.packet())) {
            case Verdict.Undecided _, Verdict.Pass _ -> {
                var path = flight.path();
                var delay = qualities.delayOf(path);
                arriveAfter(
                        delay.plus(qualities.turnOf(path, flight.payload().remaining())), flight);
            }
            case Verdict.DeliverAfter after -> arriveAfter(after.delay(), flight);
            case Verdict.Drop _ -> dropOfStream(flight, repetition);
        }
    }

    private void dropOfStream(Flight flight, Duration repetition) {
        var packet = flight.packet();
        var sender = flight.sender();
        if (packet.kind() == Packet.Kind.SYN && sender != null) {
            log.dropped(packet, BY_RULE);
            sender.notHeard(flight);
        } else if (!flight.isSentAgain()
                || now() - flight.sentAt() >= qualities.giveUpTime().toNanos()) {
            log.dropped(packet, BY_RULE);
        } else {
            log.delayed(packet, BY_RULE + ", sent again after " + repetition);
            flight.path().keepRepeating(flight);
            if (sender != null) {
                sender.stuck(flight);
            }
            network.timer(repetition, () -> repeat(flight, repetition));
        }
    }

    private void repeat(Flight flight, Duration repetition) {
        if (flight.path().stopRepeating(flight)) { // else the connection was given up
            freed(flight);
            var next = repetition.multipliedBy(2);
            carry(flight, next.compareTo(LAST_REPETITION) < 0 ? next : LAST_REPETITION);
        }
    }

    private static void freed(Flight flight) {
        if (flight.sender() != null) {
            flight.sender().free(flight);
        }
    }

    // ---- datagrams

    /// Sends a datagram, unless the host has crashed: to one host, to all for a broadcast, or to
    /// those where somebody is in the group.
    ///
    /// @param reach how far it goes if it is for a group
    void sendDatagram(
            HostLife life,
            InetSocketAddress from,
            InetSocketAddress to,
            byte[] payload,
            GroupReach reach) {
        if (!life.isDown()) {
            for (var target : recipients(life.host(), to.getAddress(), reach)) {
                sendDatagram(path(life.host(), target), life, from, to, payload);
            }
        }
    }

    private List<SimulatedHost> recipients(SimulatedHost from, InetAddress to, GroupReach reach) {
        if (to.equals(SimulatedAddresses.BROADCAST)) {
            return List.copyOf(hosts.all());
        }
        if (to.isMulticastAddress()) {
            return hosts.all().stream()
                    .filter(host -> host == from ? reach.here() : reach.elsewhere())
                    .filter(host -> host.life().hasMember(to))
                    .toList();
        }
        var target = hosts.ownerOf(to, from);
        return target == null ? List.of() : List.of(target);
    }

    private void sendDatagram(
            Path path,
            HostLife life,
            InetSocketAddress from,
            InetSocketAddress to,
            byte[] payload) {
        var packet = packet(Packet.Kind.DATAGRAM, life, from, path.to, to, payload.length);
        var flight = new Flight(packet, path, now(), -1, ByteBuffer.wrap(payload), life, null);
        switch (rules.judge(packet)) {
            case Verdict.Undecided _, Verdict.Pass _ -> carryDatagram(flight);
            case Verdict.DeliverAfter after -> arriveAfter(after.delay(), flight);
            case Verdict.Drop _ -> log.dropped(packet, BY_RULE);
        }
    }

    private void carryDatagram(Flight flight) {
        var path = flight.path();
        var leaves = qualities.turnOf(path, flight.payload().remaining());
        if (qualities.losesDatagram(path)) {
            log.dropped(flight.packet(), "loss");
            return;
        }
        var copies = qualities.repeatsDatagram(path) ? 2 : 1;
        for (var copy = 0; copy < copies; copy++) {
            var later = qualities.reorderingOf(path);
            arriveAfter(qualities.delayOf(path).plus(leaves).plus(later), flight);
        }
    }

    // ---- what arrives, or does not

    private void arriveAfter(Duration delay, Flight flight) {
        network.timer(delay, () -> arrive(flight));
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

    void partition(Path path) {
        path.partitioned = true;
    }

    void repair(Path path) {
        path.partitioned = false;
        sendLostAgain(path);
    }

    private void sendLostAgain(Path path) {
        if (path.closedBecause() == null) {
            for (var flight : path.takeLost()) {
                freed(flight);
                if (flight.isSentAgain()) {
                    arriveAfter(qualities.delayOf(path), flight);
                }
            }
        }
    }

    void hold(Path path) {
        path.held = true;
    }

    void release(Path path) {
        path.held = false;
        path.takeOnHold().forEach(flight -> arriveAfter(Duration.ZERO, flight));
    }

    void resetConnections(SimulatedHost one, SimulatedHost other) {
        for (var link : List.copyOf(one.life().links())) {
            if (hostAt(link.remoteEnd(), one) == other) {
                var peer = peerOf(link);
                link.fail(new SocketException("Connection reset"));
                if (peer != null) {
                    peer.fail(new SocketException("Connection reset"));
                }
            }
        }
    }

    /// Forgets what a connection that was given up has still to send.
    void forgetStuck(SimulatedLink link) {
        paths.values()
                .forEach(path ->
                        path.forget(flight -> flight.sender() == link).forEach(Wires::freed));
    }

    void hostEnded(SimulatedHost host) {
        log.hostCrashed(host.name());
        paths.values().forEach(path -> path.forget(flight -> !flight.isSentAgain()));
    }

    void hostStarted(SimulatedHost host) {
        log.hostRestarted(host.name());
        for (var path : List.copyOf(paths.values())) {
            if (path.to == host) {
                sendLostAgain(path);
            }
        }
    }

    /// Adds the ways that are not open to a description, and those on which packets wait.
    void describe(List<String> text) {
        for (var path : paths.values()) {
            var why = path.held ? "held" : path.closedBecause();
            if (why != null || path.waiting() > 0) {
                text.add(
                        "path "
                                + path
                                + ": "
                                + (why == null ? "open" : why)
                                + ", packets waiting "
                                + path.waiting());
            }
        }
    }
}

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
import java.util.function.Predicate;

/// Carries packets from host to host. A packet that is sent meets the rules, then the qualities of
/// the network; when it arrives, whatever stops it at the end of its way.
final class Wires {
    /// How long TCP waits before it sends again, at first and at most.
    private static final Duration FIRST_REPETITION = Duration.ofMillis(200);

    private static final Duration LAST_REPETITION = Duration.ofMinutes(2);
    private static final String BY_RULE = "rule";
    private static final String GIVEN_UP = "given up";
    private static final byte[] NO_BYTES = {};
    private static final long NO_CONNECTION = 0;
    private static final long NO_SEQUENCE = -1;

    private final SimulatedNetwork network;
    private final HostDirectory hosts;
    private final Qualities qualities;
    private final PacketRules rules;
    private final PacketLog log;
    private final Map<Ends, Path> paths = new LinkedHashMap<>();
    private long packets;
    private long connections;

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

    /// {@return the number of one more connection} Both ends have it, and so have its packets: what
    /// is left of a connection must not meddle with the next one between the same addresses.
    long nextConnection() {
        return ++connections;
    }

    @Nullable SimulatedLink peerOf(SimulatedLink link) {
        var host = hostAt(link.remoteEnd(), link.life().host());
        return host == null
                ? null
                : host.life()
                        .link(
                                /* local= */ link.remoteEnd(),
                                /* remote= */ link.localEnd(),
                                link.connection());
    }

    /// {@return the end that a packet is for, or null if it is gone}
    private static @Nullable SimulatedLink receiver(Flight flight) {
        var packet = flight.packet();
        return flight.path().to.life().link(packet.to(), packet.from(), flight.connection());
    }

    // ---- streams

    /// Sends a packet that carries nothing and waits for nothing before it.
    void send(SimulatedLink link, Packet.Kind kind, int size) {
        send(link, kind, NO_SEQUENCE, NO_BYTES, size);
    }

    /// Sends a packet in its turn, unless the host has crashed.
    void send(SimulatedLink link, Packet.Kind kind, long sequence, byte[] payload) {
        send(link, kind, sequence, payload, payload.length);
    }

    private void send(
            SimulatedLink link, Packet.Kind kind, long sequence, byte[] payload, int size) {
        var life = link.life();
        var target = hostAt(link.remoteEnd(), life.host());
        if (life.isDown() || target == null) {
            return;
        }
        var packet = packet(kind, life, link.localEnd(), target, link.remoteEnd(), size);
        var bytes = ByteBuffer.wrap(payload);
        var path = path(life.host(), target);
        carry(
                new Flight(packet, path, now(), link.connection(), sequence, bytes, life, link),
                FIRST_REPETITION);
    }

    /// Lets a host answer by itself, unless it has crashed.
    void answer(HostLife life, Packet.Kind kind, Flight question) {
        if (life.isDown()) {
            return;
        }
        var target = question.path().from;
        var packet =
                packet(kind, life, question.packet().to(), target, question.packet().from(), 0);
        var bytes = ByteBuffer.wrap(NO_BYTES);
        var path = path(life.host(), target);
        carry(
                new Flight(
                        packet,
                        path,
                        now(),
                        question.connection(),
                        NO_SEQUENCE,
                        bytes,
                        life,
                        /* sender= */ null),
                FIRST_REPETITION);
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
        if (packet.kind() == Packet.Kind.SYN) {
            notHeard(flight, BY_RULE);
        } else if (!flight.isSentAgain()) {
            lose(flight, BY_RULE);
        } else if (now() - flight.sentAt() >= qualities.giveUpTime().toNanos()) {
            lose(flight, BY_RULE);
            if (sender != null && flight.isMissed()) {
                sender.giveUp(); // whose own timer may come later in the same instant
            }
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

    /// What asks for a connection was lost, and will be sent again, as by a kernel.
    void notHeard(Flight flight, String why) {
        log.dropped(flight.packet(), why);
        if (flight.sender() != null) {
            flight.sender().notHeard(flight);
        }
    }

    /// Lets a packet of a connection be lost for good.
    private void lose(Flight flight, String why) {
        log.dropped(flight.packet(), why);
        if (flight.packet().kind() == Packet.Kind.ACK) {
            var waiting = receiver(flight);
            if (waiting != null) {
                waiting.missedCompletion();
            }
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
        var bytes = ByteBuffer.wrap(payload);
        var flight = new Flight(packet, path, now(), NO_CONNECTION, NO_SEQUENCE, bytes, life, null);
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
        if (path.isHeld()) {
            path.keepOnHold(flight);
            log.delayed(packet, "held");
            tellOfHold(flight, true);
        } else if (why == null) {
            log.delivered(packet);
            if (flight.sender() != null) {
                flight.sender().heard(flight);
            }
            path.to.arrived(flight);
        } else if (flight.isSentAgain()) {
            path.keepLost(flight);
            if (flight.sender() != null) {
                flight.sender().stuck(flight);
            }
            log.delayed(packet, why);
        } else {
            lose(flight, why);
        }
    }

    /// Whoever waits for a connection does not give up while the question or the answer is held.
    private static void tellOfHold(Flight flight, boolean held) {
        var connecting =
                switch (flight.packet().kind()) {
                    case SYN -> flight.sender();
                    case SYN_ACK, RST -> receiver(flight);
                    default -> null;
                };
        if (connecting != null) {
            connecting.answerIsHeld(held);
        }
    }

    void dropped(Packet packet, String why) {
        log.dropped(packet, why);
    }

    void partition(Path path) {
        path.partition();
    }

    void repair(Path path) {
        path.repair();
        sendLostAgain(path);
    }

    private void sendLostAgain(Path path) {
        if (path.closedBecause() == null) {
            for (var flight : path.takeLost()) {
                freed(flight);
                if (flight.isSentAgain()) {
                    arriveAfter(qualities.delayOf(path), flight);
                } else {
                    lose(flight, GIVEN_UP);
                }
            }
        }
    }

    void hold(Path path) {
        path.hold();
    }

    void release(Path path) {
        for (var flight : path.release()) {
            tellOfHold(flight, false);
            arriveAfter(Duration.ZERO, flight.sentAgainAt(now()));
        }
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

    /// Forgets what a connection that was given up has still to send, and what a host has still to
    /// answer it.
    void forgetStuck(SimulatedLink link) {
        var there = hostAt(link.remoteEnd(), link.life().host());
        if (there != null) {
            var here = link.life().host();
            forget(path(here, there), flight -> flight.sender() == link);
            forget(
                    path(there, here),
                    flight -> flight.sender() == null && flight.connection() == link.connection());
        }
    }

    private void forget(Path path, Predicate<Flight> which) {
        for (var flight : path.forget(which)) {
            freed(flight);
            lose(flight, GIVEN_UP);
        }
    }

    void hostEnded(SimulatedHost host) {
        log.hostCrashed(host.name());
        paths.values().forEach(path -> forget(path, flight -> !flight.isSentAgain()));
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
            var why = path.isHeld() ? "held" : path.closedBecause();
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

package dev.jloop.testkit;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// The way from one host to another, in this direction.
final class Path {
    final SimulatedHost from;
    final SimulatedHost to;

    /// Null for that of the network.
    private @Nullable Duration latency;

    private boolean partitioned;
    private boolean held;

    /// When the last bytes so far have left, where bandwidth is limited.
    private long busyUntil;

    /// Of streams: to be sent again when the way is open.
    private final ArrayDeque<Flight> lost = new ArrayDeque<>();

    private final ArrayDeque<Flight> onHold = new ArrayDeque<>();

    /// Of streams, by the numbers of the packets: dropped by a rule, and sent again when a timer
    /// says so.
    private final Map<Long, Flight> repeating = new LinkedHashMap<>();

    Path(SimulatedHost from, SimulatedHost to) {
        this.from = from;
        this.to = to;
    }

    boolean isLocal() {
        return from == to;
    }

    void latency(Duration oneWay) {
        latency = oneWay;
    }

    /// {@return its own latency, else none within a host, else that of the network}
    Duration latencyOr(Duration ofNetwork) {
        if (latency != null) {
            return latency;
        }
        return isLocal() ? Duration.ZERO : ofNetwork;
    }

    /// Lets bytes leave after those that wait already.
    ///
    /// @param takes how long they take to leave
    /// @return how long from now on until they have left
    Duration queue(long nowNanos, long takes) {
        busyUntil = Math.max(busyUntil, nowNanos) + takes;
        return Duration.ofNanos(busyUntil - nowNanos);
    }

    void partition() {
        partitioned = true;
    }

    void repair() {
        partitioned = false;
    }

    boolean isHeld() {
        return held;
    }

    void hold() {
        held = true;
    }

    /// {@return what was held back}
    List<Flight> release() {
        held = false;
        return take(onHold);
    }

    /// {@return why nothing arrives now, or null if it does}
    @Nullable String closedBecause() {
        if (partitioned) {
            return "partition";
        }
        return to.isUp() ? null : "host down";
    }

    void keepLost(Flight flight) {
        lost.add(flight);
    }

    void keepOnHold(Flight flight) {
        onHold.add(flight);
    }

    List<Flight> takeLost() {
        return take(lost);
    }

    private static List<Flight> take(ArrayDeque<Flight> waiting) {
        var taken = new ArrayList<>(waiting);
        waiting.clear();
        return taken;
    }

    void keepRepeating(Flight flight) {
        repeating.put(flight.packet().number(), flight);
    }

    /// {@return false if it was forgotten meanwhile}
    boolean stopRepeating(Flight flight) {
        return repeating.remove(flight.packet().number()) != null;
    }

    /// Forgets what was to be sent again.
    ///
    /// @return what is forgotten now
    List<Flight> forget(Predicate<Flight> which) {
        var forgotten =
                Stream.concat(lost.stream(), repeating.values().stream()).filter(which).toList();
        lost.removeIf(which);
        repeating.values().removeIf(which);
        return forgotten;
    }

    int waiting() {
        return lost.size() + onHold.size() + repeating.size();
    }

    @Override
    public String toString() {
        return from.name() + " -> " + to.name();
    }
}

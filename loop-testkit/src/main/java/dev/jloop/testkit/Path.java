package dev.jloop.testkit;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/// The way from one host to another, in this direction.
final class Path {
    final SimulatedHost from;
    final SimulatedHost to;

    /// Null for that of the network.
    @Nullable Duration latency;

    boolean partitioned;
    boolean held;

    /// When the last bytes so far have left, where bandwidth is limited.
    long busyUntil;

    /// Of streams: to be sent again when the way is open.
    private final ArrayDeque<Flight> lost = new ArrayDeque<>();

    private final ArrayDeque<Flight> onHold = new ArrayDeque<>();

    Path(SimulatedHost from, SimulatedHost to) {
        this.from = from;
        this.to = to;
    }

    boolean isLocal() {
        return from == to;
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

    List<Flight> takeOnHold() {
        return take(onHold);
    }

    private static List<Flight> take(ArrayDeque<Flight> waiting) {
        var taken = new ArrayList<>(waiting);
        waiting.clear();
        return taken;
    }

    /// {@return what is forgotten now}
    List<Flight> forgetLost(Predicate<Flight> which) {
        var forgotten = lost.stream().filter(which).toList();
        lost.removeAll(forgotten);
        return forgotten;
    }

    int waiting() {
        return lost.size() + onHold.size();
    }

    @Override
    public String toString() {
        return from.name() + " -> " + to.name();
    }
}

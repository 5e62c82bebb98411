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
    @Nullable Duration latency;

    boolean partitioned;
    boolean held;

    /// When the last bytes so far have left, where bandwidth is limited.
    long busyUntil;

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

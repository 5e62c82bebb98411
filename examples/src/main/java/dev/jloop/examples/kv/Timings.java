package dev.jloop.examples.kv;

import java.time.Duration;

/// How patient nodes and clients are. Immutable; start from [#DEFAULTS].
///
/// @param heartbeat how long a leader stays silent at most; also the rest after a peer could not be
///   reached
/// @param election how long a node waits for a leader before it stands for election, at least; at
///   most it is twice that, drawn anew each time
/// @param answer how long one node waits for the answer of another
/// @param command how long a node works on a command of a client, and a client waits for it
public record Timings(Duration heartbeat, Duration election, Duration answer, Duration command) {
    /// For a network where a message takes a few milliseconds.
    public static final Timings DEFAULTS =
            new Timings(
                    Duration.ofMillis(50),
                    Duration.ofMillis(200),
                    Duration.ofMillis(150),
                    Duration.ofSeconds(1));

    /// Checks the values.
    public Timings {
        requirePositive("heartbeat", heartbeat);
        requirePositive("answer", answer);
        requirePositive("command", command);
        if (election.compareTo(heartbeat) <= 0) {
            throw new IllegalArgumentException(
                    "election must be longer than heartbeat ("
                            + heartbeat
                            + "), or nodes depose a healthy leader; was "
                            + election);
        }
    }

    private static void requirePositive(String name, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(name + " must be more than zero, was " + value);
        }
    }
}

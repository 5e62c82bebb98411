package dev.jloop.examples.chat;

import java.time.Duration;

/// Settings of a chat server. Immutable; start from [#DEFAULTS].
///
/// @param mostClients connections at the same time, at least 1; further ones wait to be accepted
/// @param longestLineBytes the longest line that a client may send, at least 64
/// @param queueBytes how much may wait for one client before it is dropped, at least 1,024
/// @param patience how long a client may take to catch up, once a quarter of its queue is full, and
///   how long it may take to receive the rest when it leaves
/// @param silence how long a client may send nothing at all; an empty line is a sign of life
/// @param pause how long the server takes no further line from a client that has said something, so
///   that a flood stays in the connection of who sends it
public record ChatOptions(
        int mostClients,
        int longestLineBytes,
        int queueBytes,
        Duration patience,
        Duration silence,
        Duration pause) {
    /// 10,000 clients, lines of 4 KiB, a queue of 256 KiB, 10 seconds to catch up, half an hour of
    /// silence, and 100 lines a second from each client.
    public static final ChatOptions DEFAULTS =
            new ChatOptions(
                    10_000,
                    4 * 1024,
                    256 * 1024,
                    Duration.ofSeconds(10),
                    Duration.ofMinutes(30),
                    Duration.ofMillis(10));

    /// Checks the values, so that no invalid instance can exist.
    public ChatOptions {
        checkAtLeast("mostClients", 1, mostClients);
        checkAtLeast("longestLineBytes", 64, longestLineBytes);
        checkAtLeast("queueBytes", 1_024, queueBytes);
        checkPositive("patience", patience);
        checkPositive("silence", silence);
        if (pause.isNegative()) {
            throw new IllegalArgumentException("pause must not be negative, was " + pause);
        }
    }

    private static void checkAtLeast(String name, int least, int value) {
        if (value < least) {
            throw new IllegalArgumentException(
                    name + " must be at least " + least + ", was " + value);
        }
    }

    private static void checkPositive(String name, Duration value) {
        if (!value.isPositive()) {
            throw new IllegalArgumentException(name + " must be positive, was " + value);
        }
    }

    /// {@return these settings with another queue}
    ///
    /// @param bytes how much may wait for one client before it is dropped, at least 1,024
    public ChatOptions withQueueBytes(int bytes) {
        return new ChatOptions(mostClients, longestLineBytes, bytes, patience, silence, pause);
    }

    /// {@return these settings with another patience}
    ///
    /// @param time how long a client may take to catch up; positive
    public ChatOptions withPatience(Duration time) {
        return new ChatOptions(mostClients, longestLineBytes, queueBytes, time, silence, pause);
    }

    /// {@return these settings with another limit of silence}
    ///
    /// @param time how long a client may send nothing at all; positive
    public ChatOptions withSilence(Duration time) {
        return new ChatOptions(mostClients, longestLineBytes, queueBytes, patience, time, pause);
    }

    /// {@return these settings with another pause}
    ///
    /// @param time how long no further line is taken from who has said something; zero or more
    public ChatOptions withPause(Duration time) {
        return new ChatOptions(mostClients, longestLineBytes, queueBytes, patience, silence, time);
    }
}

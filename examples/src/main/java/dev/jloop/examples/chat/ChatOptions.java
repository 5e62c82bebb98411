package dev.jloop.examples.chat;

import java.time.Duration;

/// Settings of a chat server. Immutable; start from [#DEFAULTS].
///
/// @param mostClients connections at the same time, at least 1; further ones wait to be accepted
/// @param longestLineBytes the longest line that a client may send, at least 64
/// @param queueBytes how much may wait for one client, at least the length of four of the longest
///   lines; so memory is bounded by that much for each client
/// @param slowReaders what happens to a client whose queue is full
/// @param patience how long a client may take to catch up, once a quarter of its queue is full, if
///   slow readers are cut; and how long it may take to receive the rest when it leaves
/// @param silence how long a client may send nothing at all, or take to catch up if slow readers
///   are held back; an empty line is a sign of life
/// @param pause how long the server takes no further line from a client that has said something, so
///   that a flood stays in the connection of who sends it
public record ChatOptions(
        int mostClients,
        int longestLineBytes,
        int queueBytes,
        SlowReaders slowReaders,
        Duration patience,
        Duration silence,
        Duration pause) {
    /// 10,000 clients, lines of 4 KiB, a queue of 256 KiB; slow readers are cut, and have 10
    /// seconds to catch up; half an hour of silence, and 100 lines a second from each client.
    public static final ChatOptions DEFAULTS =
            new ChatOptions(
                    10_000,
                    4 * 1024,
                    256 * 1024,
                    SlowReaders.CUT,
                    Duration.ofSeconds(10),
                    Duration.ofMinutes(30),
                    Duration.ofMillis(10));

    /// A line that is passed on has a name before it, and bytes that are no UTF-8 become three.
    private static final int LINES_IN_QUEUE = 4;

    /// Checks the values, so that no invalid instance can exist.
    public ChatOptions {
        checkAtLeast("mostClients", 1, mostClients);
        checkAtLeast("longestLineBytes", 64, longestLineBytes);
        if (queueBytes / LINES_IN_QUEUE < longestLineBytes) {
            throw new IllegalArgumentException(
                    "queueBytes must be at least four times longestLineBytes, was "
                            + queueBytes
                            + " for lines of "
                            + longestLineBytes);
        }
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

    /// {@return these settings with another limit of clients}
    ///
    /// @param clients connections at the same time, at least 1
    public ChatOptions withMostClients(int clients) {
        return new ChatOptions(
                clients, longestLineBytes, queueBytes, slowReaders, patience, silence, pause);
    }

    /// {@return these settings with another longest line}
    ///
    /// @param bytes the longest line that a client may send, at least 64
    public ChatOptions withLongestLineBytes(int bytes) {
        return new ChatOptions(
                mostClients, bytes, queueBytes, slowReaders, patience, silence, pause);
    }

    /// {@return these settings with another queue}
    ///
    /// @param bytes how much may wait for one client, at least four of the longest lines
    public ChatOptions withQueueBytes(int bytes) {
        return new ChatOptions(
                mostClients, longestLineBytes, bytes, slowReaders, patience, silence, pause);
    }

    /// {@return these settings with another way with slow readers}
    ///
    /// @param what happens to a client whose queue is full
    public ChatOptions withSlowReaders(SlowReaders what) {
        return new ChatOptions(
                mostClients, longestLineBytes, queueBytes, what, patience, silence, pause);
    }

    /// {@return these settings with another patience}
    ///
    /// @param time how long a client may take to catch up; positive
    public ChatOptions withPatience(Duration time) {
        return new ChatOptions(
                mostClients, longestLineBytes, queueBytes, slowReaders, time, silence, pause);
    }

    /// {@return these settings with another limit of silence}
    ///
    /// @param time how long a client may send nothing at all; positive
    public ChatOptions withSilence(Duration time) {
        return new ChatOptions(
                mostClients, longestLineBytes, queueBytes, slowReaders, patience, time, pause);
    }

    /// {@return these settings with another pause}
    ///
    /// @param time how long no further line is taken from who has said something; zero or more
    public ChatOptions withPause(Duration time) {
        return new ChatOptions(
                mostClients, longestLineBytes, queueBytes, slowReaders, patience, silence, time);
    }
}

package dev.jloop.examples.chat;

import dev.jloop.core.Async;
import dev.jloop.core.Task;
import dev.jloop.core.TimedOutException;
import dev.jloop.core.Timeout;
import dev.jloop.streams.StreamOptions;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.time.Duration;

/// One of many. Confined to the loop's thread.
final class LoadGuest {
    /// What has become of a guest who did not read.
    enum Fate {
        KEPT_UP,
        CUT,
        HELD_BACK
    }

    private static final int LONGEST_BEGIN = 100; // of a line, which is the name of its author
    private static final int LEAST_RECEIVE_BUFFER = 4 * 1024;
    private static final int LARGE_RECEIVE_BUFFER = 256 * 1024;

    /// How long nothing may come before the guest has read everything.
    private static final Duration QUIET = Duration.ofSeconds(5);

    private final int number;
    private final String room;
    private final int lineBytes;
    private final boolean silent;
    private @Nullable ChatClient client;

    LoadGuest(int number, ChatLoad.Plan plan) {
        this.number = number;
        room = "room" + number % plan.rooms();
        lineBytes = plan.lineBytes();
        silent = number >= plan.talkers();
    }

    int number() {
        return number;
    }

    private ChatClient client() {
        if (client == null) {
            throw new IllegalStateException(this + " has not entered");
        }
        return client;
    }

    void enter(String host, int port) throws IOException {
        // Else much would fit into the memory of a guest who does not read.
        var limit = lineBytes + LONGEST_BEGIN;
        var options = silent ? StreamOptions.DEFAULTS.withLimit(limit) : StreamOptions.DEFAULTS;
        client = ChatClient.connect(host, port, options);
        if (silent) {
            client.limitReceiveBuffer(LEAST_RECEIVE_BUFFER);
        }
        client.send("/nick " + this);
        client.send("/join " + room);
        var entered = "* " + this + " joined " + room;
        for (var line = ""; !entered.equals(line); ) {
            line = receive();
            if (line.startsWith("!")) {
                throw new IOException(this + " cannot enter: " + line);
            }
        }
    }

    private String receive() throws IOException {
        var line = client().receive();
        if (line == null) {
            throw new IOException("the server has ended the connection of " + this);
        }
        return line;
    }

    /// Says something with the time at which it should be said.
    void say(long dueNanos) throws IOException {
        var text = dueNanos + " ";
        client().send(text + "x".repeat(Math.max(0, lineBytes - text.length() - 1)));
    }

    /// {@return when the next line that comes should have been said}
    long hear() throws IOException {
        while (true) {
            var line = receive();
            if (line.startsWith("<")) {
                var begin = line.indexOf("> ") + 2;
                return Long.parseLong(line, begin, line.indexOf(' ', begin), 10);
            }
        }
    }

    /// Reads at last.
    Task<Fate> wakeUp() {
        return Async.createTask(this::readAtLast);
    }

    private Fate readAtLast() {
        try {
            client().limitReceiveBuffer(LARGE_RECEIVE_BUFFER);
            while (true) {
                var line = Timeout.after(QUIET).call(this::receive);
                if (line.startsWith("* you were too slow")) {
                    return Fate.HELD_BACK;
                }
            }
        } catch (TimedOutException nothingLeft) {
            return Fate.KEPT_UP;
        } catch (IOException lost) {
            return Fate.CUT;
        }
    }

    void abort() {
        if (client != null) {
            client.abort();
        }
    }

    @Override
    public String toString() {
        return "guest" + number;
    }
}

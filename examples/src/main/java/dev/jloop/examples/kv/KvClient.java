package dev.jloop.examples.kv;

import dev.jloop.core.Async;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// A client of the store. It finds the leader, and tries a command again until it is done; however
/// often it tries, the command is applied once.
///
/// All methods suspend, and go on for ever while no majority of the nodes can be reached: put a
/// [dev.jloop.core.Timeout] around. After a time-out or a cancellation it is unknown whether the
/// command is done, and it may be done later yet.
///
/// **Threading:** loop thread only, and one command at a time.
final class KvClient implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(KvClient.class);

    private final String id;
    private final List<NodeAddress> nodes;
    private final Timings timings;
    private final RandomGenerator random;
    private long sequence;
    private int current;
    private Exchange exchange;
    private boolean busy;

    /// @param id different for each client there ever is
    /// @param nodes all nodes of the store
    /// @param random spreads the tries of many clients
    KvClient(String id, List<NodeAddress> nodes, Timings timings, RandomGenerator random) {
        if (id.isEmpty() || nodes.isEmpty()) {
            throw new IllegalArgumentException(
                    "a client needs an id and nodes, was \"" + id + "\" and " + nodes);
        }
        this.id = id;
        this.nodes = List.copyOf(nodes);
        this.timings = timings;
        this.random = random;
        current = random.nextInt(nodes.size());
        exchange = new Exchange(nodes.get(current));
    }

    /// {@return the value of a key, if it has one} It is at least as new as all that was done
    /// before the call, by any client.
    Optional<String> get(String key) {
        var done = execute(Command.Kind.GET, key, "");
        return done.found() ? Optional.of(done.value()) : Optional.empty();
    }

    /// Gives a key a value.
    ///
    /// @throws IllegalArgumentException if key and value are longer than [Command#LONGEST_BYTES]
    ///   together
    void put(String key, String value) {
        execute(Command.Kind.PUT, key, value);
    }

    /// Adds to the end of the value of a key; a key without a value gets this one.
    ///
    /// @throws IllegalArgumentException if key and value are longer than [Command#LONGEST_BYTES]
    ///   together, or the whole would be longer than [KvState#LONGEST_VALUE]; then nothing has
    ///   changed
    void append(String key, String value) {
        execute(Command.Kind.APPEND, key, value);
    }

    private Reply.Done execute(Command.Kind kind, String key, String value) {
        if (busy) {
            throw new IllegalStateException("client " + id + " has a command under way already");
        }
        busy = true;
        try {
            var command = new Command(id, ++sequence, kind, key, value);
            while (true) {
                switch (tryOnce(command)) {
                    case Reply.Done done -> {
                        return done;
                    }
                    case Reply.Failed(var reason) -> throw new IllegalArgumentException(reason);
                    case Reply.Refused(var leader) -> turnTo(leader);
                    case Reply.Vote _, Reply.Append _ -> turnTo("");
                }
                rest();
            }
        } finally {
            busy = false;
        }
    }

    private Reply tryOnce(Command command) {
        try {
            return exchange.call(new Request.Execute(command), timings.command());
        } catch (IOException failure) {
            LOG.debug("client {} has no answer: {}", id, failure.toString());
            return new Reply.Refused("");
        }
    }

    private void turnTo(String leader) {
        exchange.close();
        current = (current + 1) % nodes.size();
        for (var i = 0; i < nodes.size(); i++) {
            if (nodes.get(i).name().equals(leader)) {
                current = i;
            }
        }
        exchange = new Exchange(nodes.get(current));
    }

    private void rest() {
        var nanos = timings.heartbeat().toNanos();
        Async.sleep(Duration.ofNanos(nanos / 2 + random.nextLong(nanos)));
    }

    /// Cuts the connection.
    @Override
    public void close() {
        exchange.close();
    }
}

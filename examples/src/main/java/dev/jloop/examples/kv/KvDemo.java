package dev.jloop.examples.kv;

import dev.jloop.core.Async;
import dev.jloop.core.EventLoop;
import dev.jloop.core.Task;
import dev.jloop.core.TaskGroup;
import dev.jloop.core.Timeout;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.random.RandomGenerator;

/// Runs a store of several nodes on loopback, kills its leader while a client writes, starts the
/// node again, and tells what happens.
///
/// **Threading:** loop thread only.
public final class KvDemo {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String KEY = "log";

    private final List<NodeAddress> addresses;
    private final PrintWriter out;
    private final RandomGenerator random = new Random();
    private final Map<String, Storage> storages = new HashMap<>();
    private final Map<String, Task<?>> running = new HashMap<>();
    private final Map<String, Long> applied = new HashMap<>();
    private final Changes changes = new Changes();
    private final TaskGroup group = new TaskGroup();
    private String leader = "";
    private long beganNanos;

    private KvDemo(List<NodeAddress> addresses, PrintWriter out) {
        this.addresses = addresses;
        this.out = out;
    }

    /// Runs the demonstration. Suspends.
    ///
    /// @param nodes how many there are, at least 3, so that one may fail
    /// @param out gets a line for all that happens
    /// @return whether nothing that was acknowledged got lost, and nothing was done twice
    /// @throws IOException if there are no free ports
    public static boolean run(int nodes, PrintWriter out) throws IOException {
        if (nodes < 3) {
            throw new IllegalArgumentException("nodes must be at least 3, was " + nodes);
        }
        return Timeout.after(PATIENCE).call(new KvDemo(freeAddresses(nodes), out)::show);
    }

    /// All at once, so that no port comes twice.
    private static List<NodeAddress> freeAddresses(int count) throws IOException {
        var sockets = new ArrayList<ServerSocket>();
        try {
            var addresses = new ArrayList<NodeAddress>();
            for (var i = 1; i <= count; i++) {
                var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                sockets.add(socket);
                addresses.add(new NodeAddress("n" + i, "127.0.0.1", socket.getLocalPort()));
            }
            return addresses;
        } finally {
            for (var socket : sockets) {
                socket.close();
            }
        }
    }

    private boolean show() {
        beganNanos = EventLoop.current().time();
        return Boolean.TRUE.equals(
                group.call(() -> {
                    addresses.forEach(this::start);
                    var client = new KvClient("demo", addresses, Timings.DEFAULTS, random);
                    try (client) {
                        return showWith(client);
                    } finally {
                        running.values().forEach(Task::cancel);
                    }
                }));
    }

    private boolean showWith(KvClient client) {
        append(client, "a", "b", "c");
        var killed = leader;
        tell("kill " + killed + ", the leader");
        kill(killed);
        append(client, "d", "e", "f");
        tell("start " + killed + " again; it remembers its log and nothing else");
        for (var address : addresses) {
            if (address.name().equals(killed)) {
                start(address);
            }
        }
        append(client, "g");
        var target = applied.values().stream().mapToLong(Long::longValue).max().orElse(0);
        changes.await(() -> applied.getOrDefault(killed, 0L) >= target);
        tell(killed + " has caught up with the " + target + " entries of the log");
        var value = client.get(KEY).orElse("");
        var isRight = value.equals("abcdefg");
        tell(
                isRight
                        ? "read \"" + value + "\": nothing is lost, nothing was done twice"
                        : "read \"" + value + "\", which should be \"abcdefg\"");
        return isRight;
    }

    private void append(KvClient client, String... values) {
        for (var value : values) {
            client.append(KEY, value);
            tell("appended \"" + value + "\"");
        }
    }

    private void start(NodeAddress address) {
        var others = addresses.stream().filter(other -> !other.equals(address)).toList();
        var storage = storages.computeIfAbsent(address.name(), _ -> new MemoryStorage());
        var node = new KvNode(address, others, storage, Timings.DEFAULTS, random, new Events());
        running.put(address.name(), group.createTask(node::run, "node " + address.name()));
    }

    private void kill(String name) {
        applied.remove(name);
        var node = running.get(name);
        if (node == null) {
            throw new IllegalStateException("no node is called \"" + name + "\"");
        }
        node.cancel("killed by the demonstration");
        Async.waitAll(List.of(node));
    }

    private void tell(String what) {
        var millis = (EventLoop.current().time() - beganNanos) / 1_000_000;
        out.printf("%6d ms  %s%n", millis, what);
        out.flush();
    }

    private final class Events implements KvEvents {
        @Override
        public void becameLeader(String node, long term) {
            leader = node;
            tell(node + " leads in term " + term);
        }

        @Override
        public void applied(String node, long index, LogEntry entry) {
            applied.put(node, index);
            changes.announce();
        }
    }
}

package dev.jloop.examples.kv;

import dev.jloop.core.Async;
import dev.jloop.core.Task;
import dev.jloop.core.TaskGroup;
import dev.jloop.core.TimedOutException;
import dev.jloop.core.Timeout;
import dev.jloop.testkit.Faults;
import dev.jloop.testkit.SimulatedNetwork;
import dev.jloop.testkit.VirtualTimeLoop;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.SplittableRandom;

/// A store on a simulated network, some clients, and all the trouble that one seed decides on.
final class Campaign {
    private static final int PORT = 7_400;

    /// Values are only ever added to the end of the one, and replaced at the other.
    private static final String APPENDED = "appended";

    private static final String REPLACED = "replaced";

    /// Reads for the most part; the others write for the most part.
    private static final String READER = "c1";

    private static final int COMMANDS = 12;
    private static final int TROUBLES = 8;
    private static final int RESTARTS = 4;
    private static final int LONGEST_ELECTION_STEP_MILLIS = 150;
    private static final int LONGEST_REST_MILLIS = 200;

    /// Clients lose patience before a deposed leader does, or they would hardly try twice.
    private static final Timings CLIENT_TIMINGS =
            new Timings(
                    Duration.ofMillis(50),
                    Duration.ofMillis(200),
                    Duration.ofMillis(150),
                    Duration.ofMillis(300));

    private static final Duration PATIENCE = Duration.ofMinutes(5);

    /// Where something may go wrong, and how often; for each seed some of them.
    private static final Map<String, Double> FAULTS =
            Map.of(
                    "kv.request", 0.02,
                    "kv.answer", 0.02,
                    "kv.reply", 0.02,
                    "kv.smallBatch", 0.5,
                    "kv.impatient", 0.002,
                    "kv.persist", 0.005,
                    "kv.persisted", 0.005);

    private static final List<String> WHERE_IT_MAY_WAIT =
            List.of("kv.request", "kv.answer", "kv.reply");

    private final Planted planted;
    private final Faults faults;
    private final SimulatedNetwork network;
    private final SplittableRandom random;
    private final List<NodeAddress> nodes = new ArrayList<>();
    private final List<String> clients = List.of(READER, "c2", "c3");
    private final Map<String, MemoryStorage> storages = new LinkedHashMap<>();
    private final Map<String, Task<?>> running = new LinkedHashMap<>();
    private final History appends = new History();
    private final RegisterHistory puts = new RegisterHistory();
    private final Invariants invariants = new Invariants();

    /// @param seeded what the seed has decided on
    Campaign(Planted planted, VirtualTimeLoop loop, SimulatedNetwork network, Random seeded) {
        this.planted = planted;
        this.faults = loop.faults();
        this.network = network;
        random = new SplittableRandom(seeded.nextLong());
        var count = random.nextBoolean() ? 3 : 5;
        for (var i = 1; i <= count; i++) {
            nodes.add(new NodeAddress("n" + i, "n" + i, PORT));
            storages.put("n" + i, new MemoryStorage());
        }
    }

    /// Runs everything. Suspends.
    ///
    /// @return what was broken first, if anything
    Optional<String> run() {
        hosts().forEach(network::host);
        network.setLatency(Duration.ofMillis(1));
        allowFaults();
        for (var node : nodes) {
            start(node);
        }
        var violation = violationInTime().or(this::deadNode);
        var left = List.copyOf(running.values());
        left.forEach(Task::cancel);
        Async.waitAll(left);
        return violation;
    }

    private Optional<String> violationInTime() {
        try {
            return Timeout.after(PATIENCE).call(this::violation);
        } catch (TimedOutException stuck) {
            return Optional.of(
                    "not done within " + PATIENCE + ", with " + running.keySet() + " up");
        }
    }

    /// {@return a node that has ended, although neither its host nor its storage has failed}
    private Optional<String> deadNode() {
        return running.entrySet().stream()
                .filter(node -> node.getValue().isDone())
                .map(node -> node.getKey() + " has ended by itself: " + node.getValue())
                .findFirst();
    }

    private Optional<String> violation() {
        var group = new TaskGroup();
        group.run(() -> {
            for (var client : clients) {
                var commands = random.split();
                var retries = random.split();
                group.createTask(() ->
                        await(
                                network.host(client)
                                        .createTask(() -> use(client, commands, retries))));
            }
            group.createTask(this::makeTrouble);
        });
        Optional<String> last = await(network.host(READER).createTask(this::readAtTheEnd));
        invariants.checkLogs(storages.values());
        return invariants
                .violation()
                .or(() -> appends.violation(last))
                .or(() -> puts.violation(invariants.puts(REPLACED)));
    }

    private static <T> T await(Task<T> task) {
        return task.await();
    }

    private List<String> hosts() {
        var names = new ArrayList<>(storages.keySet());
        names.addAll(clients);
        return names;
    }

    private void start(NodeAddress node) {
        var others = nodes.stream().filter(other -> !other.equals(node)).toList();
        var storage = Objects.requireNonNull(storages.get(node.name()));
        var started = planted.node(node, others, storage, random.split(), invariants);
        var host = network.host(node.name());
        running.put(node.name(), host.createTask(() -> live(node.name(), started)));
    }

    private void live(String name, KvNode node) throws IOException {
        try {
            node.run();
        } catch (UncheckedIOException storageFailed) {
            // It is down, as one that has crashed, until it is started again.
            running.remove(name, Async.currentTask());
        }
    }

    // The clients.

    private void use(String name, SplittableRandom commands, SplittableRandom retries) {
        try (var client = new KvClient(name, nodes, CLIENT_TIMINGS, retries)) {
            for (var i = 1; i <= COMMANDS; i++) {
                rest(commands);
                var writes = commands.nextInt(10) < (name.equals(READER) ? 1 : 7);
                var value = name + "." + i;
                if (commands.nextBoolean()) {
                    useAppended(client, writes, value);
                } else {
                    useReplaced(client, writes, value);
                }
            }
        }
    }

    private void useAppended(KvClient client, boolean writes, String value) {
        var began = appends.now();
        if (writes) {
            client.append(APPENDED, value + History.END);
            appends.appended(value, began);
        } else {
            appends.read(client.get(APPENDED), began);
        }
    }

    private void useReplaced(KvClient client, boolean writes, String value) {
        var began = puts.now();
        if (writes) {
            client.put(REPLACED, value);
            puts.put(value, began);
        } else {
            puts.read(client.get(REPLACED), began);
        }
    }

    /// {@return what was appended in all}
    private Optional<String> readAtTheEnd() {
        try (var client = new KvClient("last", nodes, CLIENT_TIMINGS, random.split())) {
            useReplaced(client, false, "");
            return client.get(APPENDED);
        }
    }

    private static void rest(SplittableRandom random) {
        Async.sleep(Duration.ofMillis(random.nextInt(LONGEST_REST_MILLIS)));
    }

    // The troubles.

    private void allowFaults() {
        for (var point : FAULTS.keySet().stream().sorted().toList()) {
            if (random.nextInt(3) == 0) {
                faults.enable(point, FAULTS.get(point));
            }
        }
        for (var point : WHERE_IT_MAY_WAIT) {
            if (random.nextInt(6) == 0) {
                faults.delay(point, Duration.ZERO, Duration.ofMillis(1 + random.nextInt(100)));
            }
        }
    }

    private void makeTrouble() {
        for (var i = 0; i < TROUBLES; i++) {
            Async.sleep(Duration.ofMillis(100 + random.nextInt(900)));
            switch (random.nextInt(12)) {
                case 0 -> part(1 + random.nextInt((1 << hosts().size()) - 1));
                case 1, 2 -> part(leaderWith(READER));
                case 3 -> crash(invariants.latestLeader());
                case 4 -> crash(anyOf(nodes).name());
                case 5 -> restartCrashed();
                case 6 -> heal();
                case 7 -> partOneWay(anyOf(hosts()), anyOf(hosts()));
                case 8 -> network.resetConnections(anyOf(hosts()), anyOf(hosts()));
                case 9, 10 -> upsetElection();
                default -> network.setLatency(Duration.ofMillis(1 + random.nextInt(60)));
            }
            invariants.checkLogs(storages.values());
        }
        FAULTS.keySet().forEach(faults::never);
        network.setLatency(Duration.ofMillis(1));
        heal();
        restartCrashed();
    }

    /// Splits the hosts into those whose bit is set and the others.
    private void part(int bits) {
        heal();
        var names = hosts();
        for (var i = 0; i < names.size(); i++) {
            for (var j = 0; j < i; j++) {
                if (((bits >> i) & 1) != ((bits >> j) & 1)) {
                    network.partition(names.get(i), names.get(j));
                }
            }
        }
    }

    private void partOneWay(String from, String to) {
        if (!from.equals(to)) {
            network.partitionOneWay(from, to);
        }
    }

    /// The leader, if there was one, and a client.
    private int leaderWith(String client) {
        var names = hosts();
        var leader = invariants.latestLeader();
        var leaderBit = leader.isEmpty() ? 0 : 1 << names.indexOf(leader);
        return leaderBit | (1 << names.indexOf(client));
    }

    private <T> T anyOf(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    private void heal() {
        var names = hosts();
        for (var one : names) {
            for (var other : names) {
                if (one.compareTo(other) < 0) {
                    network.repair(one, other);
                }
            }
        }
    }

    /// Never more than a minority, or there would be nothing to see.
    private void crash(String name) {
        var down = nodes.size() - running.size();
        if (running.containsKey(name) && down < nodes.size() / 2) {
            network.host(name).crash();
            running.remove(name);
        }
    }

    /// Those who have voted fail and come back while it goes on, with no other memory than their
    /// storage.
    private void upsetElection() {
        crash(invariants.latestLeader());
        for (var i = 0; i < RESTARTS; i++) {
            Async.sleep(Duration.ofMillis(random.nextInt(LONGEST_ELECTION_STEP_MILLIS)));
            var voter = invariants.latestVoter();
            if (running.containsKey(voter)) {
                network.host(voter).crash();
                restart(voter);
            }
        }
    }

    private void restartCrashed() {
        for (var node : nodes) {
            if (!running.containsKey(node.name())) {
                restart(node.name());
            }
        }
    }

    private void restart(String name) {
        network.host(name).restart();
        nodes.stream().filter(node -> node.name().equals(name)).forEach(this::start);
    }
}

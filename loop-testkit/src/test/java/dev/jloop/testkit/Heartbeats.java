package dev.jloop.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.jloop.core.Async;
import dev.jloop.core.Task;
import dev.jloop.core.TimedOutException;
import dev.jloop.core.Timeout;
import dev.jloop.streams.StreamConnection;
import dev.jloop.streams.StreamReader;
import dev.jloop.streams.StreamWriter;
import dev.jloop.streams.Streams;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Random;

/// Clients that tell a server again and again that they live, over connections that a partition
/// cuts every hour for a tenth of them.
///
/// A client sends a number, gets it back, and waits for some minutes. One that gets no answer in
/// time makes a new connection.
final class Heartbeats {
    private static final int PORT = 9_000;
    private static final Duration BEAT = Duration.ofMinutes(5);
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration PARTITION = Duration.ofMinutes(10);
    private static final int PARTED = 10;

    /// What has happened, in numbers.
    ///
    /// @param beats how many were answered
    /// @param reconnects how often a client had to start anew
    /// @param hash of everything that has happened, in its order and with its time
    record Outcome(long beats, long reconnects, long hash) {}

    private final VirtualTimeLoop loop;
    private final SimulatedNetwork network;
    private final Random random;
    private final int clients;
    private long beats;
    private long reconnects;
    private long hash = 1;

    private Heartbeats(VirtualTimeLoop loop, long seed, int clients) {
        this.loop = loop;
        this.clients = clients;
        random = Seeds.random(seed);
        network = SimulatedNetwork.on(loop);
        network.setLatency(Duration.ofMillis(20));
        network.setJitter(Duration.ofMillis(30));
        network.setChunking(false);
    }

    /// Lets a service live for so long.
    static Outcome run(long seed, int clients, Duration time) {
        try (var loop = VirtualTimeLoop.seeded(seed)) {
            loop.setExceptionHandler((_, failure) -> {
                throw new AssertionError(failure.message(), failure.exception());
            });
            var service = new Heartbeats(loop, seed, clients);
            loop.runUntilComplete(() -> service.live(time));
            return new Outcome(service.beats, service.reconnects, service.hash);
        }
    }

    /// Prints an outcome, for another JVM to read: seed, clients, time.
    static void main(String[] arguments) {
        IO.println(
                run(
                        Long.parseLong(arguments[0]),
                        Integer.parseInt(arguments[1]),
                        Duration.parse(arguments[2])));
    }

    private void live(Duration time) throws Exception {
        var server =
                network.host("server")
                        .createTask(() -> Streams.startServer(this::answer, "server", PORT))
                        .await();
        var living = new ArrayList<Task<?>>();
        for (var i = 0; i < clients; i++) {
            var client = i;
            living.add(network.host(name(client)).createTask(() -> beat(client)));
        }
        living.add(Async.createTask(this::partEveryHour));
        Async.sleep(time);
        living.forEach(task -> task.cancel("the time is over"));
        var _ = Async.waitAll(living);
        for (var task : living) {
            if (!task.isCancelled()) {
                throw new AssertionError(task + " has ended by itself", task.exception());
            }
        }
        var _ = server.shutdown(Duration.ofMinutes(2));
    }

    private static String name(int client) {
        return "client-" + client;
    }

    private void partEveryHour() {
        while (true) {
            Async.sleep(Duration.ofHours(1).minus(PARTITION));
            var first = random.nextInt(clients);
            var parted = new ArrayList<String>();
            for (var i = 0; i < Math.max(1, clients / PARTED); i++) {
                parted.add(name((first + i) % clients));
            }
            parted.forEach(client -> network.partition("server", client));
            Async.sleep(PARTITION);
            parted.forEach(client -> network.repair("server", client));
        }
    }

    private void answer(StreamReader reader, StreamWriter writer) throws IOException {
        try {
            for (var line = reader.readLine(); line.length > 0; line = reader.readLine()) {
                writer.write(line);
            }
        } catch (IOException gone) {
            happened(-1, 0);
        }
    }

    private void beat(int client) {
        while (true) {
            Async.sleep(Duration.ofMillis(random.nextLong(BEAT.toMillis())));
            try (var connection = Streams.openConnection("server", PORT)) {
                for (var number = 0; ; number++) {
                    exchange(connection, number);
                    beats++;
                    happened(client, number);
                    Async.sleep(BEAT);
                }
            } catch (IOException | TimedOutException lost) {
                reconnects++;
                happened(client, -1);
            }
        }
    }

    private static void exchange(StreamConnection connection, int number) throws IOException {
        var line = (number + "\n").getBytes(UTF_8);
        connection.writer().write(line);
        var answer = Timeout.after(PATIENCE).call(connection.reader()::readLine);
        if (!Arrays.equals(answer, line)) {
            throw new IOException("the answer to " + number + " was " + new String(answer, UTF_8));
        }
    }

    private void happened(int client, int what) {
        hash = 31 * (31 * (31 * hash + loop.time()) + client) + what;
    }
}

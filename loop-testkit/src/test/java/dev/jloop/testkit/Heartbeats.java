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
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/// Clients that tell a server again and again that they live. Every hour a partition cuts the
/// connections of a tenth of them, later the power fails for another tenth, and every second hour
/// for the server too. The clocks of a tenth jump by up to a day, to and fro.
///
/// A client sends a number and the time on its clock, gets them back, and waits for some minutes.
/// One that gets no answer in time makes a new connection. The server gives up who has been silent
/// for long.
final class Heartbeats {
    private static final int PORT = 9_000;
    private static final Duration BEAT = Duration.ofMinutes(5);
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration SILENCE = Duration.ofMinutes(15);
    private static final Duration PARTITION = Duration.ofMinutes(10);
    private static final Duration OUTAGE = Duration.ofMinutes(5);
    private static final Duration DAY = Duration.ofDays(1);
    private static final Duration HALF_AN_HOUR = Duration.ofMinutes(30);
    private static final String SERVER = "server";

    /// One client of so many has trouble at a time.
    private static final int TROUBLED = 10;

    /// What has happened, in numbers.
    ///
    /// @param beats how many were answered
    /// @param reconnects how often a client had to start anew
    /// @param lost how many connections the server has given up
    /// @param restarts how often a host was started anew
    /// @param turnedBack how often a client has seen its clock earlier than at its last beat
    /// @param hash that of the trace: of everything that has happened, in its order, with its time
    record Outcome(
            long beats, long reconnects, long lost, long restarts, long turnedBack, long hash) {}

    private final SimulatedNetwork network;
    private final InstantSource clock;
    private final Random random;
    private final int clients;
    private final Map<String, Task<?>> living = new LinkedHashMap<>();
    private long beats;
    private long reconnects;
    private long restarts;
    private long lost;
    private long turnedBack;

    private Heartbeats(VirtualTimeLoop loop, long seed, int clients) {
        this.clients = clients;
        random = Seeds.random(seed);
        clock = loop.instantSource();
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
            return new Outcome(
                    service.beats,
                    service.reconnects,
                    service.lost,
                    service.restarts,
                    service.turnedBack,
                    loop.trace().hash());
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

    private void live(Duration time) {
        startServer();
        for (var i = 0; i < clients; i++) {
            startClient(name(i));
        }
        living.put("partitions", Async.createTask(this::partEveryHour));
        living.put("outages", Async.createTask(this::failEveryHour));
        living.put("clocks", Async.createTask(this::jumpEveryHour));
        Async.sleep(time);
        living.values().forEach(task -> task.cancel("the time is over"));
        var _ = Async.waitAll(living.values());
        living.forEach((name, task) -> {
            if (!task.isCancelled()) {
                throw new AssertionError(name + " has ended by itself", task.exception());
            }
        });
    }

    private void startServer() {
        living.put(SERVER, network.host(SERVER).createTask(this::serve));
    }

    private void serve() throws IOException {
        var server = Streams.startServer(this::answer, SERVER, PORT);
        try {
            server.serveForever();
        } finally {
            var _ = server.shutdown(PATIENCE);
        }
    }

    private void startClient(String name) {
        living.put(name, network.host(name).createTask(this::beat));
    }

    private static String name(int client) {
        return "client-" + client;
    }

    private void partEveryHour() {
        while (true) {
            Async.sleep(Duration.ofHours(1).minus(PARTITION));
            var parted = anyClients();
            parted.forEach(client -> network.partition(SERVER, client));
            Async.sleep(PARTITION);
            parted.forEach(client -> network.repair(SERVER, client));
        }
    }

    /// In the first half of the hour, as partitions are in the second.
    private void failEveryHour() {
        for (var hour = 0; ; hour++) {
            Async.sleep(HALF_AN_HOUR.minus(OUTAGE));
            var failed = new ArrayList<>(anyClients());
            if (hour % 2 == 1) {
                failed.add(SERVER);
            }
            failed.forEach(host -> network.host(host).crash());
            Async.sleep(OUTAGE);
            for (var host : failed) {
                network.host(host).restart();
                restarts++;
                if (host.equals(SERVER)) {
                    startServer();
                } else {
                    startClient(host);
                }
            }
            Async.sleep(HALF_AN_HOUR);
        }
    }

    private void jumpEveryHour() {
        while (true) {
            Async.sleep(Duration.ofHours(1));
            for (var client : anyClients()) {
                network.host(client)
                        .jumpClock(
                                Duration.ofSeconds(
                                        random.nextLong(-DAY.toSeconds(), DAY.toSeconds())));
            }
        }
    }

    private List<String> anyClients() {
        var first = random.nextInt(clients);
        return IntStream.range(0, Math.max(1, clients / TROUBLED))
                .mapToObj(i -> name((first + i) % clients))
                .toList();
    }

    private void answer(StreamReader reader, StreamWriter writer) {
        try {
            for (var line = request(reader); line.length > 0; line = request(reader)) {
                writer.write(line);
            }
        } catch (IOException | TimedOutException gone) {
            lost++;
        }
    }

    private static byte[] request(StreamReader reader) throws IOException {
        return Timeout.after(SILENCE).call(reader::readLine);
    }

    private void beat() {
        var last = clock.instant();
        while (true) {
            Async.sleep(Duration.ofMillis(random.nextLong(BEAT.toMillis())));
            try (var connection = connect()) {
                for (var number = 0; ; number++) {
                    var now = clock.instant();
                    if (now.isBefore(last)) {
                        turnedBack++;
                    }
                    last = now;
                    exchange(connection, number + " " + now);
                    beats++;
                    Async.sleep(BEAT);
                }
            } catch (IOException | TimedOutException failed) {
                reconnects++;
            }
        }
    }

    private static StreamConnection connect() throws IOException {
        return Timeout.after(PATIENCE).call(() -> Streams.openConnection(SERVER, PORT));
    }

    private static void exchange(StreamConnection connection, String beat) throws IOException {
        var line = (beat + "\n").getBytes(UTF_8);
        connection.writer().write(line);
        var answer = Timeout.after(PATIENCE).call(connection.reader()::readLine);
        if (!Arrays.equals(answer, line)) {
            throw new IOException("the answer to " + beat + " was " + new String(answer, UTF_8));
        }
    }
}

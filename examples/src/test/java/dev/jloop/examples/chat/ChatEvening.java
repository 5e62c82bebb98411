package dev.jloop.examples.chat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jloop.core.Async;
import dev.jloop.core.Task;
import dev.jloop.streams.StreamOptions;
import dev.jloop.testkit.SimulatedNetwork;
import dev.jloop.testkit.VirtualTimeLoop;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/// A server and its guests on hosts of their own, and what must be true of all that they hear.
///
/// In each room an archivist comes first and leaves last; what he hears is the order of the room.
final class ChatEvening {
    private static final int GUESTS = 50;
    private static final int PORT = 7_000;
    private static final List<String> ROOMS = List.of("tea", "coffee", "water");
    private static final Duration LONGEST_CLEANUP = Duration.ofMinutes(10);
    private static final ChatOptions OPTIONS =
            ChatOptions.DEFAULTS
                    .withLongestLineBytes(1024)
                    .withQueueBytes(4 * 1024)
                    .withPatience(Duration.ofSeconds(3))
                    .withSilence(Duration.ofMinutes(3));

    /// What a guest is like.
    enum Manner {
        POLITE,
        /// Reads a line now and then, and is dropped if too much is said.
        SLOW,
        /// Cuts the connection at some time.
        RUDE,
        /// Is on a host whose power fails at some time.
        DOOMED
    }

    /// What somebody has said and heard.
    record Guest(String name, String room, Manner manner, List<String> said, List<String> heard) {
        Guest(String name, String room, Manner manner) {
            this(name, room, manner, new ArrayList<>(), new ArrayList<>());
        }

        String arrival() {
            return "* " + name + " joined " + room;
        }

        String departure() {
            return "* " + name + " left " + room;
        }
    }

    private final VirtualTimeLoop loop;
    private final Random random;
    private final SimulatedNetwork network;

    ChatEvening(VirtualTimeLoop loop, Random random) {
        this.loop = loop;
        this.random = random;
        network = SimulatedNetwork.on(loop);
        network.setLatency(Duration.ofMillis(5));
        network.setJitter(Duration.ofMillis(random.nextBoolean() ? 20 : 0));
        network.setWindow(1_024);
    }

    /// Runs it. Suspends.
    void run() throws Exception {
        var server =
                network.host("server")
                        .createTask(() -> ChatServer.start("server", PORT, OPTIONS))
                        .await();
        var archive = ROOMS.stream().map(room -> archivist(room)).toList();
        var archiving = archive.stream().map(this::archive).toList();
        while (server.roomCount() < ROOMS.size()) {
            Async.sleep(Duration.ofMillis(100));
        }
        var guests = IntStream.range(0, GUESTS).mapToObj(this::guest).toList();

        var visits = guests.stream().map(this::visit).toList();
        Async.waitAll(visits);
        for (var visit : visits) {
            if (!visit.isCancelled()) { // as those on hosts that have crashed are
                visit.await();
            }
        }
        awaitOnlyArchivists(server);
        assertThat(server.shutdown(Duration.ofSeconds(10)).cut()).isEmpty();
        Async.gather(archiving).await();

        assertThat(server.clientCount()).isZero();
        assertThat(server.roomCount()).isZero();
        for (var archivist : archive) {
            checkRoom(archivist, guests);
        }
    }

    private void awaitOnlyArchivists(ChatServer server) {
        var end = loop.time() + LONGEST_CLEANUP.toNanos();
        while (server.clientCount() > ROOMS.size()) {
            assertThat(loop.time()).as("clients are left").isLessThan(end);
            Async.sleep(Duration.ofSeconds(1));
        }
    }

    // ---- who comes

    private static Guest archivist(String room) {
        return new Guest("archivist-" + room, room, Manner.POLITE);
    }

    private Guest guest(int number) {
        var room = ROOMS.get(random.nextInt(ROOMS.size()));
        var manner =
                switch (random.nextInt(10)) {
                    case 0, 1 -> Manner.SLOW;
                    case 2, 3 -> Manner.RUDE;
                    case 4 -> Manner.DOOMED;
                    default -> Manner.POLITE;
                };
        return new Guest("guest-" + number, room, manner);
    }

    /// In quarters of a second, so that much happens at the same moment, in an order that the
    /// schedule decides.
    private Duration upTo(int millis) {
        return Duration.ofMillis(250L * random.nextInt(millis / 250));
    }

    private Task<?> archive(Guest archivist) {
        return network.host(archivist.name())
                .createTask(() -> {
                    try (var client = ChatClient.connect("server", PORT)) {
                        enter(client, archivist);
                        var living = Async.createTask(() -> showLife(client));
                        listen(client, archivist);
                        living.cancel();
                    }
                });
    }

    private static void showLife(ChatClient client) throws IOException {
        while (true) {
            Async.sleep(Duration.ofMinutes(1));
            client.send("");
        }
    }

    private Task<?> visit(Guest guest) {
        var host = network.host(guest.name());
        var visit =
                host.createTask(() -> {
                    Async.sleep(upTo(30_000));
                    var options = StreamOptions.DEFAULTS;
                    if (guest.manner() == Manner.SLOW) {
                        options = options.withLimit(64);
                    }
                    try (var client = ChatClient.connect("server", PORT, options)) {
                        enter(client, guest);
                        attend(client, guest);
                    } catch (IOException dropped) {
                        // Only these may lose their connection.
                        assertThat(guest.manner())
                                .as(guest + ": " + dropped)
                                .isNotEqualTo(Manner.POLITE);
                    }
                });
        if (guest.manner() == Manner.DOOMED) {
            loop.callLater(upTo(60_000), host::crash);
        }
        return visit;
    }

    private static void enter(ChatClient client, Guest guest) throws IOException {
        client.send("/nick " + guest.name());
        client.send("/join " + guest.room());
    }

    private void attend(ChatClient client, Guest guest) throws IOException {
        var talking = Async.createTask(() -> talkWhileItLasts(client, guest));
        try {
            listen(client, guest);
        } finally {
            talking.cancel();
            var _ = Async.waitAll(List.of(talking));
        }
    }

    private void talkWhileItLasts(ChatClient client, Guest guest) {
        try {
            talk(client, guest);
        } catch (IOException dropped) {
            assertThat(guest.manner()).as(guest + ": " + dropped).isNotEqualTo(Manner.POLITE);
        }
    }

    private void talk(ChatClient client, Guest guest) throws IOException {
        var lines = 1 + random.nextInt(6);
        for (var line = 0; line < lines; line++) {
            Async.sleep(upTo(8_000));
            var text = "line " + line + " of " + guest.name();
            guest.said().add("<" + guest.name() + "> " + text);
            client.send(text);
        }
        Async.sleep(upTo(5_000));
        if (guest.manner() == Manner.RUDE) {
            client.abort();
        } else {
            client.send("/quit");
        }
    }

    private void listen(ChatClient client, Guest guest) throws IOException {
        for (var line = client.receive(); line != null; line = client.receive()) {
            guest.heard().add(line);
            if (guest.manner() == Manner.SLOW) {
                Async.sleep(upTo(3_000));
            }
        }
    }

    // ---- what must be true

    private static void checkRoom(Guest archivist, List<Guest> guests) {
        var heard = archivist.heard();
        var order = heard.subList(heard.indexOf(archivist.arrival()), heard.size() - 1);
        assertThat(heard).endsWith("* the server is closing");
        assertThat(new HashSet<>(order)).as("nothing comes twice").hasSameSizeAs(order);
        for (var guest : guests) {
            if (guest.room().equals(archivist.room())) {
                checkSaid(guest, order);
                checkHeard(guest, order);
            }
        }
    }

    /// All that was said is heard, in the order in which it was said; of those who break off, the
    /// last of it may be lost.
    private static void checkSaid(Guest guest, List<String> order) {
        var passedOn =
                order.stream().filter(line -> line.startsWith("<" + guest.name() + ">")).toList();
        if (guest.manner() == Manner.POLITE) {
            assertThat(passedOn).isEqualTo(guest.said());
        } else {
            assertThat(guest.said().subList(0, passedOn.size())).isEqualTo(passedOn);
        }
    }

    /// A guest hears what the archivist hears, without a gap, from his arrival to his departure or
    /// to when he broke off.
    private static void checkHeard(Guest guest, List<String> order) {
        var arrival = guest.heard().indexOf(guest.arrival());
        if (arrival < 0) {
            assertThat(guest.manner()).as(guest.toString()).isNotEqualTo(Manner.POLITE);
            return;
        }
        var inside = guest.heard().subList(arrival, guest.heard().size());
        var from = order.indexOf(guest.arrival());
        assertThat(order.subList(from, Math.min(order.size(), from + inside.size())))
                .as(guest.toString())
                .isEqualTo(inside);
        if (guest.manner() == Manner.POLITE) {
            assertThat(inside).endsWith(guest.departure());
        }
    }
}

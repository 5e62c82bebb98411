package dev.jloop.examples.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.jloop.core.Async;
import dev.jloop.core.EventLoop;
import dev.jloop.streams.Streams;
import dev.jloop.testkit.LoopTest;
import dev.jloop.testkit.SimulatedNetwork;

import org.junit.jupiter.api.BeforeEach;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

class ChatServerTest {
    private static final Duration GRACE = Duration.ofSeconds(1);

    private static ChatServer serve(ChatOptions options) throws IOException {
        return ChatServer.start("localhost", 0, options);
    }

    /// A client that has been welcomed, has its name, and is in a room.
    private static ChatClient enter(ChatServer server, String name, String room)
            throws IOException {
        var client = ChatClient.connect("localhost", server.port());
        client.send("/nick " + name);
        client.send("/join " + room);
        assertThat(client.receive()).startsWith("* welcome");
        assertThat(client.receive()).isEqualTo("* you are " + name);
        assertThat(client.receive()).isEqualTo("* " + name + " joined " + room);
        return client;
    }

    private static List<String> rest(ChatClient client) throws IOException {
        var lines = new ArrayList<String>();
        for (var line = client.receive(); line != null; line = client.receive()) {
            lines.add(line);
        }
        return lines;
    }

    @BeforeEach
    void connectASimulatedNetwork(SimulatedNetwork network) {
        network.setLatency(Duration.ofMillis(5));
    }

    @LoopTest
    void whatIsSaidIsHeardByAllInTheRoomAndByNobodyElse() throws IOException {
        var server = serve(ChatOptions.DEFAULTS);
        try (var ann = enter(server, "Ann", "tea");
                var bob = enter(server, "Bob", "tea");
                var eve = enter(server, "Eve", "coffee")) {
            ann.send("hello");
            assertThat(bob.receive()).isEqualTo("<Ann> hello");
            assertThat(ann.receive()).isEqualTo("* Bob joined tea");
            assertThat(ann.receive()).isEqualTo("<Ann> hello");
            bob.send("/quit");
            assertThat(ann.receive()).isEqualTo("* Bob left tea");
            assertThat(rest(bob)).containsExactly("* Bob left tea");

            server.shutdown(GRACE);
            assertThat(rest(eve)).containsExactly("* the server is closing");
        }
    }

    @LoopTest
    void mistakesAreToldToWhoMadeThem() throws IOException {
        var server = serve(ChatOptions.DEFAULTS);
        try (var ann = enter(server, "Ann", "tea");
                var bob = ChatClient.connect("localhost", server.port())) {
            for (var line :
                    List.of(
                            "hello",
                            "/join tea",
                            "/nick Ann",
                            "/nick a b",
                            "/who",
                            "/dance",
                            "/nick Bob",
                            "/join \u001b[31m",
                            "/quit")) {
                bob.send(line);
            }

            assertThat(rest(bob))
                    .containsExactly(
                            "* welcome; /nick NAME and /join ROOM, then talk",
                            "! nobody hears you; /join ROOM first",
                            "! /nick NAME first",
                            "! the name Ann is taken",
                            "! a name has 1 to 24 letters, digits, _ or -, and is not 'a b'",
                            "! you are in no room; /join ROOM first",
                            "! there is no /dance, only /nick, /join, /leave, /who, /rooms and"
                                    + " /quit",
                            "* you are Bob",
                            "! a name has 1 to 24 letters, digits, _ or -, and is not '?[31m'");
            server.shutdown(GRACE);
            assertThat(rest(ann)).containsExactly("* the server is closing");
        }
    }

    @LoopTest
    void namesAndRoomsAreFreeAgainWhenTheirClientsAreGone() throws IOException {
        var server = serve(ChatOptions.DEFAULTS);
        try (var ann = enter(server, "Ann", "tea")) {
            ann.send("/nick Anna");
            ann.send("/rooms");
            ann.send("/who");
            ann.send("/leave");
            ann.send("/rooms");
            ann.send("/quit");
            assertThat(rest(ann))
                    .containsExactly(
                            "* you are Anna",
                            "* Ann is now Anna",
                            "* rooms: tea",
                            "* in tea: Anna",
                            "* Anna left tea",
                            "* rooms:");
        }
        try (var _ = enter(server, "Ann", "tea");
                var _ = enter(server, "Anna", "tea")) {
            assertThat(server.clientCount()).isEqualTo(2);
            assertThat(server.roomCount()).isOne();
        }
        assertThat(server.shutdown(GRACE).cut()).isEmpty();
        assertThat(server.clientCount()).isZero();
        assertThat(server.roomCount()).isZero();
    }

    @LoopTest
    void aClientThatDoesNotReadIsDroppedAndDelaysNobody() throws IOException {
        var server = serve(ChatOptions.DEFAULTS.withQueueBytes(64 * 1024).withPause(Duration.ZERO));
        var text = "x".repeat(4_000);
        try (var ann = enter(server, "Ann", "tea");
                var slow = enter(server, "Slow", "tea")) {
            assertThat(ann.receive()).isEqualTo("* Slow joined tea");
            var heard = 0;
            for (var line = ""; !line.equals("* Slow left tea (too slow)"); heard++) {
                ann.send(text);
                line = ann.receive();
            }

            assertThat(heard).isGreaterThan(64 * 1024 / text.length());
            ann.send("alone");
            while (!"<Ann> alone".equals(ann.receive())) {
                // The one that was said when Slow had gone.
            }
            assertThat(server.clientCount()).isOne();
            slow.abort();
        }
        server.shutdown(GRACE);
    }

    @LoopTest
    void aClientThatStaysBehindIsDroppedAfterAWhile(SimulatedNetwork network) throws IOException {
        network.setWindow(16 * 1024);
        var patience = Duration.ofSeconds(20);
        // What is under way is a part of the queue here; the rest must never be full.
        var options =
                ChatOptions.DEFAULTS
                        .withQueueBytes(1024 * 1024)
                        .withPatience(patience)
                        .withPause(Duration.ZERO);
        var server = serve(options);
        try (var ann = enter(server, "Ann", "tea");
                var slow = enter(server, "Slow", "tea")) {
            assertThat(ann.receive()).isEqualTo("* Slow joined tea");
            var text = "x".repeat(4_000);
            for (var said = 0; said < 150; said++) {
                ann.send(text);
                assertThat(ann.receive()).startsWith("<Ann> x");
            }
            var behindSince = EventLoop.current().time();
            assertThat(server.clientCount()).isEqualTo(2);

            assertThat(ann.receive()).isEqualTo("* Slow left tea (too slow)");

            assertThat(EventLoop.current().time() - behindSince)
                    .isLessThanOrEqualTo(patience.toNanos());
            slow.abort();
        }
        server.shutdown(GRACE);
    }

    @LoopTest
    void aSilentClientIsDroppedAndAnEmptyLineIsASignOfLife() throws IOException {
        var server = serve(ChatOptions.DEFAULTS.withSilence(Duration.ofMinutes(1)));
        try (var ann = enter(server, "Ann", "tea");
                var bob = enter(server, "Bob", "tea")) {
            Async.sleep(Duration.ofSeconds(40));
            ann.send("");
            Async.sleep(Duration.ofSeconds(40));

            assertThat(rest(bob))
                    .containsExactly("! nothing came from you for PT1M", "* Bob left tea (silent)");
            assertThat(ann.receive()).isEqualTo("* Bob joined tea");
            assertThat(ann.receive()).isEqualTo("* Bob left tea (silent)");
        }
        server.shutdown(GRACE);
    }

    @LoopTest
    void aLineThatIsTooLongEndsTheConnection() throws IOException {
        var server = serve(ChatOptions.DEFAULTS);
        try (var ann = enter(server, "Ann", "tea");
                var bob = enter(server, "Bob", "tea")) {
            bob.send("x".repeat(5_000));

            assertThat(rest(bob))
                    .containsExactly(
                            "! a line may have 4096 bytes at most",
                            "* Bob left tea (line too long)");
            assertThat(ann.receive()).isEqualTo("* Bob joined tea");
            assertThat(ann.receive()).isEqualTo("* Bob left tea (line too long)");
        }
        server.shutdown(GRACE);
    }

    @LoopTest
    void aLineWithoutItsEndIsNotPassedOn() throws IOException {
        var server = serve(ChatOptions.DEFAULTS);
        try (var ann = enter(server, "Ann", "tea")) {
            try (var bob = Streams.openConnection("localhost", server.port())) {
                bob.writer().write("/nick Bob\n/join tea\nI will not".getBytes(UTF_8));
                bob.writer().writeEof();
                bob.reader().readAll();
            }

            assertThat(ann.receive()).isEqualTo("* Bob joined tea");
            assertThat(ann.receive()).isEqualTo("* Bob left tea");
        }
        server.shutdown(GRACE);
    }

    @LoopTest
    void afterAShutdownNothingIsLeftAndThePortIsFree() throws IOException {
        var server = serve(ChatOptions.DEFAULTS);
        var port = server.port();
        try (var ann = enter(server, "Ann", "tea")) {
            ann.send("last words");
            assertThat(ann.receive()).isEqualTo("<Ann> last words");

            assertThat(server.shutdown(GRACE).cut()).isEmpty();

            assertThat(rest(ann)).containsExactly("* the server is closing");
            assertThat(server.clientCount()).isZero();
            assertThatThrownBy(server::port).hasMessageContaining("closed");
        }
        ChatServer.start("localhost", port, ChatOptions.DEFAULTS).shutdown(GRACE);
    }

    @LoopTest
    void theAddressThatCannotBeListenedOnIsNamed() throws IOException {
        var server = serve(ChatOptions.DEFAULTS);
        assertThatThrownBy(() -> ChatServer.start("localhost", server.port(), ChatOptions.DEFAULTS))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("cannot listen on localhost:" + server.port());
        server.shutdown(GRACE);
    }
}

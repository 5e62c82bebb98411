package dev.jloop.examples.chat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jloop.core.Async;
import dev.jloop.core.EventLoop;
import dev.jloop.core.Task;
import dev.jloop.streams.StreamOptions;
import dev.jloop.testkit.LoopTest;
import dev.jloop.testkit.SimulatedNetwork;

import org.junit.jupiter.api.BeforeEach;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Somebody reads, and somebody else does not, in rooms of both kinds of server.
class SlowReadersTest {
    private static final int QUEUE_BYTES = 16 * 1024;
    private static final Duration SILENCE = Duration.ofMinutes(5);
    private static final Duration GRACE = Duration.ofSeconds(1);

    private static final ChatOptions HOLD =
            ChatOptions.DEFAULTS
                    .withQueueBytes(QUEUE_BYTES)
                    .withSlowReaders(SlowReaders.HOLD)
                    .withSilence(SILENCE)
                    .withPause(Duration.ZERO);

    private final String text = "x".repeat(1_000);

    @BeforeEach
    void connectASimulatedNetwork(SimulatedNetwork network) {
        network.setLatency(Duration.ofMillis(5));
        network.setWindow(4 * 1024);
    }

    private static ChatServer serve(ChatOptions options) throws IOException {
        return ChatServer.start("localhost", 0, options);
    }

    private static ChatClient enter(ChatServer server, String name, String room)
            throws IOException {
        var options = StreamOptions.DEFAULTS.withLimit(1_100);
        var client = ChatClient.connect("localhost", server.port(), options);
        client.send("/nick " + name);
        client.send("/join " + room);
        receiveUntil(client, "* " + name + " joined " + room);
        return client;
    }

    private static List<String> receiveUntil(ChatClient client, String last) throws IOException {
        var lines = new ArrayList<String>();
        do {
            var line = client.receive();
            assertThat(line).as("what comes before %s", last).isNotNull();
            lines.add(line);
        } while (!lines.getLast().equals(last));
        return lines;
    }

    /// Ann talks until the other one cannot take any more of it, and longer. She hears all of it.
    private int talk(ChatServer server, ChatClient ann, int lines) throws IOException {
        for (var said = 0; said < lines; said++) {
            ann.send(text);
            receiveUntil(ann, "<Ann> " + text);
            assertThat(server.statistics().largestQueueBytes()).isLessThanOrEqualTo(QUEUE_BYTES);
        }
        return lines;
    }

    @LoopTest
    void oneThatIsHeldBackIsToldHowManyLinesItHasMissed() throws IOException {
        var server = serve(HOLD);
        try (var ann = enter(server, "Ann", "tea");
                var slow = enter(server, "Slow", "tea")) {
            var said = talk(server, ann, 100);
            var statistics = server.statistics();
            assertThat(statistics.heldBack()).isOne();
            assertThat(statistics.cut()).isZero();

            var note = "* you were too slow, and have missed " + statistics.missedLines();
            var heard = receiveUntil(slow, note + " lines");

            assertThat(heard.subList(0, heard.size() - 1)).containsOnly("<Ann> " + text);
            assertThat(heard.size() - 1 + statistics.missedLines()).isEqualTo(said);
            ann.send("and again");
            assertThat(receiveUntil(slow, "<Ann> and again")).hasSize(1);
            assertThat(server.statistics())
                    .isEqualTo(new ChatStatistics(2, 1, 0, 0, 0, 0, statistics.missedLines()));
        }
        assertThat(server.shutdown(GRACE).cut()).isEmpty();
    }

    @LoopTest
    void oneThatWasHeldBackTwiceIsToldEachTime() throws IOException {
        var server = serve(HOLD);
        try (var ann = enter(server, "Ann", "tea");
                var slow = enter(server, "Slow", "tea")) {
            var missed = 0L;
            for (var round = 0; round < 2; round++) {
                talk(server, ann, 50);
                var now = server.statistics().missedLines();
                receiveUntil(
                        slow, "* you were too slow, and have missed " + (now - missed) + " lines");
                missed = now;
            }
        }
        server.shutdown(GRACE);
    }

    @LoopTest
    void oneThatIsHeldBackIsNotHeardUntilItHasCaughtUp() throws IOException {
        var server = serve(HOLD);
        try (var ann = enter(server, "Ann", "tea");
                var slow = enter(server, "Slow", "tea")) {
            receiveUntil(ann, "* Slow joined tea");
            talk(server, ann, 100);
            for (var number = 1; number <= 3; number++) {
                slow.send("I say " + number);
            }
            // The server was waiting for the first of them when it was held back.
            receiveUntil(ann, "<Slow> I say 1");
            var next = Async.createTask(() -> ann.receive());
            Async.sleep(Duration.ofMinutes(1));
            assertThat(next.isDone()).isFalse();

            var reading = Async.createTask(() -> receiveUntil(slow, "<Slow> I say 3"));

            assertThat(next.await()).isEqualTo("<Slow> I say 2");
            receiveUntil(ann, "<Slow> I say 3");
            assertThat(reading.await()).doesNotContain("<Slow> I say 1");
        }
        server.shutdown(GRACE);
    }

    @LoopTest
    void oneThatNeverCatchesUpIsCutAfterALongTime() throws IOException {
        var server = serve(HOLD);
        try (var ann = enter(server, "Ann", "tea");
                var slow = enter(server, "Slow", "tea")) {
            var since = EventLoop.current().time();
            talk(server, ann, 100);
            slow.send(""); // or it would be a silent one
            var living = Async.createTask(() -> showLife(ann));

            receiveUntil(ann, "* Slow left tea (too slow)");

            assertThat(Duration.ofNanos(EventLoop.current().time() - since))
                    .isBetween(SILENCE, SILENCE.plusSeconds(10));
            assertThat(server.statistics().cut()).isOne();
            assertThat(server.statistics().waitingBytes()).isZero();
            living.cancel();
            slow.abort();
        }
        server.shutdown(GRACE);
    }

    private static void showLife(ChatClient client) throws IOException {
        while (true) {
            Async.sleep(Duration.ofMinutes(1));
            client.send("");
        }
    }

    /// One hears nothing any more, and what it says has to wait.
    private void fallBehind(ChatServer server, ChatClient talker, ChatClient slow)
            throws IOException {
        talk(server, talker, 100);
        slow.send("one");
        slow.send("two");
        Async.sleep(Duration.ofSeconds(1));
    }

    @LoopTest
    void aShutdownDoesNotWaitForThoseWhoAreHeldBack() throws IOException {
        var server = serve(HOLD);
        try (var ann = enter(server, "Ann", "tea");
                var slow = enter(server, "Slow", "tea")) {
            fallBehind(server, ann, slow);
            var before = EventLoop.current().time();

            assertThat(server.shutdown(GRACE).cut()).hasSize(1);

            assertThat(Duration.ofNanos(EventLoop.current().time() - before))
                    .isLessThanOrEqualTo(GRACE.plusMillis(100));
            assertThat(server.statistics().clients()).isZero();
            slow.abort();
        }
    }

    @LoopTest
    void oneThatIsHeldBackAndCrashesIsForgotten() throws IOException {
        var server = serve(HOLD);
        try (var ann = enter(server, "Ann", "tea");
                var slow = enter(server, "Slow", "tea")) {
            fallBehind(server, ann, slow);
            slow.abort();

            receiveUntil(ann, "* Slow left tea (connection lost)");
            var statistics = server.statistics();
            assertThat(statistics.clients()).isOne();
            assertThat(statistics.missedLines()).isPositive();
            assertThat(statistics.cut()).isZero();
        }
        server.shutdown(GRACE);
    }

    @LoopTest
    void manyRoomsHearNothingOfEachOther() throws Exception {
        var server = serve(ChatOptions.DEFAULTS);
        var clients = new ArrayList<ChatClient>();
        for (var number = 100; number < 200; number++) {
            clients.add(enter(server, "guest" + number, "room" + number));
        }
        assertThat(server.statistics().rooms()).isEqualTo(100);
        var talks = new ArrayList<Task<?>>();
        for (var client : clients) {
            talks.add(
                    Async.createTask(() -> {
                        client.send("hello");
                        client.send("/quit");
                        assertThat(client.receive()).endsWith("> hello");
                        assertThat(client.receive()).contains(" left ");
                        assertThat(client.receive()).isNull();
                        client.close();
                    }));
        }
        Async.gather(talks).await();
        Async.sleep(Duration.ofSeconds(1));
        assertThat(server.statistics()).isEqualTo(new ChatStatistics(0, 0, 0, 0, 0, 0, 0));
        server.shutdown(GRACE);
    }

    @LoopTest
    void theListOfVeryManyRoomsIsCutShort() throws IOException {
        var server = serve(ChatOptions.DEFAULTS);
        var clients = new ArrayList<ChatClient>();
        for (var number = 100; number < 160; number++) {
            clients.add(enter(server, "guest" + number, "room" + number));
        }
        var last = clients.getLast();
        last.send("/rooms");
        assertThat(last.receive())
                .startsWith("* rooms: room100 room101 ")
                .endsWith(" room149 and 10 more");
        for (var client : clients) {
            client.abort();
        }
        server.shutdown(GRACE);
    }
}

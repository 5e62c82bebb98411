package dev.jloop.examples.intro;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.THROWABLE;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.jloop.core.Async;
import dev.jloop.core.CancelledError;
import dev.jloop.core.ExceptionGroup;
import dev.jloop.streams.StreamReader;
import dev.jloop.streams.StreamWriter;
import dev.jloop.streams.Streams;
import dev.jloop.testkit.LoopTest;
import dev.jloop.testkit.SimulatedNetwork;
import dev.jloop.testkit.VirtualTimeLoop;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.stream.IntStream;

class ConcurrentFetchTest {
    /// Answers `/n` after n seconds, with n bytes.
    private static void answer(StreamReader reader, StreamWriter writer) throws IOException {
        var request = new String(reader.readUntil("\r\n\r\n".getBytes(US_ASCII)), US_ASCII);
        var seconds =
                Integer.parseInt(request.substring(request.indexOf('/') + 1).split(" ", 2)[0]);
        Async.sleep(Duration.ofSeconds(seconds));
        writer.write(
                "HTTP/1.1 200 OK\r\nContent-Length: " + seconds + "\r\n\r\n" + "x".repeat(seconds));
    }

    private static URI page(int port, int seconds) {
        return URI.create("http://localhost:" + port + "/" + seconds);
    }

    @LoopTest
    void allPagesTakeAsLongAsTheSlowest(VirtualTimeLoop loop, SimulatedNetwork network)
            throws IOException {
        try (var server = Streams.startServer(ConcurrentFetchTest::answer, "localhost", 8_000)) {
            var addresses = IntStream.of(3, 9, 5).mapToObj(n -> page(8_000, n)).toList();

            var pages = ConcurrentFetch.fetchAll(addresses);

            assertThat(loop.time()).isEqualTo(Duration.ofSeconds(9).toNanos());
            assertThat(pages).extracting(ConcurrentFetch.Page::bytes).containsExactly(3, 9, 5);
            assertThat(pages).extracting(ConcurrentFetch.Page::address).isEqualTo(addresses);
            assertThat(server.addresses()).isNotEmpty();
        }
    }

    @LoopTest
    void onePageThatFailsEndsTheOthers(VirtualTimeLoop loop, SimulatedNetwork network)
            throws IOException {
        try (var server = Streams.startServer(ConcurrentFetchTest::answer, "localhost", 8_000)) {
            var addresses = IntStream.of(8_000, 1).mapToObj(port -> page(port, 60)).toList();

            assertThatThrownBy(() -> ConcurrentFetch.fetchAll(addresses))
                    .isInstanceOfSatisfying(
                            ExceptionGroup.class,
                            group ->
                                    assertThat(group.exceptions())
                                            .singleElement()
                                            .asInstanceOf(THROWABLE)
                                            .isInstanceOf(IOException.class)
                                            .hasMessageContaining("localhost"));
            assertNoFetchIsLeft();

            assertThat(loop.time()).isLessThan(Duration.ofSeconds(10).toNanos());
            server.abortClients();
        }
    }

    @LoopTest
    void noPageIsFetchedAnyMoreWhenACancelledFetchHasEnded(
            VirtualTimeLoop loop, SimulatedNetwork network) throws IOException {
        try (var server = Streams.startServer(ConcurrentFetchTest::answer, "localhost", 8_000)) {
            var addresses = IntStream.of(20, 30, 40).mapToObj(n -> page(8_000, n)).toList();
            var fetching = Async.createTask(() -> ConcurrentFetch.fetchAll(addresses));
            Async.sleep(Duration.ofSeconds(5));

            fetching.cancel();

            assertThatThrownBy(fetching::await).isInstanceOf(CancelledError.class);
            assertNoFetchIsLeft();
            assertThat(loop.time()).isEqualTo(Duration.ofSeconds(5).toNanos());
            server.abortClients();
            Async.sleep(Duration.ofMinutes(1)); // so that the server's side has ended too
        }
    }

    private static void assertNoFetchIsLeft() {
        assertThat(Async.allTasks()).noneMatch(task -> task.name().startsWith("fetch "));
    }
}

package dev.jloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.jloop.core.Async;
import dev.jloop.core.AsyncRunnable;
import dev.jloop.streams.StreamConnection;
import dev.jloop.streams.Streams;
import dev.jloop.transports.Key;
import dev.jloop.transports.ListenOptions;
import dev.jloop.transports.Net;
import dev.jloop.transports.Resolver;
import dev.jloop.transports.Server;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

@Timeout(60)
class SimulatedStreamsTest {
    private final VirtualTimeLoop loop = VirtualTimeLoop.create();
    private final SimulatedNetwork network = SimulatedNetwork.on(loop);
    private final List<String> reports = new ArrayList<>();

    @BeforeEach
    void twoHostsTenMillisecondsApart() {
        loop.setExceptionHandler((_, report) -> reports.add(report.toString()));
        network.setLatency(Duration.ofMillis(10));
        network.host("server");
        network.host("client");
    }

    @AfterEach
    void nothingWasReported() {
        loop.close();
        assertThat(reports).isEmpty();
    }

    private void onClient(AsyncRunnable body) {
        loop.runUntilComplete(network.host("client").createTask(body));
    }

    /// Starts a server that answers each line with itself.
    private Server serveLines(int port) throws Exception {
        return onServer(() ->
                Streams.startServer(
                        (reader, writer) -> {
                            for (var line : reader.lines()) {
                                writer.write(line);
                            }
                        },
                        "0.0.0.0",
                        port));
    }

    private <T> T onServer(java.util.concurrent.Callable<T> body) {
        return network.host("server").createTask(body).await();
    }

    private static InetSocketAddress anyAddress(int port) {
        return new InetSocketAddress(InetAddress.ofLiteral("0.0.0.0"), port);
    }

    private long millis() {
        return Duration.ofNanos(loop.time()).toMillis();
    }

    private static String ask(StreamConnection stream, String line) throws IOException {
        stream.writer().write((line + "\n").getBytes(US_ASCII));
        return new String(stream.reader().readLine(), US_ASCII).strip();
    }

    @Test
    void aConnectionIsMadeAfterTwoLatenciesAndAnswersAfterTwoMore() {
        onClient(() -> {
            try (var _ = serveLines(80);
                    var stream = Streams.openConnection("server", 80)) {
                assertThat(millis()).isEqualTo(20);
                assertThat(ask(stream, "hello")).isEqualTo("hello");
                assertThat(millis()).isEqualTo(40);
                stream.writer().writeEof();
                assertThat(stream.reader().readAll()).isEmpty();
                assertThat(millis()).isEqualTo(60);
            }
        });
    }

    @Test
    void withinAHostNothingTakesTimeAndLocalhostIsTheHostItself() {
        loop.runUntilComplete(
                network.host("server")
                        .createTask(() -> {
                            try (var _ =
                                            Streams.startServer(
                                                    (reader, writer) ->
                                                            writer.write(reader.readLine()),
                                                    "localhost",
                                                    80);
                                    var stream = Streams.openConnection("localhost", 80)) {
                                assertThat(ask(stream, "hello")).isEqualTo("hello");
                                assertThat(loop.time()).isZero();
                            }
                        }));
    }

    @Test
    void aServerOnLocalhostIsRefusedToOtherHosts() {
        onClient(() -> {
            try (var _ = onServer(() -> Streams.startServer((_, _) -> {}, "localhost", 80))) {
                assertThatThrownBy(() -> Streams.openConnection("server", 80))
                        .isInstanceOf(ConnectException.class);
            }
        });
    }

    @Test
    void aPortWithoutAServerRefusesAfterTwoLatencies() {
        onClient(() -> {
            assertThatThrownBy(() -> Streams.openConnection("server", 81))
                    .isInstanceOf(ConnectException.class)
                    .hasMessageContaining("Connection refused")
                    .hasMessageContaining("10.0.0.2:81");
            assertThat(millis()).isEqualTo(20);
        });
    }

    @Test
    void whoeverIsOnNoHostIsOnTheHostNamedTest() {
        var addresses = new ArrayList<@Nullable Object>();
        loop.runUntilComplete(() -> {
            try (var _ = serveLines(80);
                    var stream = Streams.openConnection("server", 80)) {
                addresses.add(stream.writer().extra(Key.LOCAL_ADDRESS));
                addresses.add(stream.writer().extra(Key.PEER_ADDRESS));
            }
        });
        assertThat(addresses)
                .containsExactly(
                        new InetSocketAddress(InetAddress.ofLiteral("10.0.0.1"), 49_152),
                        new InetSocketAddress(InetAddress.ofLiteral("10.0.0.2"), 80));
        assertThat(network.host("test").addresses())
                .containsExactly(InetAddress.ofLiteral("10.0.0.1"));
    }

    @Test
    void namesAreThoseOfHostsAndNoOthersAndTheResolverKnowsThemToo() {
        onClient(() -> {
            assertThatThrownBy(() -> Streams.openConnection("example.org", 80))
                    .isInstanceOf(UnknownHostException.class)
                    .hasMessageContaining("example.org")
                    .hasMessageContaining("server");
            var resolver = Resolver.of(loop);
            assertThat(resolver.resolve("server"))
                    .containsExactly(InetAddress.ofLiteral("10.0.0.2"));
            assertThat(resolver.nameOf(InetAddress.ofLiteral("10.0.0.2"))).isEqualTo("server");
            assertThat(resolver.nameOf(InetAddress.ofLiteral("127.0.0.1"))).isEqualTo("client");
            assertThatThrownBy(() -> resolver.nameOf(InetAddress.ofLiteral("10.9.9.9")))
                    .isInstanceOf(UnknownHostException.class)
                    .hasMessageContaining("10.9.9.9");
        });
    }

    @Test
    void aPortInUseIsRefusedUntilItsServerIsClosedAndPortZeroTakesAFreeOne() {
        onClient(() -> {
            var first = serveLines(80);
            assertThatThrownBy(() -> serveLines(80))
                    .hasRootCauseInstanceOf(BindException.class)
                    .hasRootCauseMessage("Address already in use");
            first.close();
            serveLines(80).close();
            try (var one = serveLines(0);
                    var other = serveLines(0)) {
                assertThat(one.addresses().getFirst().toString()).isEqualTo("/0.0.0.0:49152");
                assertThat(other.addresses().getFirst().toString()).isEqualTo("/0.0.0.0:49153");
            }
        });
    }

    @Test
    void anAddressOfAnotherHostCannotBeListenedOn() {
        onClient(() ->
                assertThatThrownBy(() -> Streams.startServer((_, _) -> {}, "server", 80))
                        .isInstanceOf(BindException.class)
                        .hasMessageContaining("Cannot assign requested address"));
    }

    @Test
    void aWriterWaitsWhileTheWindowIsFullAndGoesOnWhenThePeerReads() {
        network.setWindow(1000);
        onClient(() -> {
            var peer = loop.<PausedProtocol.Accepted>createFuture();
            try (var _ =
                    onServer(() ->
                            Net.createServer(() -> new PausedProtocol(peer), anyAddress(80)))) {
                var client = new PausedProtocol(null);
                var connection = Net.createConnection(() -> client, "server", 80);
                var transport = connection.transport();
                transport.write(new byte[2500]);
                Async.sleep(Duration.ofSeconds(1));
                assertThat(transport.writeBufferSize()).isEqualTo(1500);
                peer.await().transport().resumeReading();
                Async.sleep(Duration.ofSeconds(1));
                assertThat(transport.writeBufferSize()).isZero();
                assertThat(peer.await().protocol().received).isEqualTo(2500);
                transport.close();
                peer.await().transport().close();
                Async.sleep(Duration.ofSeconds(1));
            }
        });
    }

    @Test
    void eachDirectionEndsByItself() {
        onClient(() -> {
            try (var _ =
                            onServer(() ->
                                    Streams.startServer(
                                            (reader, writer) -> {
                                                var all = reader.readAll();
                                                writer.write(all);
                                            },
                                            "0.0.0.0",
                                            80));
                    var stream = Streams.openConnection("server", 80)) {
                stream.writer().write(new byte[7]);
                stream.writer().writeEof();
                assertThat(stream.reader().readAll()).hasSize(7);
                assertThat(millis()).isEqualTo(40);
            }
        });
    }

    @Test
    void anAbortResetsThePeerOneLatencyLater() {
        onClient(() -> {
            var failure = loop.<String>createFuture();
            try (var _ =
                    onServer(() ->
                            Streams.startServer(
                                    (reader, _) -> {
                                        try {
                                            reader.readAll();
                                        } catch (IOException reset) {
                                            failure.setResult(
                                                    reset.getMessage() + " at " + millis());
                                        }
                                    },
                                    "0.0.0.0",
                                    80))) {
                network.setWindow(10);
                var stream = Streams.openConnection("server", 80);
                stream.writer().transport().write(new byte[100]);
                stream.writer().transport().abort();
                assertThat(failure.await()).endsWith("Connection reset at 30");
            }
        });
    }

    @Test
    void connectionsBeyondTheBacklogAreAskedForAgainAfterASecond() {
        onClient(() -> {
            try (var server =
                    onServer(() ->
                            Net.createServer(
                                    () -> new PausedProtocol(null),
                                    anyAddress(80),
                                    ListenOptions.DEFAULTS
                                            .withBacklog(1)
                                            .withStartServing(false)))) {
                var first = Streams.openConnection("server", 80);
                var second = Async.createTask(() -> Streams.openConnection("server", 80));
                Async.sleep(Duration.ofMillis(500));
                assertThat(second.isDone()).isFalse();
                server.startServing();
                var stream = second.await();
                assertThat(millis()).isEqualTo(1040);
                stream.close();
                first.close();
                Async.sleep(Duration.ofMillis(100));
                server.abortClients();
                Async.sleep(Duration.ofMillis(100));
            }
        });
    }

    @Test
    void bandwidthIsSharedByAllThatIsSentOneWay() {
        network.setBandwidth(1_000_000);
        onClient(() -> {
            try (var _ =
                            onServer(() ->
                                    Streams.startServer(
                                            (reader, writer) -> {
                                                writer.write(new byte[500_000]);
                                            },
                                            "0.0.0.0",
                                            80));
                    var one = Streams.openConnection("server", 80);
                    var other = Streams.openConnection("server", 80)) {
                network.setWindow(1_000_000);
                var both =
                        Async.gather(
                                List.of(
                                        Async.createTask(() -> one.reader().readAll().length),
                                        Async.createTask(() -> other.reader().readAll().length)));
                assertThat(both.await()).containsExactly(500_000, 500_000);
                assertThat(millis()).isBetween(1000L, 1500L);
            }
        });
    }

    @Test
    void aStreamOfAMebibyteInRandomPiecesArrivesIntactAndTheSameWayForEachSeed() {
        var first = transfer(1);
        assertThat(transfer(1)).isEqualTo(first);
        assertThat(transfer(2)).isNotEqualTo(first);
    }

    /// {@return how it went, packet by packet}
    private static List<String> transfer(long seed) {
        var data = new byte[1 << 20];
        new java.util.Random(1).nextBytes(data);
        var packets = new ArrayList<String>();
        try (var loop = VirtualTimeLoop.seeded(seed)) {
            var network = SimulatedNetwork.on(loop);
            network.setJitter(Duration.ofMillis(3));
            network.setBandwidth(10_000_000);
            var _ =
                    network.observe(
                            new PacketListener() {
                                @Override
                                public void delivered(Packet packet) {
                                    packets.add(loop.time() + " " + packet);
                                }
                            });
            var server = network.host("server");
            loop.runUntilComplete(() -> {
                try (var _ =
                                server.createTask(() ->
                                                Streams.startServer(
                                                        (reader, writer) ->
                                                                writer.write(reader.readAll()),
                                                        "0.0.0.0",
                                                        80))
                                        .await();
                        var stream = Streams.openConnection("server", 80)) {
                    var answer = Async.createTask(() -> stream.reader().readAll());
                    stream.writer().write(data);
                    stream.writer().writeEof();
                    assertThat(answer.await()).isEqualTo(data);
                }
            });
        }
        assertThat(packets).hasSizeGreaterThan(500);
        return packets;
    }
}

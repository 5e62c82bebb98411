package dev.jloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.jloop.core.Async;
import dev.jloop.core.EventLoop;
import dev.jloop.streams.StreamOptions;
import dev.jloop.streams.Streams;
import dev.jloop.transports.ConnectOptions;
import dev.jloop.transports.DatagramOptions;
import dev.jloop.transports.Key;
import dev.jloop.transports.ListenOptions;
import dev.jloop.transports.Net;
import dev.jloop.transports.Network;
import dev.jloop.transports.Server;

import org.junit.jupiter.api.Timeout;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Unix sockets within simulated hosts, whose files are in memory.
@Timeout(60)
class SimulatedUnixSocketsTest {
    private static final UnixDomainSocketAddress DATABASE =
            UnixDomainSocketAddress.of("/run/simulated/database.sock");
    private static final StreamOptions KEEPING_THE_FILE =
            StreamOptions.DEFAULTS.withListen(ListenOptions.DEFAULTS.withCleanupSocket(false));

    private final List<String> peers = new ArrayList<>();

    /// A server that answers with all it is sent.
    private Server serve() throws IOException {
        return serve(StreamOptions.DEFAULTS);
    }

    private Server serve(StreamOptions options) throws IOException {
        return Streams.startServer(
                (reader, writer) -> {
                    peers.add(
                            writer.extra(Key.LOCAL_ADDRESS)
                                    + " <- "
                                    + writer.extra(Key.PEER_ADDRESS));
                    writer.write(reader.readAll());
                },
                DATABASE,
                options);
    }

    private static String ask(String text) throws IOException {
        try (var stream = Streams.openConnection(DATABASE)) {
            stream.writer().write(text.getBytes(US_ASCII));
            stream.writer().writeEof();
            return new String(stream.reader().readAll(), US_ASCII);
        }
    }

    private static void end(Server server) {
        server.close();
        server.waitClosed();
    }

    @LoopTest(seeds = 5)
    void aConnectionWithinAHostTakesNoTimeAndMakesNoFile(SimulatedNetwork network) {
        var took =
                network.host("host")
                        .createTask(() -> {
                            var server = serve();
                            assertThat(server.addresses()).containsExactly(DATABASE);
                            assertThat(ask("hello")).isEqualTo("hello");
                            assertThat(ask("")).isEmpty();
                            assertThat(Files.exists(DATABASE.getPath())).isFalse();
                            end(server);
                            return EventLoop.current().time();
                        })
                        .await();
        assertThat(took).isZero();
        assertThat(peers).containsExactly(DATABASE + " <- ", DATABASE + " <- ");
    }

    @LoopTest
    void eachHostHasItsOwnFiles(SimulatedNetwork network) {
        var one = network.host("one").createTask(() -> serve()).await();
        var other = network.host("other");
        other.createTask(
                        () -> {
                            assertThatThrownBy(() -> ask("hello"))
                                    .isInstanceOf(SocketException.class)
                                    .hasMessage(
                                            "cannot connect to "
                                                    + DATABASE
                                                    + ": No such file or directory");
                            var own = serve();
                            assertThat(ask("hello")).isEqualTo("hello");
                            end(own);
                        })
                .await();
        assertThat(peers).hasSize(1);
        end(one);
    }

    @LoopTest
    void thePathOfALiveServerIsInUseAndFreeWhenItHasClosed(SimulatedNetwork network) {
        network.host("host")
                .createTask(() -> {
                    var server = serve();
                    assertThatThrownBy(this::serve)
                            .isInstanceOf(BindException.class)
                            .hasMessageContaining("Address already in use");
                    var other = UnixDomainSocketAddress.of("/run/other/../simulated/database.sock");
                    assertThatThrownBy(() -> Streams.startServer((_, _) -> {}, other))
                            .isInstanceOf(BindException.class);
                    end(server);
                    assertThatThrownBy(() -> ask("hello"))
                            .hasMessageContaining("No such file or directory");
                    end(serve());
                })
                .await();
    }

    @LoopTest
    void theFileOfACrashedServerIsStaleUntilTheNextOneReplacesIt(SimulatedNetwork network) {
        var host = network.host("host");
        var _ =
                host.createTask(() -> {
                    serve().serveForever();
                });
        Async.sleep(Duration.ofSeconds(1));
        host.restart();
        host.createTask(
                        () -> {
                            assertThatThrownBy(() -> ask("hello"))
                                    .isInstanceOf(ConnectException.class)
                                    .hasMessageContaining("Connection refused");
                            assertThatThrownBy(() -> serve(KEEPING_THE_FILE))
                                    .isInstanceOf(BindException.class)
                                    .hasMessageContaining("Address already in use");
                            var server = serve();
                            assertThat(ask("hello")).isEqualTo("hello");
                            end(server);
                        })
                .await();
    }

    @LoopTest
    void whatStillRunsOnACrashedHostLeavesTheFileOfTheNextServerAlone(
            SimulatedNetwork network, EventLoop loop) {
        var host = network.host("host");
        var late = new ArrayList<Network.Listener>();
        var _ =
                host.createTask(() -> {
                    try {
                        Async.sleep(Duration.ofHours(1));
                    } finally {
                        late.add(Network.of(loop).listen(DATABASE, ListenOptions.DEFAULTS));
                    }
                });
        Async.sleep(Duration.ofSeconds(1));
        host.restart();
        host.createTask(
                        () -> {
                            var server = serve();
                            assertThat(late).hasSize(1);
                            late.getFirst().close();
                            assertThat(ask("hello")).isEqualTo("hello");
                            end(server);
                        })
                .await();
    }

    @LoopTest
    void withoutCleanUpAServerLeavesItsFile(SimulatedNetwork network) {
        network.host("host")
                .createTask(() -> {
                    end(serve(KEEPING_THE_FILE));
                    assertThatThrownBy(() -> ask("hello"))
                            .hasMessageContaining("Connection refused");
                    end(serve());
                })
                .await();
    }

    @LoopTest
    void aServerThatClosesLateLeavesTheFileOfTheNextOneAlone(SimulatedNetwork network) {
        network.host("host")
                .createTask(() -> {
                    var net = Network.of(EventLoop.current());
                    var first = net.listen(DATABASE, ListenOptions.DEFAULTS);
                    first.close();
                    var second = serve();
                    first.close();
                    assertThat(ask("hello")).isEqualTo("hello");
                    end(second);
                })
                .await();
    }

    @LoopTest
    void rulesAndLatenciesBetweenHostsConcernNoUnixSockets(SimulatedNetwork network) {
        var _ = network.addRule(_ -> Verdict.drop());
        network.setLatency(Duration.ofHours(1));
        network.host("host")
                .createTask(() -> {
                    var server = serve();
                    assertThat(ask("hello")).isEqualTo("hello");
                    end(server);
                })
                .await();
        assertThat(network.describe()).contains("SYN host unix:#1 -> host unix:" + DATABASE);
    }

    @LoopTest
    void aPathThatNoSystemTakesIsRefused(SimulatedNetwork network) {
        var _ = network;
        var tooLong = UnixDomainSocketAddress.of("/" + "x".repeat(107));
        assertThatThrownBy(() -> Streams.startServer((_, _) -> {}, tooLong))
                .isInstanceOf(SocketException.class)
                .hasMessageContaining("Unix domain path too long")
                .hasMessageContaining("the path has 108 bytes");
        assertThatThrownBy(() -> Streams.openConnection(tooLong))
                .hasMessageContaining("Unix domain path too long");
        assertThatThrownBy(() -> Streams.startServer((_, _) -> {}, UnixDomainSocketAddress.of("")))
                .hasMessageContaining("needs a path");
    }

    @LoopTest
    void aClientHasNoFileAndDatagramsHaveNone(SimulatedNetwork network) {
        network.host("host")
                .createTask(() -> {
                    var server = serve();
                    var own = UnixDomainSocketAddress.of("/run/client.sock");
                    assertThatThrownBy(() ->
                                    Net.createConnection(
                                            () -> new PausedProtocol(null),
                                            DATABASE,
                                            ConnectOptions.DEFAULTS.withLocalAddress(own)))
                            .isInstanceOf(IOException.class)
                            .hasMessageContaining("/run/client.sock")
                            .hasMessageContaining("leave the local address out");
                    assertThatThrownBy(() ->
                                    Network.of(EventLoop.current())
                                            .bindDatagram(own, null, DatagramOptions.DEFAULTS))
                            .isInstanceOf(SocketException.class)
                            .hasMessageContaining("/run/client.sock");
                    end(server);
                })
                .await();
    }
}

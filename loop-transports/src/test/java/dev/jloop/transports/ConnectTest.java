package dev.jloop.transports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jloop.core.Async;
import dev.jloop.core.CancelledError;
import dev.jloop.core.ExceptionGroup;
import dev.jloop.core.TimedOutException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

@ExtendWith(LeakCheck.class)
class ConnectTest {
    private static final InetAddress FIRST = InetAddress.ofLiteral("192.0.2.1");
    private static final InetAddress SECOND = InetAddress.ofLiteral("2001:db8::2");
    private static final InetSocketAddress ANY_PORT =
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    @FunctionalInterface
    private interface NetworkBody {
        void run(TestRun run, MemoryNetwork network) throws Exception;
    }

    /// A network with a host of two addresses, neither of which can be reached.
    private static void onMemory(NetworkBody body) {
        TestRun.run(
                VirtualTime.newLoop(),
                run -> {
                    var network = MemoryNetwork.on(run.loop);
                    network.hosts.put("example.test", List.of(FIRST, SECOND));
                    network.failures.put(
                            new InetSocketAddress(FIRST, 80),
                            new ConnectException("Connection refused"));
                    network.failures.put(
                            new InetSocketAddress(SECOND, 80),
                            new NoRouteToHostException("No route to host"));
                    body.run(run, network);
                });
    }

    private static RecordingProtocol connect(String host, int port) throws IOException {
        return Net.createConnection(RecordingProtocol::new, host, port).protocol();
    }

    @Test
    void differentFailuresAreAllToldInOneError() {
        onMemory((_, _) ->
                assertThatThrownBy(() -> connect("example.test", 80))
                        .isInstanceOf(IOException.class)
                        .hasMessage(
                                "cannot connect to example.test:80: 192.0.2.1:80: Connection"
                                        + " refused; [2001:db8:0:0:0:0:0:2]:80: No route to host")
                        .satisfies(failure -> {
                            assertThat(failure.getCause()).isInstanceOf(ConnectException.class);
                            assertThat(failure.getSuppressed())
                                    .singleElement()
                                    .isInstanceOf(NoRouteToHostException.class);
                        }));
    }

    @Test
    void equalFailuresBecomeOne() {
        onMemory((_, network) -> {
            network.failures.clear();
            assertThatThrownBy(() -> connect("example.test", 80))
                    .isInstanceOf(ConnectException.class)
                    .hasMessage(
                            "cannot connect to example.test:80 (192.0.2.1:80,"
                                    + " [2001:db8:0:0:0:0:0:2]:80): Connection refused; is a server"
                                    + " listening there?");
        });
    }

    @Test
    void allFailuresComeAsAGroupOnDemand() {
        onMemory((_, _) ->
                assertThatThrownBy(() ->
                                Net.createConnection(
                                        RecordingProtocol::new,
                                        "example.test",
                                        80,
                                        ConnectOptions.DEFAULTS.withAllErrors(true)))
                        .isInstanceOf(IOException.class)
                        .cause()
                        .isInstanceOfSatisfying(
                                ExceptionGroup.class,
                                group ->
                                        assertThat(group.exceptions())
                                                .extracting(Throwable::getMessage)
                                                .containsExactly(
                                                        "192.0.2.1:80: Connection refused",
                                                        "[2001:db8:0:0:0:0:0:2]:80: No route to"
                                                                + " host")));
    }

    @Test
    void theNextAddressIsTriedAfterAFailure() {
        onMemory((_, network) -> {
            network.failures.remove(new InetSocketAddress(SECOND, 80));
            var server =
                    Net.createServer(RecordingProtocol::new, new InetSocketAddress(SECOND, 80));
            var client = connect("example.test", 80);
            assertThat(client.transport.extra(Key.PEER_ADDRESS))
                    .isEqualTo(new InetSocketAddress(SECOND, 80));
            client.transport.close();
            server.close();
            server.waitClosed();
        });
    }

    @Test
    void anAttemptThatTakesTooLongIsEndedByATimeout() {
        onMemory((run, network) -> {
            network.delays.put(new InetSocketAddress(FIRST, 80), run.loop.createFuture());
            assertThatThrownBy(() ->
                            Async.withTimeout(
                                    Duration.ofSeconds(5), () -> connect("example.test", 80)))
                    .isInstanceOf(TimedOutException.class);
            assertThat(run.loop.time()).isEqualTo(Duration.ofSeconds(5).toNanos());
        });
    }

    @Test
    void aConnectionCancelledBeforeItsProtocolKnowsOfItIsClosed() {
        onMemory((run, network) -> {
            var server = Net.createServer(RecordingProtocol::new, ANY_PORT);
            var address = server.addresses().getFirst();
            var client = new RecordingProtocol();
            var connecting =
                    run.loop.createTask(
                            () -> Net.createConnection(() -> client, address), "connecting");
            Async.yieldNow();
            assertThat(network.links).isNotEmpty();
            connecting.cancel();
            assertThatThrownBy(connecting::await).isInstanceOf(CancelledError.class);
            client.awaitLost();
            server.close();
            server.waitClosed();
            assertThat(network.links).allMatch(MemoryNetwork.MemoryLink::isClosed);
        });
    }

    @Test
    void anEmptyHostIsRefused() {
        onMemory((_, _) ->
                assertThatThrownBy(() -> connect("", 80))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("host to connect to is empty"));
    }

    @Test
    void anUnknownHostIsNamed() {
        TestRun.onSockets(_ ->
                assertThatThrownBy(() -> connect("no-such-host.invalid", 80))
                        .isInstanceOf(UnknownHostException.class)
                        .hasMessageContaining("cannot resolve host 'no-such-host.invalid'"));
    }

    @Test
    void aCancelledLookupEndsAtOnce() {
        TestRun.onSockets(run -> {
            var connecting =
                    run.loop.createTask(() -> connect("no-such-host.invalid", 80), "connecting");
            Async.yieldNow();
            connecting.cancel();
            assertThatThrownBy(connecting::await).isInstanceOf(CancelledError.class);
        });
    }

    @Test
    void aRefusedConnectionNamesHostAndAddress() {
        TestRun.onSockets(_ -> {
            int port;
            try (var unused = ServerSocketChannel.open().bind(ANY_PORT)) {
                port = ((InetSocketAddress) unused.getLocalAddress()).getPort();
            }
            assertThatThrownBy(() -> connect("localhost", port))
                    .isInstanceOf(ConnectException.class)
                    .hasMessageContaining("cannot connect to localhost:" + port)
                    .hasMessageContaining("127.0.0.1:" + port)
                    .hasMessageContaining("Connection refused; is a server listening there?");
        });
    }

    @Test
    void aConnectionStartsFromTheLocalAddressAskedFor() {
        TestRun.onSockets(_ -> {
            var server = Net.createServer(RecordingProtocol::new, ANY_PORT);
            var address = server.addresses().getFirst();
            var local = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0);
            var options = ConnectOptions.DEFAULTS.withLocalAddress(local);
            var client = Net.createConnection(RecordingProtocol::new, address, options);
            assertThat(client.transport().extra(Key.LOCAL_ADDRESS))
                    .isInstanceOfSatisfying(
                            InetSocketAddress.class,
                            actual ->
                                    assertThat(actual.getAddress()).isEqualTo(local.getAddress()));
            var foreign = ConnectOptions.DEFAULTS.withLocalAddress(new InetSocketAddress(FIRST, 0));
            assertThatThrownBy(() -> Net.createConnection(RecordingProtocol::new, address, foreign))
                    .hasMessageContaining("cannot use local address 192.0.2.1:0");
            client.transport().close();
            server.close();
            server.waitClosed();
        });
    }

    @Test
    void aSocketConnectedElsewhereIsTakenOver() {
        TestRun.onSockets(_ -> {
            var accepted = new RecordingProtocol();
            var server = Net.createServer(() -> accepted, ANY_PORT);
            var channel = SocketChannel.open(server.addresses().getFirst());
            var client =
                    Net.createConnection(RecordingProtocol::new, channel, ConnectOptions.DEFAULTS);
            client.transport().write(ConnectionPairs.bytes("hello"));
            accepted.awaitText("hello");
            client.transport().close();
            server.close();
            server.waitClosed();
            try (var unconnected = SocketChannel.open()) {
                assertThatThrownBy(() ->
                                Net.connectAcceptedSocket(RecordingProtocol::new, unconnected))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("is not connected");
                assertThat(unconnected.isOpen()).isTrue();
            }
        });
    }

    @Test
    void tlsIsSpokenOnASocketConnectedElsewhere() {
        var serving = ListenOptions.DEFAULTS.withTls(TlsOptions.server(TestCertificates.server()));
        var tls = TlsOptions.client(TestCertificates.client());
        TestRun.onSockets(_ -> {
            var accepted = new RecordingProtocol();
            var server = Net.createServer(() -> accepted, ANY_PORT, serving);
            var channel = SocketChannel.open(server.addresses().getFirst());
            assertThatThrownBy(() ->
                            Net.createConnection(
                                    RecordingProtocol::new,
                                    channel,
                                    ConnectOptions.DEFAULTS.withTls(tls)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("add withServerName(name)");
            assertThat(channel.isOpen()).as("still the caller's").isTrue();
            var options = ConnectOptions.DEFAULTS.withTls(tls.withServerName("localhost"));
            var client = Net.createConnection(RecordingProtocol::new, channel, options);
            assertThat(client.transport().extra(Key.SSL_SESSION)).isNotNull();
            client.transport().write(ConnectionPairs.bytes("hello"));
            accepted.awaitText("hello");
            client.transport().close();
            server.close();
            server.waitClosed();
        });
    }

    @Test
    void aNameIsNotTakenForAReason() {
        onMemory((_, network) -> {
            network.hosts.put("refused.test", List.of(FIRST));
            network.failures.put(
                    new InetSocketAddress(FIRST, 80), new ConnectException("Connection timed out"));
            assertThatThrownBy(() -> connect("refused.test", 80))
                    .isInstanceOf(ConnectException.class)
                    .hasMessage(
                            "cannot connect to refused.test:80 (192.0.2.1:80): Connection timed"
                                    + " out");
        });
    }

    @Test
    void unixSocketsWorkThroughTheSameCalls(@TempDir Path folder) {
        TestRun.onSockets(_ -> {
            var address = UnixDomainSocketAddress.of(folder.resolve("socket"));
            var accepted = new RecordingProtocol();
            var server = Net.createServer(() -> accepted, address);
            var client = Net.createConnection(RecordingProtocol::new, address);
            client.transport().write(ConnectionPairs.bytes("hello"));
            accepted.awaitText("hello");
            client.transport().close();
            server.close();
            server.waitClosed();
        });
    }
}

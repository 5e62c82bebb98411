package dev.jloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.jloop.core.Async;
import dev.jloop.core.EventLoop;
import dev.jloop.transports.ConnectOptions;
import dev.jloop.transports.DatagramProtocol;
import dev.jloop.transports.DatagramTransport;
import dev.jloop.transports.ListenOptions;
import dev.jloop.transports.Net;
import dev.jloop.transports.Server;
import dev.jloop.transports.StreamingProtocol;
import dev.jloop.transports.TlsOptions;
import dev.jloop.transports.Transport;

import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

import javax.net.ssl.SSLContext;

/// Protocols on a host that crashes: nothing of it is called any more, and nothing that it could
/// not close is a leak. That each test passes as a [LoopTest] shows the second half.
@Timeout(60)
class CrashedHostTest {
    private static final Duration A_WHILE = Duration.ofSeconds(5);

    private final List<String> calls = new ArrayList<>();

    /// Notes what is called, at one side.
    private final class Noting implements StreamingProtocol, DatagramProtocol {
        private final String side;
        private final boolean retains;
        private @Nullable Transport transport;

        Noting(String side, boolean retains) {
            this.side = side;
            this.retains = retains;
        }

        private void note(String what) {
            calls.add(side + " " + what);
        }

        Transport transport() {
            return Objects.requireNonNull(transport, "not connected");
        }

        @Override
        public void connectionMade(Transport made) {
            transport = made;
            note("made");
        }

        @Override
        public void connectionMade(DatagramTransport made) {
            note("made");
        }

        @Override
        public void dataReceived(ByteBuf data) {
            note("got " + data.toString(US_ASCII));
            if (retains) {
                data.retain();
            }
        }

        @Override
        public void datagramReceived(ByteBuf data, SocketAddress sender) {
            dataReceived(data);
        }

        @Override
        public boolean eofReceived() {
            note("end");
            return false;
        }

        @Override
        public void pauseWriting() {
            note("paused");
        }

        @Override
        public void resumeWriting() {
            note("resumed");
        }

        @Override
        public void connectionLost(@Nullable Throwable cause) {
            note("lost" + (cause == null ? "" : ", " + cause.getMessage()));
        }
    }

    private final SSLContext context = TestCertificate.context();

    private final Noting atServer = new Noting("server", false);
    private final Noting atClient = new Noting("client", false);

    @BeforeEach
    void tenMillisecondsApart(SimulatedNetwork network) {
        network.setLatency(Duration.ofMillis(10));
    }

    private static Server serve(SimHost host, Noting protocol, ListenOptions options) {
        return host.createTask(() ->
                        Net.createServer(
                                () -> protocol, new InetSocketAddress("0.0.0.0", 80), options))
                .await();
    }

    /// A server on one host, and a client on another that is connected to it.
    private void connect(SimulatedNetwork network, ConnectOptions connect, ListenOptions listen) {
        var _ = serve(network.host("server"), atServer, listen);
        network.host("client")
                .createTask(() -> Net.createConnection(() -> atClient, "server", 80, connect))
                .await();
        Async.sleep(A_WHILE);
    }

    private void connect(SimulatedNetwork network) {
        connect(network, ConnectOptions.DEFAULTS, ListenOptions.DEFAULTS);
    }

    /// The client sends, and learns from the restarted host that its peer has gone.
    private void assertThatTheClientLearnsOfIt(SimulatedNetwork network) {
        assertThat(calls).containsExactly("client made", "server made");
        network.host("server").restart();
        atClient.transport().write("are you there".getBytes(US_ASCII));
        Async.sleep(A_WHILE);
        assertThat(calls)
                .containsExactly("client made", "server made", "client lost, Connection reset");
    }

    @LoopTest
    void aProtocolOnACrashedHostLearnsOfNothing(SimulatedNetwork network) {
        connect(network);
        network.host("server").crash();
        Async.sleep(A_WHILE);
        assertThatTheClientLearnsOfIt(network);
    }

    @LoopTest
    void aTimerThatACallbackSetsOnACrashedHostNeverRuns(EventLoop loop, SimulatedNetwork network) {
        var fromElsewhere = loop.<@Nullable Void>createFuture();
        network.host("server")
                .createTask(() ->
                        fromElsewhere.addDoneCallback(_ -> {
                            calls.add("called back");
                            loop.callLater(A_WHILE, () -> calls.add("a timer of the dead"));
                        }))
                .await();
        network.host("server").crash();
        Async.sleep(A_WHILE);
        fromElsewhere.setResult(null);
        Async.sleep(A_WHILE.multipliedBy(2));
        assertThat(calls).containsExactly("called back");
    }

    @LoopTest
    void whatIsClosedAfterTheCrashIsNotToldToItsProtocol(SimulatedNetwork network) {
        connect(network);
        network.host("server").crash();
        atServer.transport().close();
        Async.sleep(A_WHILE);
        assertThatTheClientLearnsOfIt(network);
    }

    @LoopTest
    void anEndThatWasComingDoesNotComeAfterTheCrash(SimulatedNetwork network) {
        connect(network);
        atServer.transport().abort();
        network.host("server").crash();
        Async.sleep(A_WHILE);
        assertThatTheClientLearnsOfIt(network);
    }

    @LoopTest
    void aWriteAfterTheCrashGoesNowhere(SimulatedNetwork network) {
        connect(network);
        atServer.transport().pauseReading();
        network.host("server").crash();
        atServer.transport().write(new byte[8 * 1024 * 1024]);
        atServer.transport().resumeReading();
        Async.sleep(A_WHILE);
        assertThatTheClientLearnsOfIt(network);
    }

    @LoopTest
    void aConnectionIsNotMadeAfterTheCrash(SimulatedNetwork network) {
        var _ = serve(network.host("server"), atServer, ListenOptions.DEFAULTS);
        var client = network.host("client");
        var connecting =
                client.createTask(() -> Net.createConnection(() -> atClient, "server", 80));
        Async.sleep(Duration.ofNanos(19_999_999));
        EventLoop.current()
                .callLater(
                        Duration.ofNanos(1),
                        () -> {
                            // The connection is granted in this turn, and made in one of the next.
                            EventLoop.current().callSoon(client::crash);
                        });
        Async.sleep(A_WHILE);
        assertThat(connecting.isCancelled()).isTrue();
        assertThat(calls).doesNotContain("client made");
        atServer.transport().abort();
        network.host("server").crash();
    }

    @LoopTest
    void whatAProtocolOnACrashedHostHadRetainedIsNoLeak(SimulatedNetwork network) {
        var retaining = new Noting("server", true);
        var _ = serve(network.host("server"), retaining, ListenOptions.DEFAULTS);
        network.host("client")
                .createTask(() -> Net.createConnection(() -> atClient, "server", 80))
                .await();
        atClient.transport().write("kept".getBytes(US_ASCII));
        Async.sleep(A_WHILE);
        network.host("server").crash();
        network.host("client").crash();
        assertThat(calls).containsExactly("client made", "server made", "server got kept");
    }

    @LoopTest
    void datagramsOfACrashedHostAreNotToldEither(SimulatedNetwork network) throws IOException {
        var server = network.host("server");
        var endpoint =
                server.createTask(() ->
                                Net.createDatagramEndpoint(
                                        () -> atServer, new InetSocketAddress("0.0.0.0", 53), null))
                        .await()
                        .transport();
        var sender =
                network.host("client")
                        .createTask(() ->
                                Net.createDatagramEndpoint(
                                        () -> atClient,
                                        null,
                                        new InetSocketAddress(server.addresses().getFirst(), 53)))
                        .await()
                        .transport();
        sender.send(ByteBuffer.wrap("one".getBytes(US_ASCII)));
        Async.sleep(A_WHILE);
        sender.send(ByteBuffer.wrap("two".getBytes(US_ASCII)));
        server.crash();
        endpoint.close();
        Async.sleep(A_WHILE);
        sender.close();
        Async.sleep(A_WHILE);
        assertThat(calls)
                .containsExactly("server made", "client made", "server got one", "client lost");
    }

    @LoopTest
    void aSecuredConnectionOfACrashedHostIsAsSilent(SimulatedNetwork network) {
        connect(
                network,
                ConnectOptions.DEFAULTS.withTls(TlsOptions.client(context)),
                ListenOptions.DEFAULTS.withTls(TlsOptions.server(context)));
        atServer.transport().pauseReading();
        atClient.transport().write("never read".getBytes(US_ASCII));
        Async.sleep(A_WHILE);
        network.host("server").crash();
        atServer.transport().resumeReading();
        atServer.transport().close();
        Async.sleep(A_WHILE);
        assertThatTheClientLearnsOfIt(network);
    }

    @LoopTest
    void aHandshakeThatACrashCutsIsReportedByTheOtherHostOnly(SimulatedNetwork network) {
        var _ =
                serve(
                        network.host("server"),
                        atServer,
                        ListenOptions.DEFAULTS.withTls(TlsOptions.server(context)));
        var connecting =
                network.host("client")
                        .createTask(() ->
                                Net.createConnection(
                                        () -> atClient,
                                        "server",
                                        80,
                                        ConnectOptions.DEFAULTS.withTls(
                                                TlsOptions.client(context))));
        Async.sleep(Duration.ofMillis(25));
        network.host("server").crash();
        assertThatThrownBy(connecting::await)
                .hasMessageContaining("the TLS handshake with server:80 did not end within 60 s");
        assertThat(calls).isEmpty();
    }

    @LoopTest
    void aHostThatEndsInItsOwnCallbackHearsNothingMore(SimulatedNetwork network) {
        connect(network);
        atServer.transport()
                .setProtocol(
                        new StreamingProtocol() {
                            @Override
                            public void dataReceived(ByteBuf data) {
                                calls.add("server crashes");
                                network.host("server").crash();
                            }

                            @Override
                            public void connectionLost(@Nullable Throwable cause) {
                                calls.add("server lost");
                            }
                        });
        atClient.transport().write("one".getBytes(US_ASCII));
        atClient.transport().write("two".getBytes(US_ASCII));
        Async.sleep(A_WHILE);
        atClient.transport().abort();
        Async.sleep(A_WHILE);
        assertThat(calls)
                .containsExactly("client made", "server made", "server crashes", "client lost");
    }
}

package dev.jloop.transports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import dev.jloop.core.Async;
import dev.jloop.core.LoopException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/// The beginning of TLS connections, on a network in memory and on virtual time.
@ExtendWith(LeakCheck.class)
class TlsHandshakeTest {
    /// The factory of whoever does not get as far as to need a protocol.
    private static Protocol never() {
        return fail("no protocol is needed before the handshake has ended");
    }

    private static TlsOptions serving() {
        return TlsOptions.server(TestCertificates.server());
    }

    private static TlsOptions connecting() {
        return TlsOptions.client(TestCertificates.client()).withServerName("localhost");
    }

    private static Server serve(Supplier<? extends Protocol> factory, TlsOptions options)
            throws IOException {
        return Net.createServer(factory, loopback(0), ListenOptions.DEFAULTS.withTls(options));
    }

    private static Server servePlainly(RecordingProtocol protocol) throws IOException {
        return Net.createServer(() -> protocol, loopback(0));
    }

    private static InetSocketAddress loopback(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    private static <P extends Protocol> Connection<P> connect(
            Supplier<P> factory, Server server, TlsOptions options) throws IOException {
        return Net.createConnection(
                factory, server.addresses().getFirst(), ConnectOptions.DEFAULTS.withTls(options));
    }

    private static RecordingProtocol connected(Server server, TlsOptions options)
            throws IOException {
        return connect(RecordingProtocol::new, server, options).protocol();
    }

    private static void end(Server server) {
        server.close();
        server.waitClosed();
    }

    private static byte[] bytes(String text) {
        return ConnectionPairs.bytes(text);
    }

    private static List<MemoryNetwork.MemoryLink> links(TestRun run) {
        return ((MemoryNetwork) Network.of(run.loop)).links;
    }

    // ---- what can go wrong

    @Test
    void aPeerThatNeverShakesHandsFailsTheConnectAfterTheTimeGiven() {
        MemoryNetwork.run(run -> {
            try (var server = servePlainly(new RecordingProtocol())) {
                var begun = run.loop.time();
                assertThatThrownBy(() ->
                                connect(
                                        TlsHandshakeTest::never,
                                        server,
                                        connecting().withHandshakeTimeout(Duration.ofSeconds(1))))
                        .isInstanceOf(SSLHandshakeException.class)
                        .hasMessageContaining("TLS handshake with 127.0.0.1:")
                        .hasMessageContaining("did not end within 1 s");
                assertThat(run.loop.time() - begun).isEqualTo(Duration.ofSeconds(1).toNanos());
                assertThat(links(run).getFirst().isClosed()).isTrue();
                end(server);
            }
        });
    }

    @Test
    void aPeerThatEndsTheConnectionDuringTheHandshakeFailsTheConnect() {
        MemoryNetwork.run(run -> {
            var peer = new RecordingProtocol();
            peer.onData = _ -> peer.transport.close();
            try (var server = servePlainly(peer)) {
                assertThatThrownBy(() -> connect(TlsHandshakeTest::never, server, connecting()))
                        .isInstanceOf(SocketException.class)
                        .hasMessageStartingWith("connection reset")
                        .hasMessageContaining("during the TLS handshake");
            }
        });
    }

    @Test
    void aPeerThatResetsTheConnectionDuringTheHandshakeFailsTheConnect() {
        MemoryNetwork.run(run -> {
            var peer = new RecordingProtocol();
            peer.onData =
                    _ -> {
                        links(run).get(1).reset();
                        peer.transport.abort();
                    };
            try (var server = servePlainly(peer)) {
                assertThatThrownBy(() -> connect(TlsHandshakeTest::never, server, connecting()))
                        .isInstanceOf(SocketException.class)
                        .hasMessageContaining("lost during the TLS handshake: Connection reset");
            }
        });
    }

    @Test
    void aCertificateOfAnUnknownAuthorityIsRefusedWithAMessageOfItsOwn() {
        MemoryNetwork.run(run -> {
            try (var server = serve(TlsHandshakeTest::never, serving())) {
                assertThatThrownBy(() ->
                                connect(
                                        TlsHandshakeTest::never,
                                        server,
                                        TlsOptions.client(TestCertificates.distrustingClient())))
                        .isInstanceOf(SSLHandshakeException.class)
                        .hasMessageContaining("its certificate was refused")
                        .hasMessageContaining("unable to find valid certification path");
                end(server);
            }
        });
    }

    @Test
    void aCertificateForAnotherNameIsRefusedUnlessTheCheckIsOff() {
        MemoryNetwork.run(run -> {
            try (var server = serve(RecordingProtocol::new, serving())) {
                assertThatThrownBy(() ->
                                connect(
                                        TlsHandshakeTest::never,
                                        server,
                                        connecting().withServerName("wrong.test")))
                        .isInstanceOf(SSLHandshakeException.class)
                        .hasMessageContaining("its certificate was refused")
                        .hasMessageContaining("wrong.test");
                connected(server, connecting().withServerName("")).transport.close();
                connected(server, connecting().withServerName("example.test.")).transport.close();
                connected(server, TlsOptions.client(TestCertificates.client())).transport.close();
                server.closeClients();
                end(server);
            }
        });
    }

    @Test
    void withoutAHostTheServerHasToBeNamed() {
        MemoryNetwork.run(run -> {
            var options =
                    ConnectOptions.DEFAULTS.withTls(TlsOptions.client(TestCertificates.client()));
            assertThatThrownBy(() ->
                            Net.createConnection(
                                    TlsHandshakeTest::never,
                                    UnixDomainSocketAddress.of("x"),
                                    options))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("withServerName");
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aClientThatSpeaksNoTlsIsCutAtItsFirstByteAndReportedInDebugModeOnly(boolean byName) {
        MemoryNetwork.run(run -> {
            var options = byName ? serving().withContextByName(_ -> null) : serving();
            try (var server = serve(RecordingProtocol::new, options)) {
                for (var debug : List.of(false, true)) {
                    run.loop.setDebug(debug);
                    var client =
                            Net.createConnection(
                                            RecordingProtocol::new, server.addresses().getFirst())
                                    .protocol();
                    client.transport.write(bytes("G"));
                    client.awaitLost();
                    var reports = run.takeReports();
                    if (debug) {
                        assertThat(reports)
                                .singleElement()
                                .satisfies(report -> {
                                    assertThat(report.details()).containsKey("server");
                                    assertThat(report.exception())
                                            .isInstanceOf(SSLException.class)
                                            .hasMessageContaining("first byte is 0x47");
                                });
                    } else {
                        assertThat(reports).isEmpty();
                    }
                }
                run.loop.setDebug(false);
                connected(server, connecting()).transport.abort();
                server.abortClients();
                end(server);
            }
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aFirstMessageOf16MebibytesIsRefusedByItsHeader(boolean byName) {
        MemoryNetwork.run(run -> {
            var options = byName ? serving().withContextByName(_ -> null) : serving();
            try (var server = serve(TlsHandshakeTest::never, options)) {
                var client =
                        Net.createConnection(RecordingProtocol::new, server.addresses().getFirst())
                                .protocol();
                var record = new byte[5 + 100];
                ByteBuffer.wrap(record)
                        .put((byte) 22)
                        .putShort((short) 0x0301)
                        .putShort((short) 100)
                        .putInt(0x01ff_ffff);
                var begun = run.loop.time();
                client.transport.write(record);
                client.awaitLost();
                assertThat(run.loop.time()).isEqualTo(begun);
            }
        });
    }

    @Test
    void aRecordThatIsLongerThanAnyMayBeIsRefusedByItsHeader() {
        MemoryNetwork.run(run -> {
            try (var server = serve(TlsHandshakeTest::never, serving())) {
                var client =
                        Net.createConnection(RecordingProtocol::new, server.addresses().getFirst())
                                .protocol();
                var begun = run.loop.time();
                client.transport.write(new byte[] {22, 3, 1, (byte) 0x48, 1});
                client.awaitLost();
                assertThat(run.loop.time()).isEqualTo(begun);
            }
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aHandshakeOnTheServerEndsAfterItsTimeToo(boolean byName) {
        MemoryNetwork.run(run -> {
            var options = serving().withHandshakeTimeout(Duration.ofSeconds(5));
            options = byName ? options.withContextByName(_ -> null) : options;
            try (var server = serve(TlsHandshakeTest::never, options)) {
                var client =
                        Net.createConnection(RecordingProtocol::new, server.addresses().getFirst())
                                .protocol();
                client.transport.write(new byte[] {22, 3, 1});
                var begun = run.loop.time();
                client.awaitLost();
                assertThat(run.loop.time() - begun).isEqualTo(Duration.ofSeconds(5).toNanos());
            }
        });
    }

    @Test
    void aHandshakeCancelledAtAnyMomentLeavesNothingBehind() {
        MemoryNetwork.run(run -> {
            try (var server = serve(RecordingProtocol::new, serving())) {
                var complete = false;
                for (var turns = 0; !complete; turns++) {
                    var task = run.loop.createTask(() -> connected(server, connecting()).transport);
                    for (var turn = 0; turn < turns; turn++) {
                        Async.yieldNow();
                    }
                    complete = task.isDone();
                    if (complete) {
                        assertThat(turns).isGreaterThan(5);
                        task.result().abort();
                    } else {
                        task.cancel();
                        Async.waitAll(List.of(task));
                        assertThat(task.isCancelled()).isTrue();
                    }
                    server.abortClients();
                }
                end(server);
                assertThat(links(run).stream().map(MemoryNetwork.MemoryLink::isClosed))
                        .doesNotContain(false);
            }
        });
    }

    // ---- servers

    @Test
    void aClientInTheHandshakeCountsAsOneOfTheServers() {
        MemoryNetwork.run(run -> {
            var server = serve(TlsHandshakeTest::never, serving());
            var address = server.addresses().getFirst();
            var silent = Net.createConnection(RecordingProtocol::new, address).protocol();
            Async.yieldNow();
            Async.yieldNow();
            assertThat(server).hasToString(server.toString().replace("clients: 0", "clients: 1"));
            var report = server.shutdown(Duration.ofSeconds(2));
            assertThat(report.cut()).containsExactly(silent.transport.extra(Key.LOCAL_ADDRESS));
            silent.awaitLost();
            assertThat(run.loop.time()).isEqualTo(Duration.ofSeconds(2).toNanos());
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void closingTheClientsOfAServerEndsTheirHandshakes(boolean byName) {
        MemoryNetwork.run(run -> {
            var options = byName ? serving().withContextByName(_ -> null) : serving();
            var server = serve(TlsHandshakeTest::never, options);
            var silent =
                    Net.createConnection(RecordingProtocol::new, server.addresses().getFirst())
                            .protocol();
            Async.yieldNow();
            Async.yieldNow();
            server.closeClients();
            end(server);
            silent.awaitLost();
            assertThat(run.loop.time()).isZero();
        });
    }

    @Test
    void aLoopThatClosesEndsTheHandshakesOfItsServers() {
        var links = new ArrayList<MemoryNetwork.MemoryLink>();
        MemoryNetwork.run(run -> {
            var server = serve(TlsHandshakeTest::never, serving());
            Network.of(run.loop).connect(server.addresses().getFirst(), null);
            Async.yieldNow();
            Async.yieldNow();
            server.close();
            links.addAll(links(run));
            assertThat(links.get(1).isWatchedForReading()).isTrue();
        });
        assertThat(links.get(1).isClosed()).isTrue();
    }

    @Test
    void aFactoryThatFailsAfterTheHandshakeIsReportedAndClosesTheConnection() {
        MemoryNetwork.run(run -> {
            var failure = new IllegalStateException("boom");
            try (var server =
                    serve(
                            () -> {
                                throw failure;
                            },
                            serving())) {
                connected(server, connecting()).awaitLost();
                assertThat(run.takeReports())
                        .singleElement()
                        .extracting(LoopException::exception)
                        .isSameAs(failure);
            }
        });
    }

    // ---- what is agreed on

    @Test
    void theProtocolThatBothSidesKnowIsAgreedOn() {
        MemoryNetwork.run(run -> {
            var served = new RecordingProtocol();
            try (var server = serve(() -> served, serving().withAlpn("h2", "http/1.1"))) {
                var client = connected(server, connecting().withAlpn("spdy/1", "http/1.1"));
                served.await("made");
                assertThat(client.transport.extra(Key.ALPN_PROTOCOL)).isEqualTo("http/1.1");
                assertThat(served.transport.extra(Key.ALPN_PROTOCOL)).isEqualTo("http/1.1");
                client.transport.close();
                served.awaitLost();
                assertThatThrownBy(() ->
                                connect(
                                        TlsHandshakeTest::never,
                                        server,
                                        connecting().withAlpn("spdy/1")))
                        .isInstanceOf(SSLHandshakeException.class)
                        .hasMessageContaining("no_application_protocol");
            }
        });
    }

    @Test
    void theNameThatAClientAsksForChoosesTheCertificate() {
        MemoryNetwork.run(run -> {
            var asked = new ArrayList<String>();
            var other = TestCertificates.otherServer();
            var options =
                    serving()
                            .withContextByName(name -> {
                                asked.add(name);
                                return name.equals("other.test") ? other : null;
                            });
            try (var server = serve(RecordingProtocol::new, options)) {
                for (var name : List.of("OTHER.test", "example.test", "127.0.0.1")) {
                    var client = connected(server, connecting().withServerName(name));
                    assertThat(client.transport.extra(Key.SSL_SESSION).getPeerPrincipal().getName())
                            .endsWith(name.startsWith("OTHER") ? "other-server" : "test server");
                    client.transport.abort();
                }
                assertThat(asked).containsExactly("other.test", "example.test");
                server.abortClients();
            }
        });
    }

    @Test
    void whatAChoiceByNameThrowsIsReportedAndEndsTheConnectionOnly() {
        for (var thrown : List.of(new IllegalStateException("boom"), new AssertionError("boom"))) {
            MemoryNetwork.run(run -> {
                var options =
                        serving()
                                .withContextByName(_ -> {
                                    raise(thrown);
                                    return null;
                                });
                try (var server = serve(TlsHandshakeTest::never, options)) {
                    for (var debug : List.of(false, true)) {
                        run.loop.setDebug(debug);
                        assertThatThrownBy(() ->
                                        connect(TlsHandshakeTest::never, server, connecting()))
                                .isInstanceOf(IOException.class);
                        assertThat(run.takeReports())
                                .singleElement()
                                .satisfies(report -> {
                                    assertThat(report.exception()).isSameAs(thrown);
                                    assertThat(report.details()).containsKey("server");
                                });
                    }
                    assertThat(run.loop.time()).isZero();
                    end(server);
                }
            });
        }
    }

    private static void raise(Throwable unchecked) {
        if (unchecked instanceof Error error) {
            throw error;
        }
        throw (RuntimeException) unchecked;
    }

    @Test
    void whatTheLastHandOnTheParametersThrowsIsReportedOrPassedOn() {
        for (var thrown : List.of(new IllegalStateException("boom"), new AssertionError("boom"))) {
            MemoryNetwork.run(run -> {
                Consumer<SSLParameters> failing = _ -> raise(thrown);
                try (var server =
                        serve(TlsHandshakeTest::never, serving().withParameters(failing))) {
                    assertThatThrownBy(() -> connect(TlsHandshakeTest::never, server, connecting()))
                            .isInstanceOf(IOException.class);
                    assertThat(run.takeReports())
                            .singleElement()
                            .satisfies(report -> assertThat(report.exception()).isSameAs(thrown));
                    assertThatThrownBy(() ->
                                    connect(
                                            TlsHandshakeTest::never,
                                            server,
                                            connecting().withParameters(failing)))
                            .isSameAs(thrown);
                    end(server);
                }
                assertThat(links(run).stream().map(MemoryNetwork.MemoryLink::isClosed))
                        .doesNotContain(false);
            });
        }
    }

    @Test
    void onlyTheEmptyServerNameSwitchesTheCheckOff() {
        MemoryNetwork.run(run -> {
            var client = TlsOptions.client(TestCertificates.distrustingClient());
            var nameless =
                    new InetSocketAddress(
                            InetAddress.getByAddress("", new byte[] {127, 0, 0, 1}), 443);
            assertThatThrownBy(() -> TlsTarget.of(client.withServerName("."), "host", 443))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("'.'")
                    .hasMessageContaining("withServerName");
            assertThatThrownBy(() ->
                            Net.createConnection(
                                    TlsHandshakeTest::never,
                                    nameless,
                                    ConnectOptions.DEFAULTS.withTls(client)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("withServerName");
            assertThat(links(run)).isEmpty();
        });
    }

    @Test
    void aLimitOfTimeMayBeAsLongAsATimeCanBe() {
        MemoryNetwork.run(run -> {
            var ever = Duration.ofSeconds(Long.MAX_VALUE);
            var byName = serving().withContextByName(_ -> null);
            for (var each : List.of(serving(), byName)) {
                var options = each.withHandshakeTimeout(ever).withShutdownTimeout(ever);
                try (var server = serve(RecordingProtocol::new, options)) {
                    var client =
                            connected(
                                    server,
                                    connecting()
                                            .withHandshakeTimeout(ever)
                                            .withShutdownTimeout(ever));
                    client.transport.close();
                    client.awaitLost();
                    end(server);
                }
            }
        });
    }

    @Test
    void aClientThatHasACertificateShowsItWhereItIsAskedFor() {
        MemoryNetwork.run(run -> {
            for (var required : List.of(true, false)) {
                var served = new RecordingProtocol();
                try (var server = serve(() -> served, serving().withClientAuth(required))) {
                    var client =
                            connected(
                                    server,
                                    TlsOptions.client(TestCertificates.clientWithKey())
                                            .withServerName("localhost"));
                    served.await("made");
                    assertThat(served.transport.extra(Key.SSL_SESSION).getPeerPrincipal().getName())
                            .isEqualTo("CN=jloop test client");
                    client.transport.close();
                    served.awaitLost();
                }
            }
        });
    }

    @Test
    void aClientWithoutACertificateIsRefusedOnlyWhereItIsRequired() {
        MemoryNetwork.run(run -> {
            var served = new RecordingProtocol();
            try (var server = serve(() -> served, serving().withClientAuth(false))) {
                var client = connected(server, connecting());
                served.await("made");
                var session = served.transport.extra(Key.SSL_SESSION);
                assertThatThrownBy(session::getPeerPrincipal)
                        .isInstanceOf(SSLPeerUnverifiedException.class);
                client.transport.close();
                served.awaitLost();
            }
            try (var server = serve(TlsHandshakeTest::never, serving().withClientAuth(true))) {
                // With TLS 1.3 the client is done before the server is, and hears of it later.
                var client = connected(server, connecting());
                client.awaitLost();
                assertThat(client.lossCause)
                        .isInstanceOf(SSLException.class)
                        .hasMessageContaining("certificate_required");
            }
        });
    }

    @Test
    void theLastWordOnTheParametersIsTheUsers() {
        MemoryNetwork.run(run -> {
            try (var server = serve(RecordingProtocol::new, serving())) {
                var client =
                        connected(
                                server,
                                connecting()
                                        .withParameters(parameters ->
                                                parameters.setCipherSuites(
                                                        new String[] {
                                                            "TLS_CHACHA20_POLY1305_SHA256"
                                                        })));
                assertThat(client.transport.extra(Key.SSL_SESSION).getCipherSuite())
                        .isEqualTo("TLS_CHACHA20_POLY1305_SHA256");
                client.transport.abort();
                server.abortClients();
                var failure = new IllegalStateException("boom");
                assertThatThrownBy(() ->
                                connect(
                                        TlsHandshakeTest::never,
                                        server,
                                        connecting()
                                                .withParameters(_ -> {
                                                    throw failure;
                                                })))
                        .isSameAs(failure);
                assertThat(links(run).get(links(run).size() - 2).isClosed()).isTrue();
            }
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aSecondConnectionToTheSameServerResumesTheSession(String version) {
        MemoryNetwork.run(run -> {
            var options =
                    connecting()
                            .withParameters(
                                    parameters -> parameters.setProtocols(new String[] {version}));
            try (var server = serve(RecordingProtocol::new, serving())) {
                var first = session(server, options);
                // A session that is not resumed is a new one.
                assertThat(session(server, options).getCreationTime())
                        .isEqualTo(first.getCreationTime());
                assertThat(
                                session(server, options.withServerName("example.test"))
                                        .getPeerCertificates())
                        .isNotEmpty();
                end(server);
            }
        });
    }

    /// {@return the session of a connection that has heard from the server and was closed}
    private static SSLSession session(Server server, TlsOptions options) throws IOException {
        var client = connected(server, options);
        var session = client.transport.extra(Key.SSL_SESSION);
        client.transport.write(bytes("x"));
        client.transport.close();
        client.awaitLost();
        return session;
    }

    @Test
    void bytesThatComeWithTheLastRecordOfTheHandshakeComeAfterConnectionMade() {
        MemoryNetwork.run(run -> {
            var served = new RecordingProtocol();
            served.onConnected = transport -> transport.write(bytes("first"));
            try (var server = serve(() -> served, serving())) {
                var client = connected(server, connecting());
                assertThat(client.events).startsWith("made");
                client.awaitText("first");
                assertThat(client.events).containsExactly("made", "data");
                client.transport.close();
                served.awaitLost();
            }
        });
    }
}

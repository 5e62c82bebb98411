package dev.jloop.transports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.util.stream.Stream;

import javax.net.ssl.SSLException;

/// Engines of other providers behave as the JDK's does, on either side of a connection with it.
@ExtendWith(LeakCheck.class)
class OtherProvidersTest {
    private static final int MEGABYTE = 1024 * 1024;
    private static final byte[] DATA = ConnectionPairs.randomBytes(MEGABYTE);

    /// Who talks to whom, and how.
    record Pairing(TlsProviders client, TlsProviders server, String version) {
        TlsOptions clientTls(boolean withKey) {
            var holder = withKey ? TestCertificates.Holder.CLIENT : null;
            return only(TlsOptions.client(client.context(holder)).withServerName("example.test"));
        }

        TlsOptions serverTls() {
            return only(TlsOptions.server(server.context(TestCertificates.Holder.SERVER)));
        }

        private TlsOptions only(TlsOptions tls) {
            return tls.withParameters(
                    parameters -> parameters.setProtocols(new String[] {version}));
        }

        @Override
        public String toString() {
            return client + " to " + server + " over " + version;
        }
    }

    static Stream<Pairing> pairings() {
        return Stream.of(TlsProviders.CONSCRYPT, TlsProviders.BOUNCY_CASTLE)
                .flatMap(other ->
                        Stream.of("TLSv1.2", "TLSv1.3")
                                .flatMap(version ->
                                        Stream.of(
                                                new Pairing(other, TlsProviders.JDK, version),
                                                new Pairing(TlsProviders.JDK, other, version))));
    }

    private final RecordingProtocol client = new RecordingProtocol();
    private final RecordingProtocol server = new RecordingProtocol();

    private void connected(TlsOptions clientTls, TlsOptions serverTls, TestRun.Body body) {
        TestRun.onSockets(run -> {
            try {
                connect(clientTls, serverTls);
                server.await("made");
                body.run(run);
            } finally {
                for (var side : new RecordingProtocol[] {client, server}) {
                    if (side.transport != null) {
                        side.transport.abort();
                        side.awaitLost();
                    }
                }
            }
        });
    }

    private void connect(TlsOptions clientTls, TlsOptions serverTls) throws IOException {
        var loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (var listening =
                Net.createServer(
                        () -> server, loopback, ListenOptions.DEFAULTS.withTls(serverTls))) {
            Net.createConnection(
                    () -> client,
                    listening.addresses().getFirst(),
                    ConnectOptions.DEFAULTS.withTls(clientTls));
        }
    }

    @ParameterizedTest
    @MethodSource("pairings")
    void aMegabyteGoesBothWaysAtOnceAndBothSayGoodbye(Pairing pairing) {
        connected(
                pairing.clientTls(false),
                pairing.serverTls(),
                _ -> {
                    assertThat(client.transport.extra(Key.SSL_SESSION).getProtocol())
                            .isEqualTo(pairing.version);
                    client.transport.write(DATA);
                    server.transport.write(DATA);
                    client.awaitBytes(MEGABYTE);
                    server.awaitBytes(MEGABYTE);
                    client.transport.close();
                    server.awaitLost();
                    client.awaitLost();
                    assertThat(server.events).endsWith("eof", "lost");
                    assertThat(client.events).endsWith("lost").doesNotContain("broken");
                    assertThat(client.received.toByteArray()).isEqualTo(DATA);
                    assertThat(server.received.toByteArray()).isEqualTo(DATA);
                });
    }

    @ParameterizedTest
    @MethodSource("pairings")
    void theServerSaysGoodbyeAfterAllItHasWritten(Pairing pairing) {
        connected(
                pairing.clientTls(false),
                pairing.serverTls(),
                _ -> {
                    server.transport.write(DATA);
                    server.transport.close();
                    client.awaitLost();
                    server.awaitLost();
                    assertThat(client.received.toByteArray()).isEqualTo(DATA);
                    assertThat(client.events).endsWith("eof", "lost");
                    assertThat(server.events).endsWith("lost").doesNotContain("broken");
                });
    }

    @ParameterizedTest
    @MethodSource("pairings")
    void theyAgreeOnAProtocol(Pairing pairing) {
        connected(
                pairing.clientTls(false).withAlpn("h2", "http/1.1"),
                pairing.serverTls().withAlpn("acme-tls/1", "http/1.1"),
                _ -> {
                    assertThat(client.transport.extra(Key.ALPN_PROTOCOL)).isEqualTo("http/1.1");
                    assertThat(server.transport.extra(Key.ALPN_PROTOCOL)).isEqualTo("http/1.1");
                });
    }

    @ParameterizedTest
    @MethodSource("pairings")
    void theServerSeesTheCertificateOfTheClient(Pairing pairing) {
        connected(
                pairing.clientTls(true),
                pairing.serverTls().withClientAuth(true),
                _ -> {
                    var chain = server.transport.extra(Key.SSL_SESSION).getPeerCertificates();
                    assertThat(((X509Certificate) chain[0]).getSubjectX500Principal().getName())
                            .isEqualTo("CN=jloop test client");
                });
    }

    @ParameterizedTest
    @MethodSource("pairings")
    void aClientWithoutTheRequiredCertificateIsRefused(Pairing pairing) {
        TestRun.onSockets(_ -> {
            // In TLS 1.3 the client has finished before the server looks for a certificate.
            try {
                connect(pairing.clientTls(false), pairing.serverTls().withClientAuth(true));
                client.awaitLost();
                assertThat(client.lossCause).isInstanceOf(SSLException.class);
                assertThat(pairing.version).isEqualTo("TLSv1.3");
            } catch (SSLException _) {
                assertThat(client.events).isEmpty();
            }
            assertThat(server.events).isEmpty();
        });
    }

    @ParameterizedTest
    @MethodSource("pairings")
    void aServerOfAnotherNameIsRefused(Pairing pairing) {
        TestRun.onSockets(_ -> {
            var wrong = pairing.clientTls(false).withServerName("other.test");
            assertThatThrownBy(() -> connect(wrong, pairing.serverTls()))
                    .isInstanceOf(SSLException.class);
            assertThat(client.events).isEmpty();
        });
    }

    @ParameterizedTest
    @MethodSource("pairings")
    void anEndWithoutAGoodbyeIsATruncation(Pairing pairing) {
        connected(
                pairing.clientTls(false),
                pairing.serverTls(),
                _ -> {
                    client.transport.write(DATA);
                    server.awaitBytes(MEGABYTE);
                    client.transport.abort();
                    server.awaitLost();
                    assertThat(server.events).endsWith("broken").doesNotContain("eof");
                    assertThat(server.lossCause).isInstanceOf(IOException.class);
                    assertThat(server.received.toByteArray()).isEqualTo(DATA);
                });
    }
}

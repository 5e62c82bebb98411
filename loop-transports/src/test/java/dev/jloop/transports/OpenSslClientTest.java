package dev.jloop.transports;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.jloop.core.EventLoop;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;

import javax.net.ssl.SSLException;

/// What OpenSSL's client sees of our servers.
@ExtendWith(LeakCheck.class)
class OpenSslClientTest {
    private static final String TLS_1_2 = "TLSv1.2";
    private static final String TLS_1_3 = "TLSv1.3";

    private final List<RecordingProtocol> accepted = new ArrayList<>();
    @TempDir private Path folder;

    /// A test with a server, given its port.
    @FunctionalInterface
    private interface ServerBody {
        void run(int port) throws Exception;
    }

    private RecordingProtocol newEcho() {
        var echo = new RecordingProtocol();
        echo.onData = data -> echo.transport.write(data.retain());
        accepted.add(echo);
        return echo;
    }

    /// Serves an echo over one version of TLS.
    private void serving(TlsOptions tls, String version, ServerBody body) {
        TestRun.onSockets(_ -> {
            var options =
                    tls.withParameters(
                            parameters -> parameters.setProtocols(new String[] {version}));
            var server =
                    Net.createServer(
                            this::newEcho,
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                            ListenOptions.DEFAULTS.withTls(options));
            try {
                body.run(((InetSocketAddress) server.addresses().getFirst()).getPort());
            } finally {
                server.close();
                server.abortClients();
                server.waitClosed();
            }
        });
    }

    private static TlsOptions tls() {
        return TlsOptions.server(TestCertificates.server());
    }

    /// OpenSSL prints what it gets between what it has to say itself.
    private static void assertEcho(Peer client, String line) throws IOException {
        var marked = "<" + line + ">";
        client.send(marked + "\n");
        assertThat(client.awaitLine(marked)).endsWith(marked);
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void itTrustsOurNameAndAgreesOnAProtocol(String version) {
        serving(
                tls().withAlpn("h2", "http/1.1"),
                version,
                port -> {
                    try (var client =
                            OpenSsl.connect(
                                    port,
                                    version,
                                    "-verify_hostname",
                                    "example.test",
                                    "-servername",
                                    "example.test",
                                    "-alpn",
                                    "acme-tls/1,http/1.1")) {
                        client.awaitLine("Verification: OK");
                        client.awaitLine("Verified peername: example.test");
                        assertThat(client.awaitLine("Cipher is")).startsWith("New, " + version);
                        assertThat(client.awaitLine("ALPN")).isEqualTo("ALPN protocol: http/1.1");
                        assertEcho(client, "over " + version);
                        var transport = accepted.getFirst().transport;
                        assertThat(transport.extra(Key.ALPN_PROTOCOL)).isEqualTo("http/1.1");
                        assertThat(transport.extra(Key.SSL_SESSION).getProtocol())
                                .isEqualTo(version);
                    }
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void itIsRefusedWhereNoProtocolIsCommon(String version) {
        serving(
                tls().withAlpn("h2"),
                version,
                port -> {
                    try (var client = OpenSsl.connect(port, version, "-alpn", "http/1.1")) {
                        assertThat(client.awaitEnd()).contains("alert no application protocol");
                        assertThat(client.awaitExit()).isEqualTo(1);
                        assertThat(accepted).isEmpty();
                    }
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "example.test", "other.test", "OTHER.test", "unknown.test"})
    void itGetsTheCertificateOfTheNameItAskedFor(String name) {
        var other = TestCertificates.otherServer();
        serving(
                tls().withContextByName(asked -> asked.equals("other.test") ? other : null),
                TLS_1_3,
                port -> {
                    var asking = name.isEmpty() ? List.of("-noservername") : named(name);
                    try (var client =
                            OpenSsl.connect(port, TLS_1_3, asking.toArray(String[]::new))) {
                        assertThat(client.awaitLine("subject="))
                                .endsWith(
                                        name.equalsIgnoreCase("other.test")
                                                ? "jloop test other-server"
                                                : "jloop test server");
                        assertEcho(client, "hello");
                    }
                });
    }

    private static List<String> named(String name) {
        return List.of("-servername", name);
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void itsCertificateIsSeenByTheServerThatRequiresOne(String version) {
        serving(
                tls().withClientAuth(true),
                version,
                port -> {
                    var certificate = OpenSsl.certificate(TestCertificates.Holder.CLIENT);
                    try (var client =
                            OpenSsl.connect(port, version, certificate.toArray(String[]::new))) {
                        assertEcho(client, "it is me");
                        assertThat(peerName(accepted.getFirst())).isEqualTo("CN=jloop test client");
                    }
                });
    }

    private static String peerName(RecordingProtocol server) throws IOException {
        var session = server.transport.extra(Key.SSL_SESSION);
        return ((X509Certificate) session.getPeerCertificates()[0])
                .getSubjectX500Principal()
                .getName();
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void itIsRefusedWithoutTheCertificateThatIsRequired(String version) {
        serving(
                tls().withClientAuth(true),
                version,
                port -> {
                    try (var client = OpenSsl.connect(port, version)) {
                        assertThat(client.awaitEnd())
                                .containsPattern("alert (handshake failure|.*certificate)");
                        assertThat(client.awaitExit()).isEqualTo(1);
                        assertThat(accepted).isEmpty();
                    }
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void itIsServedWithoutTheCertificateThatIsOnlyWanted(String version) {
        serving(
                tls().withClientAuth(false),
                version,
                port -> {
                    try (var client = OpenSsl.connect(port, version)) {
                        assertEcho(client, "nobody");
                    }
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void itResumesASession(String version) {
        serving(
                tls(),
                version,
                port -> {
                    var session = folder.resolve("session.pem").toString();
                    try (var first = OpenSsl.connect(port, version, "-sess_out", session)) {
                        assertThat(first.awaitLine("Cipher is")).startsWith("New");
                        assertEcho(first, "first");
                        first.endInput();
                        assertThat(first.awaitExit()).isZero();
                    }
                    try (var second = OpenSsl.connect(port, version, "-sess_in", session)) {
                        assertThat(second.awaitLine("Cipher is")).startsWith("Reused, " + version);
                        assertEcho(second, "second");
                    }
                });
    }

    @Test
    void itReconnectsFiveTimesWithOneSession() {
        serving(
                tls(),
                TLS_1_2,
                port -> {
                    try (var client = OpenSsl.connect(port, TLS_1_2, "-reconnect")) {
                        assertThat(client.awaitLine("Cipher is")).startsWith("New");
                        for (var time = 0; time < 5; time++) {
                            assertThat(client.awaitLine("Cipher is")).startsWith("Reused");
                        }
                        assertEcho(client, "still there");
                    }
                });
    }

    @Test
    void itUpdatesItsKeysAndAsksForOurs() {
        serving(
                tls(),
                TLS_1_3,
                port -> {
                    try (var client = OpenSsl.connect(port, TLS_1_3)) {
                        assertEcho(client, "old keys");
                        client.send("K\n"); // both sides; "k" is its side alone
                        client.awaitLine("KEYUPDATE");
                        assertEcho(client, "new keys");
                        client.send("k\n");
                        client.awaitLine("KEYUPDATE");
                        assertEcho(client, "newer keys");
                    }
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void itSeesOurGoodbye(String version) {
        serving(
                tls(),
                version,
                port -> {
                    try (var client = OpenSsl.connect(port, version)) {
                        assertEcho(client, "last words");
                        accepted.getFirst().transport.close();
                        assertThat(client.awaitEnd()).endsWith("closed");
                        assertThat(client.awaitExit()).isZero();
                        accepted.getFirst().awaitLost();
                        assertThat(accepted.getFirst().events).endsWith("lost");
                    }
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void itSeesThatAnAbortIsNoGoodbye(String version) {
        serving(
                tls(),
                version,
                port -> {
                    try (var client = OpenSsl.connect(port, version)) {
                        assertEcho(client, "last words");
                        accepted.getFirst().transport.abort();
                        assertThat(client.awaitEnd())
                                .doesNotEndWith("closed")
                                .containsPattern("unexpected eof|read:errno=");
                        assertThat(client.awaitExit()).isEqualTo(1);
                    }
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void weSeeItsGoodbye(String version) {
        serving(
                tls(),
                version,
                port -> {
                    try (var client = OpenSsl.connect(port, version)) {
                        assertEcho(client, "hello");
                        client.endInput();
                        accepted.getFirst().awaitLost();
                        assertThat(accepted.getFirst().events).endsWith("eof", "lost");
                        assertThat(client.awaitExit()).isZero();
                    }
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void weSeeThatItWasCutOffWithoutAGoodbye(String version) {
        serving(
                tls(),
                version,
                port -> {
                    var client = OpenSsl.connect(port, version);
                    try {
                        assertEcho(client, "hello");
                    } finally {
                        client.close(); // kills it
                    }
                    accepted.getFirst().awaitLost();
                    assertThat(accepted.getFirst().events).endsWith("broken").doesNotContain("eof");
                    assertThat(accepted.getFirst().lossCause).isInstanceOf(SSLException.class);
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void aMegabyteGoesThereAndBack(String version) {
        serving(
                tls(),
                version,
                port -> {
                    try (var client = OpenSsl.connect(port, version, "-quiet")) {
                        var text = ("x".repeat(1023) + "\n").repeat(1024) + "the end\n";
                        var data = text.getBytes(UTF_8);
                        EventLoop.current().createTask(() -> client.awaitSent(data));
                        client.awaitLine("the end");
                        assertThat(accepted.getFirst().received.size()).isEqualTo(data.length);
                    }
                });
    }
}

package dev.jloop.transports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;

/// What our clients see of OpenSSL's server.
@ExtendWith(LeakCheck.class)
class OpenSslServerTest {
    private static final String TLS_1_2 = "TLSv1.2";
    private static final String TLS_1_3 = "TLSv1.3";

    private final RecordingProtocol client = new RecordingProtocol();

    private static OpenSsl.Listening listen(String version, String... more) throws IOException {
        return OpenSsl.listen(TestCertificates.Holder.SERVER, version, more);
    }

    private void connect(OpenSsl.Listening server, TlsOptions tls) throws IOException {
        connect(client, server, tls);
    }

    private static void connect(RecordingProtocol client, OpenSsl.Listening server, TlsOptions tls)
            throws IOException {
        Net.createConnection(
                () -> client, "127.0.0.1", server.port(), ConnectOptions.DEFAULTS.withTls(tls));
    }

    private static TlsOptions tls() {
        return tls(TestCertificates.client());
    }

    private static TlsOptions tls(SSLContext context) {
        return TlsOptions.client(context).withServerName("example.test");
    }

    private void send(String line) {
        client.transport.write((line + "\n").getBytes(UTF_8));
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void itAgreesOnAProtocolWithUs(String version) {
        TestRun.onSockets(_ -> {
            try (var server = listen(version, "-alpn", "http/1.1,h2")) {
                connect(server, tls().withAlpn("h2", "http/1.1"));
                server.peer().awaitLine("ALPN protocols selected: http/1.1");
                assertThat(client.transport.extra(Key.ALPN_PROTOCOL)).isEqualTo("http/1.1");
                assertThat(client.transport.extra(Key.SSL_SESSION).getProtocol())
                        .isEqualTo(version);
                send("to the server");
                server.peer().awaitLine("to the server");
                server.peer().send("to the client\n");
                client.awaitText("to the client\n");
                client.transport.close();
                client.awaitLost();
                assertThat(client.events).endsWith("lost");
            }
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void itHearsTheNameThatWeAskFor(String version) {
        var other = TestCertificates.Holder.OTHER_SERVER;
        TestRun.onSockets(_ -> {
            try (var server =
                    listen(
                            version,
                            "-servername",
                            "other.test",
                            "-cert2",
                            TestCertificates.certificatePem(other).toString(),
                            "-key2",
                            TestCertificates.keyPem(other).toString())) {
                connect(server, tls().withServerName("other.test"));
                server.peer().awaitLine("Hostname in TLS extension: \"other.test\"");
                client.transport.abort();
            }
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void ourConnectFailsWhereNoProtocolIsCommon(String version) {
        TestRun.onSockets(_ -> {
            try (var server = listen(version, "-alpn", "h2")) {
                assertThatThrownBy(() -> connect(server, tls().withAlpn("http/1.1")))
                        .isInstanceOf(SSLException.class)
                        .hasMessageContaining("no_application_protocol");
                assertThat(client.events).isEmpty();
            }
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void weRefuseACertificateOfAStranger(String version) {
        TestRun.onSockets(_ -> {
            try (var server = listen(version)) {
                var distrusting = tls(TestCertificates.distrustingClient());
                assertThatThrownBy(() -> connect(server, distrusting))
                        .isInstanceOf(SSLHandshakeException.class);
                assertThat(client.events).isEmpty();
                assertThat(server.peer().awaitLine("alert")).contains("alert");
            }
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void weRefuseACertificateForAnotherName(String version) {
        TestRun.onSockets(_ -> {
            try (var server = OpenSsl.listen(TestCertificates.Holder.OTHER_SERVER, version)) {
                assertThatThrownBy(() -> connect(server, tls()))
                        .isInstanceOf(SSLHandshakeException.class)
                        .hasMessageContaining("example.test");
                assertThat(client.events).isEmpty();
            }
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void theAddressIsCheckedWhereNoNameIsGiven(String version) {
        TestRun.onSockets(_ -> {
            try (var server = listen(version)) {
                connect(server, TlsOptions.client(TestCertificates.client()));
                send("127.0.0.1 is in the certificate");
                server.peer().awaitLine("127.0.0.1 is in the certificate");
                client.transport.abort();
            }
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void itRequiresOurCertificateAndGetsIt(String version) {
        TestRun.onSockets(_ -> {
            try (var server = listen(version, "-Verify", "2", "-verify_return_error")) {
                connect(server, tls(TestCertificates.clientWithKey()));
                server.peer().awaitLine("subject=CN = jloop test client");
                send("welcome");
                server.peer().awaitLine("welcome");
                client.transport.abort();
            }
        });
    }

    @Test
    void connectingFailsOverTls12WithoutTheCertificateThatIsRequired() {
        TestRun.onSockets(_ -> {
            try (var server = listen(TLS_1_2, "-Verify", "2", "-verify_return_error")) {
                assertThatThrownBy(() -> connect(server, tls())).isInstanceOf(SSLException.class);
                assertThat(client.events).isEmpty();
            }
        });
    }

    /// In TLS 1.3 the client has finished before the server looks at its certificate.
    @Test
    void theConnectionBreaksOverTls13WithoutTheCertificateThatIsRequired() {
        TestRun.onSockets(_ -> {
            try (var server = listen(TLS_1_3, "-Verify", "2", "-verify_return_error")) {
                connect(server, tls());
                client.awaitLost();
                assertThat(client.events).containsExactly("made", "broken");
                assertThat(client.lossCause)
                        .isInstanceOf(SSLException.class)
                        .hasMessageContaining("certificate_required");
            }
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void weResumeASessionWithTheSameContext(String version) {
        TestRun.onSockets(_ -> {
            try (var server = listen(version)) {
                var tls = tls();
                for (var round = 0; round < 3; round++) {
                    var protocol = new RecordingProtocol();
                    connect(protocol, server, tls);
                    var peer = server.peer();
                    peer.awaitLine(round == 0 ? "CIPHER is" : "Reused session-id");
                    protocol.transport.write("hello\n".getBytes(UTF_8));
                    peer.awaitLine("hello");
                    peer.send("the ticket came before this\n");
                    protocol.awaitText("the ticket came before this\n");
                    protocol.transport.close();
                    protocol.awaitLost();
                }
            }
        });
    }

    @Test
    void itUpdatesItsKeysAndAsksForOurs() {
        TestRun.onSockets(_ -> {
            try (var server = listen(TLS_1_3)) {
                connect(server, tls());
                for (var update : new String[] {"K", "k", "K"}) {
                    var peer = server.peer();
                    peer.send(update + "\n");
                    send("seen after " + update); // it takes each input as a whole for a command
                    peer.awaitLine("seen after " + update);
                    peer.send("with new keys\n");
                    client.awaitText("with new keys\n");
                    client.received.reset();
                    send("and back after " + update);
                    peer.awaitLine("and back after " + update);
                }
                client.transport.abort();
            }
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void weSeeItsGoodbye(String version) {
        TestRun.onSockets(_ -> {
            // It sends lines back to front, and this word makes it close the connection.
            try (var server = listen(version, "-rev")) {
                connect(server, tls());
                send("drawer");
                client.awaitText("reward\n");
                send("CLOSE");
                client.awaitLost();
                assertThat(client.events).endsWith("eof", "lost");
            }
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void weSeeThatItEndedWithoutAGoodbye(String version) {
        TestRun.onSockets(_ -> {
            try (var server = listen(version)) {
                connect(server, tls());
                send("hello");
                server.peer().awaitLine("hello");
                server.peer().send("Q\n");
                client.awaitLost();
                assertThat(client.events).containsExactly("made", "broken");
                assertThat(client.lossCause).isInstanceOf(SSLException.class);
            }
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void aMegabyteGoesThereAndBack(String version) {
        TestRun.onSockets(_ -> {
            try (var server = listen(version, "-rev")) {
                connect(server, tls());
                var line = "live on time".repeat(85) + "\n";
                var backwards = "emit no evil".repeat(85) + "\n";
                for (var count = 0; count < 1024; count++) {
                    client.transport.write(line.getBytes(UTF_8));
                }
                client.awaitBytes(1024 * line.length());
                assertThat(client.text()).isEqualTo(backwards.repeat(1024));
                client.transport.abort();
            }
        });
    }
}

package dev.jloop.transports;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;

import javax.net.ssl.SSLException;

/// Python's `ssl` and `asyncio` as the other side of our TLS.
@ExtendWith(LeakCheck.class)
class PythonTlsTest {
    private static final String TLS_1_2 = "TLSv1.2";
    private static final String TLS_1_3 = "TLSv1.3";

    @TempDir private Path folder;

    /// A test with a server of ours, whose one connection is given.
    @FunctionalInterface
    private interface ServerBody {
        void run(RecordingProtocol server, Peer python) throws Exception;
    }

    private Peer python(String version, String... arguments) throws IOException {
        var file = folder.resolve("tls_peer.py");
        try (var source = PythonTlsTest.class.getResourceAsStream("tls_peer.py")) {
            Files.copy(source, file);
        }
        var command = new ArrayList<>(List.of("python3", file.toString(), version));
        command.addAll(List.of(arguments));
        return Peer.start(command.toArray(String[]::new));
    }

    private void serving(RecordingProtocol server, String version, String action, ServerBody body) {
        TestRun.onSockets(_ -> {
            var tls = TlsOptions.server(TestCertificates.server()).withAlpn("echo/1");
            var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
            try (var listening =
                    Net.createServer(() -> server, address, ListenOptions.DEFAULTS.withTls(tls))) {
                var port = ((InetSocketAddress) listening.addresses().getFirst()).getPort();
                var authority = TestCertificates.authorityPem().toString();
                try (var python =
                        python(version, action, authority, String.valueOf(port), "100000")) {
                    body.run(server, python);
                }
            }
        });
    }

    private static byte[] pattern(int count) {
        var data = new byte[count];
        for (var index = 0; index < count; index++) {
            data[index] = (byte) (index % 251);
        }
        return data;
    }

    private static String report(byte[] data) {
        var crc = new CRC32();
        crc.update(data);
        return "received " + data.length + " crc " + crc.getValue();
    }

    @ParameterizedTest
    @CsvSource({"TLSv1.2, 1", "TLSv1.2, 1000000", "TLSv1.3, 1", "TLSv1.3, 1000000"})
    void asyncioEchoesWhatWeSendAndSeesOurCertificateAndGoodbye(String version, int count)
            throws IOException {
        var data = pattern(count);
        var server = TestCertificates.Holder.SERVER;
        TestRun.onSockets(_ -> {
            try (var python =
                    python(
                            version,
                            "serve",
                            TestCertificates.certificatePem(server).toString(),
                            TestCertificates.keyPem(server).toString(),
                            TestCertificates.authorityPem().toString())) {
                var port = Integer.parseInt(python.awaitLine("port ").substring("port ".length()));
                var client = new RecordingProtocol();
                var tls = TlsOptions.client(TestCertificates.clientWithKey()).withAlpn("echo/1");
                Net.createConnection(
                        () -> client, "127.0.0.1", port, ConnectOptions.DEFAULTS.withTls(tls));
                client.transport.write(data);
                client.awaitBytes(count);
                assertThat(client.received.toByteArray()).isEqualTo(data);
                assertThat(client.transport.extra(Key.ALPN_PROTOCOL)).isEqualTo("echo/1");
                client.transport.close();
                client.awaitLost();
                assertThat(client.events).endsWith("lost");
                assertThat(python.awaitEnd().lines())
                        .containsExactly(
                                version + " echo/1",
                                "peer jloop test client",
                                report(data),
                                "closed");
                assertThat(python.awaitExit()).isZero();
            }
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void asyncioGetsBackWhatItSendsAndSaysGoodbye(String version) {
        var echo = new RecordingProtocol();
        echo.onData = data -> echo.transport.write(data.retain());
        serving(
                echo,
                version,
                "send",
                (server, python) -> {
                    server.awaitLost();
                    assertThat(server.events).endsWith("eof", "lost");
                    assertThat(python.awaitEnd().lines())
                            .containsExactly(
                                    version + " echo/1", report(pattern(100_000)), "closed");
                    assertThat(python.awaitExit()).isZero();
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void pythonThatLeavesWithoutAGoodbyeIsAnErrorAndItsBytesHaveCome(String version) {
        serving(
                new RecordingProtocol(),
                version,
                "cut",
                (server, python) -> {
                    server.awaitLost();
                    assertThat(server.received.toByteArray()).isEqualTo(pattern(100_000));
                    assertThat(server.events).endsWith("broken").doesNotContain("eof");
                    assertThat(server.lossCause).isInstanceOf(SSLException.class);
                    assertThat(python.awaitExit()).isZero();
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void pythonThatLeavesGetsOurGoodbyeInAnswer(String version) {
        serving(
                new RecordingProtocol(),
                version,
                "leave",
                (server, python) -> {
                    server.awaitLost();
                    assertThat(server.received.toByteArray()).isEqualTo(pattern(100_000));
                    assertThat(server.events).endsWith("eof", "lost");
                    assertThat(python.awaitEnd()).isEqualTo("unwrapped");
                    assertThat(python.awaitExit()).isZero();
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void pythonReadsEverythingBeforeOurGoodbye(String version) {
        var answer = "the answer".repeat(50_000).getBytes(UTF_8);
        serving(
                new RecordingProtocol(),
                version,
                "listen",
                (server, python) -> {
                    server.awaitBytes(100_000);
                    server.transport.write(answer);
                    server.transport.close();
                    assertThat(python.awaitEnd().lines())
                            .containsExactly("goodbye", report(answer));
                    server.awaitLost();
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS_1_2, TLS_1_3})
    void pythonIsToldOfAnAbortByAnError(String version) {
        serving(
                new RecordingProtocol(),
                version,
                "listen",
                (server, python) -> {
                    server.awaitBytes(100_000);
                    server.transport.abort();
                    assertThat(python.awaitLine("failed"))
                            .containsPattern("SSLEOFError|ConnectionResetError");
                    server.awaitLost();
                });
    }
}

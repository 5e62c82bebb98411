package dev.jloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.jloop.core.Async;
import dev.jloop.streams.StreamOptions;
import dev.jloop.streams.Streams;
import dev.jloop.transports.ConnectOptions;
import dev.jloop.transports.ListenOptions;
import dev.jloop.transports.TlsOptions;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Random;

import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/// TLS between simulated hosts: the code that runs on sockets, on a loop with a seed.
@Timeout(60)
class SimulatedTlsTest {
    private static final char[] PASSWORD = "changeit".toCharArray();

    @Test
    void aSecuredStreamArrivesIntactInPiecesOfAnySize(@TempDir Path directory) throws Exception {
        var context = context(directory.resolve("server.p12"));
        var data = new byte[200_000];
        new Random(1).nextBytes(data);
        try (var loop = VirtualTimeLoop.seeded(7)) {
            var network = SimulatedNetwork.on(loop);
            network.setJitter(Duration.ofMillis(2));
            loop.runUntilComplete(() -> {
                try (var _ =
                                network.host("server")
                                        .createTask(() ->
                                                Streams.startServer(
                                                        (reader, writer) ->
                                                                writer.write(
                                                                        reader.readExactly(
                                                                                data.length)),
                                                        "0.0.0.0",
                                                        443,
                                                        StreamOptions.DEFAULTS.withListen(
                                                                ListenOptions.DEFAULTS.withTls(
                                                                        TlsOptions.server(
                                                                                context)))))
                                        .await();
                        var stream =
                                Streams.openConnection(
                                        "server",
                                        443,
                                        StreamOptions.DEFAULTS.withConnect(
                                                ConnectOptions.DEFAULTS.withTls(
                                                        TlsOptions.client(context))))) {
                    var answer = Async.createTask(() -> stream.reader().readAll());
                    stream.writer().write(data);
                    assertThat(answer.await()).isEqualTo(data);
                }
            });
        }
    }

    /// {@return a context that serves the host `server`, and trusts itself}
    private static SSLContext context(Path file) throws Exception {
        var keytool = Path.of(System.getProperty("java.home"), "bin", "keytool");
        var made =
                new ProcessBuilder(
                                keytool.toString(),
                                "-genkeypair",
                                "-alias",
                                "server",
                                "-keyalg",
                                "EC",
                                "-dname",
                                "CN=server",
                                "-ext",
                                "san=dns:server",
                                "-storetype",
                                "PKCS12",
                                "-keystore",
                                file.toString(),
                                "-storepass",
                                new String(PASSWORD))
                        .redirectErrorStream(true)
                        .start();
        var output = new String(made.getInputStream().readAllBytes(), UTF_8);
        assertThat(made.waitFor()).as(output).isZero();
        var store = KeyStore.getInstance(file.toFile(), PASSWORD);
        var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, PASSWORD);
        var trust = KeyStore.getInstance("PKCS12");
        trust.load(null, null);
        trust.setCertificateEntry("server", store.getCertificate("server"));
        var trusted = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trusted.init(trust);
        var context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trusted.getTrustManagers(), null);
        return context;
    }
}

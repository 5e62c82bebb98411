package dev.jloop.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.jloop.core.LoopFuture;
import dev.jloop.transports.ConnectOptions;
import dev.jloop.transports.Key;
import dev.jloop.transports.ListenOptions;
import dev.jloop.transports.Server;
import dev.jloop.transports.TlsOptions;
import dev.jloop.transports.TlsTruncatedException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.io.IOException;
import java.net.InetSocketAddress;

import javax.net.ssl.SSLException;

/// Readers and writers of connections that are secured with TLS, over the loopback interface.
@ExtendWith(LeakCheck.class)
class StreamTlsTest {
    private static final TlsOptions SERVING = TlsOptions.server(ServerCertificate.context());
    private static final TlsOptions CONNECTING = TlsOptions.client(ServerCertificate.context());
    private static final StreamOptions SECURED =
            StreamOptions.DEFAULTS
                    .withConnect(ConnectOptions.DEFAULTS.withTls(CONNECTING))
                    .withListen(ListenOptions.DEFAULTS.withTls(SERVING));

    private static byte[] bytes(String text) {
        return text.getBytes(US_ASCII);
    }

    @FunctionalInterface
    private interface ConnectionBody {
        void run(TestRun run, StreamConnection connection) throws Exception;
    }

    private static int port(Server server) {
        return ((InetSocketAddress) server.addresses().getFirst()).getPort();
    }

    private static void withServer(
            StreamOptions options, StreamHandler handler, ConnectionBody body) {
        TestRun.onSockets(run -> {
            var server = Streams.startServer(handler, "127.0.0.1", 0, options);
            try (var connection = Streams.openConnection("localhost", port(server), options)) {
                body.run(run, connection);
            } finally {
                server.close();
                server.waitClosed();
            }
        });
    }

    @Test
    void aSecuredConnectionIsReadAndWrittenLikeAnyOther() {
        withServer(
                SECURED,
                (reader, writer) -> {
                    for (var line : reader.lines()) {
                        writer.write(line);
                    }
                },
                (_, connection) -> {
                    assertThat(connection.writer().extra(Key.SSL_SESSION).getPeerHost())
                            .isEqualTo("localhost");
                    connection.writer().write(bytes("hello\n"));
                    assertThat(connection.reader().readLine()).isEqualTo(bytes("hello\n"));
                    connection.writer().write(bytes("bye\n"));
                    assertThat(connection.reader().readLine()).isEqualTo(bytes("bye\n"));
                });
    }

    @Test
    void theOutputCannotEndAloneAndTheEndIsReadAsAnEnd() {
        withServer(
                SECURED,
                (_, writer) -> writer.write(bytes("all")),
                (_, connection) -> {
                    assertThatThrownBy(() -> connection.writer().writeEof())
                            .isInstanceOf(UnsupportedOperationException.class);
                    assertThat(connection.reader().readAll()).isEqualTo(bytes("all"));
                });
    }

    @Test
    void aStreamThatWasCutIsNotTakenForAWholeOne() {
        StreamHandler cutter =
                (reader, writer) -> {
                    writer.write(bytes("a part"));
                    reader.readExactly(1);
                    writer.transport().abort();
                };
        ConnectionBody body =
                (_, connection) -> {
                    assertThat(connection.reader().readExactly(6)).isEqualTo(bytes("a part"));
                    connection.writer().write(bytes("x"));
                    assertThatThrownBy(() -> connection.reader().readAll())
                            .isInstanceOf(IOException.class)
                            .hasRootCauseInstanceOf(TlsTruncatedException.class);
                };
        // Closing the connection tells of the cut too.
        assertThatThrownBy(() -> withServer(SECURED, cutter, body))
                .isNotInstanceOf(AssertionError.class)
                .hasRootCauseInstanceOf(TlsTruncatedException.class);
    }

    private static void startTlsOnCommand(StreamReader reader, StreamWriter writer)
            throws IOException {
        assertThat(reader.readLine()).isEqualTo(bytes("STARTTLS\n"));
        writer.write(bytes("ready\n"));
        writer.startTls(SERVING);
        writer.write(bytes("secured\n"));
        for (var line : reader.lines()) {
            writer.write(line);
        }
    }

    @Test
    void aWriterAndItsReaderGoOnAfterTheUpgrade() {
        withServer(
                StreamOptions.DEFAULTS,
                StreamTlsTest::startTlsOnCommand,
                (_, connection) -> {
                    connection.writer().write(bytes("STARTTLS\n"));
                    assertThat(connection.reader().readLine()).isEqualTo(bytes("ready\n"));
                    var reader = connection.reader();
                    var writer = connection.writer();
                    writer.startTls(CONNECTING);
                    assertThat(connection.reader()).isSameAs(reader);
                    assertThat(connection.writer()).isSameAs(writer);
                    assertThat(writer.extra(Key.SSL_SESSION).isValid()).isTrue();
                    assertThat(reader.readLine()).isEqualTo(bytes("secured\n"));
                    writer.write(bytes("echo\n"));
                    assertThat(reader.readLine()).isEqualTo(bytes("echo\n"));
                });
    }

    @Test
    void plaintextGluedToTheCommandIsRefused() {
        TestRun.onSockets(run -> {
            LoopFuture<Throwable> refused = run.loop.createFuture();
            var server =
                    Streams.startServer(
                            (reader, writer) -> {
                                try {
                                    startTlsOnCommand(reader, writer);
                                } catch (IllegalStateException expected) {
                                    refused.setResult(expected);
                                }
                            },
                            "127.0.0.1",
                            0);
            try (var connection = Streams.openConnection("localhost", port(server))) {
                connection.writer().write(bytes("STARTTLS\nEVIL\n"));
                assertThat(refused.await())
                        .hasMessageContaining("5 bytes that came in the clear were not read");
                assertThat(connection.reader().readAll()).isEqualTo(bytes("ready\n"));
            } finally {
                server.close();
                server.waitClosed();
            }
        });
    }

    @Test
    void plaintextGluedToTheFirstRecordFailsTheHandshake() {
        TestRun.onSockets(run -> {
            LoopFuture<Throwable> refused = run.loop.createFuture();
            var server =
                    Streams.startServer(
                            (reader, writer) -> {
                                try {
                                    startTlsOnCommand(reader, writer);
                                } catch (SSLException expected) {
                                    refused.setResult(expected);
                                }
                            },
                            "127.0.0.1",
                            0);
            try (var connection = Streams.openConnection("localhost", port(server))) {
                connection.writer().write(bytes("STARTTLS\n"));
                assertThat(connection.reader().readLine()).isEqualTo(bytes("ready\n"));
                connection.writer().write(bytes("EVIL\n"));
                assertThatThrownBy(() -> connection.writer().startTls(CONNECTING))
                        .isInstanceOf(IOException.class);
                assertThat(refused.await()).hasMessageContaining("not a TLS record");
            } catch (IOException lost) {
                assertThat(lost).hasMessageContaining("is lost");
            } finally {
                server.close();
                server.waitClosed();
            }
        });
    }
}

package dev.jloop.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.jloop.core.SelectorEventLoop;
import dev.jloop.transports.ConnectOptions;
import dev.jloop.transports.Key;
import dev.jloop.transports.ListenOptions;
import dev.jloop.transports.Server;
import dev.jloop.transports.TlsOptions;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.FixedLengthFrameDecoder;
import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.handler.ssl.SslHandler;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;

import javax.net.ssl.SSLException;

/// Pipelines over connections that jloop secures, and Netty's own handler for TLS.
@ExtendWith(LeakCheck.class)
class TlsTest {
    private static final int MESSAGE_BYTES = 200_000;

    /// Takes longer than a callback of a loop should.
    @BeforeAll
    static void makeCertificate() {
        assertThat(ServerCertificate.context()).isNotNull();
    }

    private static void echo(NettyConnection connection) throws IOException {
        for (var message = connection.receive(); message != null; message = connection.receive()) {
            connection.send(message);
        }
    }

    private static ByteBuf message() {
        return Unpooled.wrappedBuffer("0123456789".repeat(MESSAGE_BYTES / 10).getBytes(US_ASCII));
    }

    private static void expectMessage(NettyConnection connection) throws IOException {
        var received = (ByteBuf) connection.receive();
        assertThat(received.toString(US_ASCII)).isEqualTo("0123456789".repeat(MESSAGE_BYTES / 10));
        received.release();
    }

    private static void framed(ChannelPipeline pipeline) {
        pipeline.addLast(new FixedLengthFrameDecoder(MESSAGE_BYTES));
    }

    private static void securedByNetty(ChannelPipeline pipeline, boolean client) {
        var engine = ServerCertificate.context().createSSLEngine("localhost", 1);
        engine.setUseClientMode(client);
        pipeline.addLast("tls", new SslHandler(engine));
    }

    @Test
    void aPipelineRunsOverAConnectionThatTheTransportSecures() {
        TestRun.onSockets(run -> {
            var context = ServerCertificate.context();
            var server =
                    NettyServer.start(
                            _ -> {},
                            TlsTest::echo,
                            Servers.loopback(),
                            NettyOptions.DEFAULTS.withListen(
                                    ListenOptions.DEFAULTS.withTls(TlsOptions.server(context))));
            try (var client =
                    NettyConnection.open(
                            TlsTest::framed,
                            Servers.address(server),
                            NettyOptions.DEFAULTS.withConnect(
                                    ConnectOptions.DEFAULTS.withTls(
                                            TlsOptions.client(context)
                                                    .withServerName("localhost"))))) {
                for (var i = 0; i < 10; i++) {
                    client.send(message());
                    expectMessage(client);
                }
            }
            Servers.stop(server);
        });
    }

    @Test
    void theHandlerOfNettySecuresAConnectionAsWell() {
        TestRun.onSockets(run -> {
            var server = Servers.start(pipeline -> securedByNetty(pipeline, false), TlsTest::echo);
            try (var client =
                    NettyConnection.open(
                            pipeline -> {
                                securedByNetty(pipeline, true);
                                framed(pipeline);
                            },
                            Servers.address(server))) {
                for (var i = 0; i < 10; i++) {
                    client.send(message());
                    expectMessage(client);
                }
            }
            Servers.stop(server);
        });
    }

    @Test
    void nettysHandlerAndTheTransportUnderstandEachOther() {
        TestRun.onSockets(run -> {
            var server = Servers.start(pipeline -> securedByNetty(pipeline, false), TlsTest::echo);
            try (var client =
                    NettyConnection.open(
                            TlsTest::framed,
                            Servers.address(server),
                            NettyOptions.DEFAULTS.withConnect(
                                    ConnectOptions.DEFAULTS.withTls(
                                            TlsOptions.client(ServerCertificate.context())
                                                    .withServerName("localhost"))))) {
                client.send(message());
                expectMessage(client);
            }
            Servers.stop(server);
        });
    }

    @Test
    void aFileCannotPassByNettysHandler(@TempDir Path folder) {
        TestRun.onSockets(run -> {
            var path = Files.write(folder.resolve("file"), new byte[10]);
            var server =
                    Servers.start(
                            pipeline -> securedByNetty(pipeline, false),
                            connection -> {
                                try (var file = FileChannel.open(path)) {
                                    assertThatThrownBy(() -> connection.sendFile(file, 0, 10))
                                            .isInstanceOf(UnsupportedOperationException.class)
                                            .hasMessageContaining("tls");
                                }
                                connection.send(Unpooled.copiedBuffer("ok", US_ASCII));
                            });
            try (var client =
                    NettyConnection.open(
                            pipeline -> {
                                securedByNetty(pipeline, true);
                                pipeline.addLast(new FixedLengthFrameDecoder(2));
                            },
                            Servers.address(server))) {
                var received = (ByteBuf) client.receive();
                assertThat(received.toString(US_ASCII)).isEqualTo("ok");
                received.release();
            }
            Servers.stop(server);
        });
    }

    @Test
    void aHandshakeThatFailsInNettysHandlerFailsTheReceiver() {
        TestRun.onSockets(run -> {
            var server =
                    Servers.start(
                            pipeline -> securedByNetty(pipeline, false),
                            connection ->
                                    assertThatThrownBy(connection::receive)
                                            .isInstanceOf(IOException.class)
                                            .hasRootCauseInstanceOf(SSLException.class));
            try (var client = NettyConnection.open(_ -> {}, Servers.address(server))) {
                client.send(Unpooled.copiedBuffer("this is no handshake", US_ASCII));
                var alert = (ByteBuf) client.receive();
                if (alert != null) {
                    alert.release();
                }
            }
            Servers.stop(server);
        });
    }

    /// Receives one message and then the end, which is kept for the test.
    private static final class EndWatcher implements NettyHandler {
        private @Nullable Object end;
        private @Nullable IOException failure;
        private boolean greeted;
        private boolean done;

        @Override
        public void handle(NettyConnection connection) throws IOException {
            assertThat(line(connection)).isEqualTo("hello");
            greeted = true;
            try {
                end = connection.receive();
            } catch (IOException cut) {
                failure = cut;
            }
            done = true;
        }
    }

    private static void frames(ChannelPipeline pipeline, boolean client) {
        securedByNetty(pipeline, client);
        pipeline.addLast(new FixedLengthFrameDecoder(5));
    }

    private static NettyConnection greet(Server server, NettyOptions options) throws IOException {
        var client =
                NettyConnection.open(
                        pipeline -> frames(pipeline, true), Servers.address(server), options);
        NettyFutures.await(client.pipeline().get(SslHandler.class).handshakeFuture());
        client.send(Unpooled.copiedBuffer("hello", US_ASCII));
        return client;
    }

    @Test
    void aStreamThatEndsWithoutAGoodbyeToNettysHandlerFailsTheReceiver() {
        TestRun.onSockets(run -> {
            var watcher = new EndWatcher();
            var server = Servers.start(pipeline -> frames(pipeline, false), watcher);
            var client = greet(server, NettyOptions.DEFAULTS);
            Servers.until(() -> watcher.greeted);
            client.transport().writeEof(); // past the handler
            Servers.until(() -> watcher.done);
            assertThatThrownBy(client::close)
                    .as("the goodbye could not be sent any more")
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("cannot write after writeEof()");
            assertThat(run.takeReports())
                    .singleElement()
                    .asString()
                    .contains("cannot write after writeEof()");
            assertThat(watcher.failure)
                    .hasMessageContaining("close_notify")
                    .hasRootCauseInstanceOf(SSLException.class);
            Servers.stop(server);
        });
    }

    @Test
    void aStreamThatEndsWithAGoodbyeToNettysHandlerIsComplete() {
        TestRun.onSockets(run -> {
            var watcher = new EndWatcher();
            var server = Servers.start(pipeline -> frames(pipeline, false), watcher);
            try (var client = greet(server, NettyOptions.DEFAULTS)) {
                Servers.until(() -> watcher.greeted);
                NettyFutures.await(client.pipeline().get(SslHandler.class).closeOutbound());
                client.transport().writeEof();
                Servers.until(() -> watcher.done);
            }
            assertThat(watcher.failure).isNull();
            assertThat(watcher.end).isNull();
            Servers.stop(server);
        });
    }

    /// The transport cannot end one direction alone, so the channel is lost without an event.
    @Test
    void anEndOfTheTransportBelowIsNoGoodbyeToNettysHandler() {
        TestRun.onSockets(run -> {
            var context = ServerCertificate.context();
            var watcher = new EndWatcher();
            var server =
                    NettyServer.start(
                            pipeline -> frames(pipeline, false),
                            watcher,
                            Servers.loopback(),
                            NettyOptions.DEFAULTS.withListen(
                                    ListenOptions.DEFAULTS.withTls(TlsOptions.server(context))));
            var secured =
                    NettyOptions.DEFAULTS.withConnect(
                            ConnectOptions.DEFAULTS.withTls(
                                    TlsOptions.client(context).withServerName("localhost")));
            try (var client = greet(server, secured)) {
                Servers.until(() -> watcher.greeted);
                client.transport().close(); // the goodbye of the TLS below
                Servers.until(() -> watcher.done);
            }
            assertThat(watcher.failure)
                    .hasMessageContaining("close_notify")
                    .hasRootCauseInstanceOf(SSLException.class);
            Servers.stop(server);
        });
    }

    @Test
    void aReceiverWhoseOwnSideHasClosedSeesTheEndAndNoCut() {
        TestRun.onSockets(run -> {
            var server =
                    Servers.start(
                            pipeline -> frames(pipeline, false),
                            connection -> {
                                assertThat(line(connection)).isEqualTo("hello");
                                NettyFutures.await(connection.channel().close());
                                assertThat(connection.receive()).isNull();
                            });
            try (var client = greet(server, NettyOptions.DEFAULTS)) {
                assertThat(client.receive()).isNull();
            }
            Servers.stop(server);
        });
    }

    private static String line(NettyConnection connection) throws IOException {
        var received = (ByteBuf) connection.receive();
        try {
            return received.toString(US_ASCII);
        } finally {
            received.release();
        }
    }

    private static void send(NettyConnection connection, String line) throws IOException {
        connection.send(Unpooled.copiedBuffer(line + "\n", US_ASCII));
    }

    @Test
    void aPipelineGoesOnWhereItsConnectionIsSecuredOnTheWay() {
        TestRun.onSockets(run -> {
            var context = ServerCertificate.context();
            var server =
                    Servers.start(
                            pipeline -> pipeline.addLast(new LineBasedFrameDecoder(100)),
                            connection -> {
                                assertThat(line(connection)).isEqualTo("STARTTLS");
                                send(connection, "READY");
                                connection.startTls(TlsOptions.server(context));
                                send(connection, "secured " + line(connection));
                            });
            try (var client =
                    NettyConnection.open(
                            pipeline -> pipeline.addLast(new LineBasedFrameDecoder(100)),
                            Servers.address(server))) {
                send(client, "STARTTLS");
                assertThat(line(client)).isEqualTo("READY");
                client.startTls(TlsOptions.client(context).withServerName("localhost"));
                assertThat(client.transport().extra(Key.SSL_SESSION)).isNotNull();
                send(client, "hello");
                assertThat(line(client)).isEqualTo("secured hello");
            }
            Servers.stop(server);
        });
    }

    @Test
    void messagesThatCameInTheClearStopTheStartOfTls() {
        var reports =
                TestRun.runAndTakeReports(
                        SelectorEventLoop.builder().build(),
                        run -> {
                            var server =
                                    Servers.start(
                                            pipeline ->
                                                    pipeline.addLast(
                                                            new LineBasedFrameDecoder(100)),
                                            connection -> {
                                                assertThat(line(connection)).isEqualTo("STARTTLS");
                                                connection.startTls(
                                                        TlsOptions.server(
                                                                ServerCertificate.context()));
                                            });
                            try (var client =
                                    NettyConnection.open(_ -> {}, Servers.address(server))) {
                                send(client, "STARTTLS\nforged");
                                assertThat(client.receive()).isNull();
                            }
                            Servers.stop(server);
                        });
        assertThat(reports).singleElement().asString().contains("may be forged");
    }
}

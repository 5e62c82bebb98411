package dev.jloop.netty;

import static io.netty.handler.codec.http.HttpHeaderNames.CONTENT_LENGTH;
import static io.netty.handler.codec.http.HttpHeaderNames.EXPECT;
import static io.netty.handler.codec.http.HttpHeaderNames.TRANSFER_ENCODING;
import static io.netty.handler.codec.http.HttpResponseStatus.CONTINUE;
import static io.netty.handler.codec.http.HttpResponseStatus.OK;
import static io.netty.handler.codec.http.HttpVersion.HTTP_1_1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.jloop.core.Async;
import dev.jloop.core.SelectorEventLoop;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpContentCompressor;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

/// HTTP/1.1 by Netty's codec, on sockets.
@ExtendWith(LeakCheck.class)
class HttpTest {
    private static void server(ChannelPipeline pipeline) {
        pipeline.addLast(new HttpServerCodec(), new HttpObjectAggregator(1 << 20));
    }

    private static void client(ChannelPipeline pipeline) {
        pipeline.addLast(new HttpClientCodec(), new HttpObjectAggregator(1 << 24));
    }

    /// Answers each request with its path and body.
    private static void answer(NettyConnection connection) throws IOException {
        for (var request = connection.receiveAs(FullHttpRequest.class);
                request != null;
                request = connection.receiveAs(FullHttpRequest.class)) {
            try {
                connection.send(response(request.uri() + ":" + text(request.content())));
            } finally {
                request.release();
            }
        }
    }

    private static FullHttpResponse response(String text) {
        var response =
                new DefaultFullHttpResponse(HTTP_1_1, OK, Unpooled.copiedBuffer(text, US_ASCII));
        response.headers().set(CONTENT_LENGTH, text.length());
        return response;
    }

    private static FullHttpRequest request(String path, String body) {
        var request =
                new DefaultFullHttpRequest(
                        HTTP_1_1, HttpMethod.POST, path, Unpooled.copiedBuffer(body, US_ASCII));
        request.headers().set(CONTENT_LENGTH, body.length());
        return request;
    }

    private static String text(ByteBuf data) {
        return data.toString(US_ASCII);
    }

    private static String answer(NettyConnection client, String path, String body)
            throws IOException {
        client.send(request(path, body));
        return received(client);
    }

    private static String received(NettyConnection client) throws IOException {
        var response = client.receiveAs(FullHttpResponse.class);
        assertThat(response).as("a response, not the end").isNotNull();
        try {
            return text(response.content());
        } finally {
            response.release();
        }
    }

    @Test
    void aConnectionIsKeptForOneRequestAfterTheOther() {
        TestRun.onSockets(run -> {
            var server = Servers.start(HttpTest::server, HttpTest::answer);
            try (var client = NettyConnection.open(HttpTest::client, Servers.address(server))) {
                for (var i = 0; i < 20; i++) {
                    assertThat(answer(client, "/" + i, "body" + i))
                            .isEqualTo("/" + i + ":body" + i);
                }
            }
            Servers.stop(server);
        });
    }

    @Test
    void pipelinedRequestsAreAnsweredInTheirOrder() {
        TestRun.onSockets(run -> {
            var server = Servers.start(HttpTest::server, HttpTest::answer);
            try (var client = NettyConnection.open(HttpTest::client, Servers.address(server))) {
                for (var i = 0; i < 100; i++) {
                    client.send(request("/" + i, "x"));
                }
                for (var i = 0; i < 100; i++) {
                    assertThat(received(client)).isEqualTo("/" + i + ":x");
                }
            }
            Servers.stop(server);
        });
    }

    /// Netty's codec allows 128.
    @Test
    void moreRequestsAtOnceThanTheCodecAllowsFailTheReceiverAfterThose() {
        var answered = new AtomicInteger();
        var reports =
                TestRun.runAndTakeReports(
                        SelectorEventLoop.builder().build(),
                        run -> {
                            var server =
                                    Servers.start(
                                            HttpTest::server,
                                            connection -> {
                                                for (var request = connection.receive();
                                                        request != null;
                                                        request = connection.receive()) {
                                                    ReferenceCountUtil.release(request);
                                                    answered.incrementAndGet();
                                                }
                                            });
                            var client =
                                    NettyConnection.open(HttpTest::client, Servers.address(server));
                            for (var i = 0; i < 200; i++) {
                                client.send(request("/" + i, "x"));
                            }
                            assertThat(client.receive()).isNull();
                            client.close();
                            Servers.stop(server);
                        });
        assertThat(answered).hasValue(128);
        assertThat(reports).singleElement().asString().contains("maxPipelineDepth");
    }

    @Test
    void aBodyOfManyKilobytesArrivesAsItWas() {
        TestRun.onSockets(run -> {
            var body = "0123456789".repeat(80_000);
            var server = Servers.start(HttpTest::server, HttpTest::answer);
            try (var client = NettyConnection.open(HttpTest::client, Servers.address(server))) {
                assertThat(answer(client, "/", body)).isEqualTo("/:" + body);
            }
            Servers.stop(server);
        });
    }

    @Test
    void aChunkedResponseArrivesInItsParts() {
        TestRun.onSockets(run -> {
            var server =
                    Servers.start(
                            HttpTest::server,
                            connection -> {
                                ReferenceCountUtil.release(connection.receive());
                                var head = new DefaultHttpResponse(HTTP_1_1, OK);
                                head.headers().set(TRANSFER_ENCODING, "chunked");
                                connection.send(head);
                                for (var part : List.of("one", "two", "three")) {
                                    connection.send(
                                            new DefaultHttpContent(
                                                    Unpooled.copiedBuffer(part, US_ASCII)));
                                    Servers.settle();
                                }
                                connection.send(LastHttpContent.EMPTY_LAST_CONTENT);
                            });
            try (var client =
                    NettyConnection.open(
                            pipeline -> pipeline.addLast(new HttpClientCodec()),
                            Servers.address(server))) {
                client.send(request("/", ""));
                assertThat(client.receive()).isInstanceOf(HttpResponse.class);
                var parts = new ArrayList<String>();
                for (var part = client.receiveAs(HttpContent.class);
                        part != null;
                        part = client.receiveAs(HttpContent.class)) {
                    parts.add(text(part.content()));
                    part.release();
                }
                assertThat(parts).containsExactly("one", "two", "three", "");
            }
            Servers.stop(server);
        });
    }

    @Test
    void aClientThatExpectsItIsToldToContinue() {
        TestRun.onSockets(run -> {
            var server = Servers.start(HttpTest::server, HttpTest::answer);
            try (var client =
                    NettyConnection.open(
                            pipeline -> pipeline.addLast(new HttpClientCodec()),
                            Servers.address(server))) {
                var head = new DefaultHttpRequest(HTTP_1_1, HttpMethod.POST, "/big");
                head.headers().set(EXPECT, "100-continue").set(CONTENT_LENGTH, 4);
                client.send(head);
                assertThat(client.receiveAs(HttpResponse.class).status()).isEqualTo(CONTINUE);
                ReferenceCountUtil.release(client.receive());
                client.send(new DefaultHttpContent(Unpooled.copiedBuffer("body", US_ASCII)));
                client.send(LastHttpContent.EMPTY_LAST_CONTENT);
                assertThat(client.receiveAs(HttpResponse.class).status()).isEqualTo(OK);
                var content = client.receiveAs(HttpContent.class);
                assertThat(text(content.content())).isEqualTo("/big:body");
                content.release();
            }
            Servers.stop(server);
        });
    }

    @Test
    void aMalformedRequestIsAMessageThatSaysSo() {
        TestRun.onSockets(run -> {
            var failures = new ArrayList<Throwable>();
            var server =
                    Servers.start(
                            pipeline -> pipeline.addLast(new HttpServerCodec()),
                            connection -> {
                                var request = connection.receiveAs(HttpObject.class);
                                failures.add(request.decoderResult().cause());
                                ReferenceCountUtil.release(request);
                            });
            try (var client = NettyConnection.open(_ -> {}, Servers.address(server))) {
                client.send(Unpooled.copiedBuffer("what is this\r\n\r\n", US_ASCII));
                assertThat(client.receive()).isNull();
            }
            assertThat(failures).hasSize(1).doesNotContainNull();
            Servers.stop(server);
        });
    }

    @Test
    void aConnectionThatEndsInTheMiddleOfABodyGivesNoLastPart() {
        TestRun.onSockets(run -> {
            var server =
                    Servers.start(
                            _ -> {},
                            connection -> {
                                ReferenceCountUtil.release(connection.receive());
                                connection.send(
                                        Unpooled.copiedBuffer(
                                                "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf",
                                                US_ASCII));
                            });
            try (var client =
                    NettyConnection.open(
                            pipeline -> pipeline.addLast(new HttpClientCodec()),
                            Servers.address(server))) {
                client.send(request("/", ""));
                assertThat(client.receive()).isInstanceOf(HttpResponse.class);
                var half = client.receiveAs(HttpContent.class);
                assertThat(half).isNotInstanceOf(LastHttpContent.class);
                half.release();
                assertThat(client.receive()).isNull();
            }
            Servers.stop(server);
        });
    }

    @Test
    void aConnectionThatIsResetInTheMiddleOfABodyFailsTheReceiver() {
        TestRun.onSockets(run -> {
            var server =
                    Servers.start(
                            _ -> {},
                            connection -> {
                                ReferenceCountUtil.release(connection.receive());
                                connection.send(
                                        Unpooled.copiedBuffer(
                                                "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf",
                                                US_ASCII));
                                Servers.settle();
                                connection.send(Unpooled.wrappedBuffer(new byte[60_000]));
                                connection.transport().abort();
                            });
            var client = NettyConnection.open(HttpTest::client, Servers.address(server));
            client.send(request("/", ""));
            assertThatThrownBy(client::receive)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("reset");
            assertThatThrownBy(client::close).isInstanceOf(IOException.class);
            Servers.stop(server);
        });
    }

    @Test
    void aFileIsSentAsABodyInItsPlaceAmongTheMessages(@TempDir Path folder) {
        TestRun.onSockets(run -> {
            var bytes = new byte[3_000_000];
            new Random(1).nextBytes(bytes);
            var path = Files.write(folder.resolve("file"), bytes);
            var server =
                    Servers.start(
                            HttpTest::server,
                            connection -> {
                                ReferenceCountUtil.release(connection.receive());
                                try (var file = FileChannel.open(path)) {
                                    var head = new DefaultHttpResponse(HTTP_1_1, OK);
                                    head.headers().set(CONTENT_LENGTH, bytes.length);
                                    connection.send(response("before"));
                                    connection.send(head);
                                    var whole =
                                            Async.createTask(() ->
                                                    connection.sendFile(file, 0, bytes.length));
                                    Async.yieldNow();
                                    connection.send(LastHttpContent.EMPTY_LAST_CONTENT);
                                    connection.send(response("after"));
                                    whole.await();
                                }
                            });
            try (var client = NettyConnection.open(HttpTest::client, Servers.address(server))) {
                client.send(request("/", ""));
                assertThat(received(client)).isEqualTo("before");
                var response = client.receiveAs(FullHttpResponse.class);
                var body = new byte[response.content().readableBytes()];
                response.content().readBytes(body);
                response.release();
                assertThat(body).isEqualTo(bytes);
                assertThat(received(client)).isEqualTo("after");
            }
            Servers.stop(server);
        });
    }

    @Test
    void aFileThatIsTooShortIsRefusedBeforeAnythingIsSent(@TempDir Path folder) {
        TestRun.onSockets(run -> {
            var path = Files.write(folder.resolve("file"), new byte[10]);
            var server =
                    Servers.start(
                            HttpTest::server,
                            connection -> {
                                ReferenceCountUtil.release(connection.receive());
                                try (var file = FileChannel.open(path)) {
                                    assertThatThrownBy(() -> connection.sendFile(file, 5, 6))
                                            .isInstanceOf(EOFException.class)
                                            .hasMessageContaining("6 bytes from 5")
                                            .hasMessageContaining("10");
                                }
                                connection.send(response("still here"));
                            });
            try (var client = NettyConnection.open(HttpTest::client, Servers.address(server))) {
                assertThat(answer(client, "/", "")).isEqualTo("still here");
            }
            Servers.stop(server);
        });
    }

    @Test
    void aFileCannotPassByACompressor(@TempDir Path folder) {
        TestRun.onSockets(run -> {
            var path = Files.write(folder.resolve("file"), new byte[10]);
            var server =
                    Servers.start(
                            pipeline -> {
                                server(pipeline);
                                pipeline.addLast("zip", new HttpContentCompressor());
                            },
                            connection -> {
                                ReferenceCountUtil.release(connection.receive());
                                try (var file = FileChannel.open(path)) {
                                    assertThatThrownBy(() -> connection.sendFile(file, 0, 10))
                                            .isInstanceOf(UnsupportedOperationException.class)
                                            .hasMessageContaining("zip");
                                }
                                connection.send(response("refused"));
                            });
            try (var client = NettyConnection.open(HttpTest::client, Servers.address(server))) {
                assertThat(answer(client, "/", "")).isEqualTo("refused");
            }
            Servers.stop(server);
        });
    }

    @Test
    void aClientThatEndsItsStreamStillGetsItsAnswer() {
        TestRun.onSockets(run -> {
            var server = Servers.start(HttpTest::server, HttpTest::answer);
            try (var client = NettyConnection.open(HttpTest::client, Servers.address(server))) {
                client.send(request("/", "all"));
                client.transport().writeEof();
                assertThat(received(client)).isEqualTo("/:all");
                assertThat(client.receive()).isNull();
            }
            Servers.stop(server);
        });
    }

    @Test
    void requestsOfManyClientsDoNotMix() {
        TestRun.onSockets(run -> {
            var server = Servers.start(HttpTest::server, HttpTest::answer);
            var clients = new ArrayList<dev.jloop.core.Task<Void>>();
            for (var number = 0; number < 20; number++) {
                var name = "/client" + number;
                clients.add(
                        Async.createTask(() -> {
                            try (var client =
                                    NettyConnection.open(
                                            HttpTest::client, Servers.address(server))) {
                                for (var i = 0; i < 20; i++) {
                                    assertThat(answer(client, name, "" + i))
                                            .isEqualTo(name + ":" + i);
                                }
                            }
                        }));
            }
            Async.gather(clients).await();
            Servers.stop(server);
        });
    }

    @Test
    void anUnexpectedTypeIsNamedAndReleased() {
        TestRun.onSockets(run -> {
            var server =
                    Servers.start(
                            HttpTest::server,
                            connection ->
                                    assertThatThrownBy(() -> connection.receiveAs(String.class))
                                            .isInstanceOf(IOException.class)
                                            .hasMessageContaining("java.lang.String")
                                            .hasMessageContaining("FullHttpRequest"));
            try (var client = NettyConnection.open(HttpTest::client, Servers.address(server))) {
                client.send(request("/", "x"));
                assertThat(client.receive()).isNull();
            }
            Servers.stop(server);
        });
    }

    @Test
    void aRequestHeadIsReceivedBeforeItsBody() {
        TestRun.onSockets(run -> {
            var server =
                    Servers.start(
                            pipeline -> pipeline.addLast(new HttpServerCodec()),
                            connection -> {
                                assertThat(connection.receive()).isInstanceOf(HttpRequest.class);
                                connection.send(response("go on"));
                                ReferenceCountUtil.release(connection.receive());
                            });
            try (var client = NettyConnection.open(HttpTest::client, Servers.address(server))) {
                var head = new DefaultHttpRequest(HTTP_1_1, HttpMethod.POST, "/");
                head.headers().set(CONTENT_LENGTH, 4);
                client.send(head);
                assertThat(received(client)).isEqualTo("go on");
                client.send(new DefaultHttpContent(Unpooled.copiedBuffer("body", US_ASCII)));
            }
            Servers.stop(server);
        });
    }
}

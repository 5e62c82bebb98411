package dev.jloop.netty;

import static io.netty.handler.codec.http.HttpResponseStatus.OK;
import static io.netty.handler.codec.http.HttpVersion.HTTP_1_1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.jloop.core.Async;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketClientHandshakerFactory;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshakerFactory;
import io.netty.handler.codec.http.websocketx.WebSocketVersion;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Frame;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.handler.codec.mqtt.MqttConnAckMessage;
import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttConnectReturnCode;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.handler.codec.mqtt.MqttEncoder;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttPubAckMessage;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttVersion;
import io.netty.handler.codec.redis.ArrayRedisMessage;
import io.netty.handler.codec.redis.ErrorRedisMessage;
import io.netty.handler.codec.redis.FullBulkStringRedisMessage;
import io.netty.handler.codec.redis.RedisArrayAggregator;
import io.netty.handler.codec.redis.RedisBulkStringAggregator;
import io.netty.handler.codec.redis.RedisDecoder;
import io.netty.handler.codec.redis.RedisEncoder;
import io.netty.handler.codec.redis.RedisMessage;
import io.netty.handler.codec.redis.SimpleStringRedisMessage;
import io.netty.util.ReferenceCountUtil;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.stream.Stream;

/// Netty's other codecs on jloop, on sockets, with clients and servers of one process.
@ExtendWith(LeakCheck.class)
@SuppressWarnings("FutureReturnValueIgnored") // what is awaited is what the peer sees
class CodecsTest {
    private static ByteBuf bytes(String text) {
        return Unpooled.copiedBuffer(text, US_ASCII);
    }

    // ---- WebSocket

    private static void echoFrames(NettyConnection connection) throws IOException {
        var request = connection.receiveAs(FullHttpRequest.class);
        var handshaker =
                new WebSocketServerHandshakerFactory("ws://localhost/echo", null, false)
                        .newHandshaker(request);
        try {
            NettyFutures.await(handshaker.handshake(connection.channel(), request));
        } finally {
            request.release();
        }
        for (var frame = connection.receiveAs(WebSocketFrame.class);
                frame != null && !(frame instanceof CloseWebSocketFrame);
                frame = connection.receiveAs(WebSocketFrame.class)) {
            connection.send(frame);
        }
        connection.send(new CloseWebSocketFrame());
    }

    @Test
    void aWebSocketEchoesFramesUntilItIsClosed() {
        TestRun.onSockets(run -> {
            var server =
                    Servers.start(
                            pipeline ->
                                    pipeline.addLast(
                                            new HttpServerCodec(), new HttpObjectAggregator(8192)),
                            CodecsTest::echoFrames);
            var handshaker =
                    WebSocketClientHandshakerFactory.newHandshaker(
                            URI.create("ws://localhost/echo"),
                            WebSocketVersion.V13,
                            null,
                            false,
                            new DefaultHttpHeaders());
            try (var client =
                    NettyConnection.open(
                            pipeline ->
                                    pipeline.addLast(
                                            new HttpClientCodec(), new HttpObjectAggregator(8192)),
                            Servers.address(server))) {
                NettyFutures.await(handshaker.handshake(client.channel()));
                var response = client.receiveAs(FullHttpResponse.class);
                handshaker.finishHandshake(client.channel(), response);
                response.release();
                for (var i = 0; i < 50; i++) {
                    client.send(new TextWebSocketFrame("frame " + i + "x".repeat(i * 100)));
                }
                for (var i = 0; i < 50; i++) {
                    var frame = client.receiveAs(TextWebSocketFrame.class);
                    assertThat(frame.text()).isEqualTo("frame " + i + "x".repeat(i * 100));
                    frame.release();
                }
                client.send(new CloseWebSocketFrame());
                var last = client.receive();
                assertThat(last).isInstanceOf(CloseWebSocketFrame.class);
                ReferenceCountUtil.release(last);
                assertThat(client.receive()).isNull();
            }
            Servers.stop(server);
        });
    }

    // ---- HTTP/2

    private static void serveStream(NettyConnection stream) throws IOException {
        var path = "";
        var body = new StringBuilder();
        for (var ended = false; !ended; ) {
            switch (stream.receive()) {
                case Http2HeadersFrame head -> {
                    path = head.headers().path().toString();
                    ended = head.isEndStream();
                }
                case Http2DataFrame data -> {
                    body.append(data.content().toString(US_ASCII));
                    ended = data.isEndStream();
                    data.release();
                }
                case null -> throw new IOException("the stream ended early");
                case Object other -> ReferenceCountUtil.release(other);
            }
        }
        stream.send(
                new DefaultHttp2HeadersFrame(
                        new DefaultHttp2Headers().status(OK.codeAsText()), false));
        stream.send(new DefaultHttp2DataFrame(bytes(path + ":" + body), true));
    }

    private static void http2Server(ChannelPipeline pipeline) {
        pipeline.addLast(
                Http2FrameCodecBuilder.forServer().build(),
                new Http2MultiplexHandler(
                        new ChannelInitializer<>() {
                            @Override
                            protected void initChannel(Channel stream) {
                                NettyServer.serve(stream, CodecsTest::serveStream);
                            }
                        }));
    }

    private static NettyConnection open(Channel connection) throws IOException {
        var streams = new ArrayList<NettyConnection>();
        NettyFutures.await(
                new Http2StreamChannelBootstrap(connection)
                        .handler(
                                new ChannelInitializer<>() {
                                    @Override
                                    protected void initChannel(Channel stream) {
                                        streams.add(NettyConnection.of(stream));
                                    }
                                })
                        .open());
        return streams.getFirst();
    }

    private static void http2Client(ChannelPipeline pipeline) {
        pipeline.addLast(
                Http2FrameCodecBuilder.forClient().build(),
                new Http2MultiplexHandler(
                        new ChannelInitializer<>() {
                            @Override
                            protected void initChannel(Channel pushed) {}
                        }));
    }

    private static Http2HeadersFrame post(String path) {
        return new DefaultHttp2HeadersFrame(
                new DefaultHttp2Headers().method("POST").path(path).scheme("http"), false);
    }

    private static String ask(Channel connection, String path, String body) throws IOException {
        try (var stream = open(connection)) {
            stream.send(post(path));
            stream.send(new DefaultHttp2DataFrame(bytes(body), true));
            var answer = new StringBuilder();
            for (var ended = false; !ended; ) {
                var frame = stream.receiveAs(Http2Frame.class);
                if (frame instanceof Http2DataFrame data) {
                    answer.append(data.content().toString(US_ASCII));
                    ended = data.isEndStream();
                }
                ReferenceCountUtil.release(frame);
            }
            return answer.toString();
        }
    }

    @Test
    void requestsOfHttp2RunSideBySideOnOneConnectionEachInATaskOfItsOwn() {
        TestRun.onSockets(run -> {
            var server =
                    dev.jloop.transports.Net.createServer(
                            () -> new NettyProtocol(CodecsTest::http2Server), Servers.loopback());
            var made =
                    dev.jloop.transports.Net.createConnection(
                            () -> new NettyProtocol(CodecsTest::http2Client),
                            Servers.address(server));
            var channel = made.protocol().channel();
            var answers =
                    Stream.of("/a", "/b", "/c", "/d")
                            .map(path ->
                                    Async.createTask(() -> ask(channel, path, "x".repeat(50_000))))
                            .toList();
            assertThat(Async.gather(answers).await())
                    .containsExactly(
                            "/a:" + "x".repeat(50_000),
                            "/b:" + "x".repeat(50_000),
                            "/c:" + "x".repeat(50_000),
                            "/d:" + "x".repeat(50_000));
            NettyFutures.await(channel.close());
            Servers.stop(server);
        });
    }

    @Test
    void streamsOfHttp2WaitForAConnectionWhosePeerTakesLittle() {
        SimulatedRun.run(
                CodecsTest::http2Client,
                run -> {
                    run.channel
                            .config()
                            .setWriteBufferWaterMark(new WriteBufferWaterMark(500, 1000));
                    var sent = new int[2];
                    var senders =
                            Stream.of(0, 1)
                                    .map(index ->
                                            Async.createTask(
                                                    () -> sendSlowly(run.channel, sent, index)))
                                    .toList();
                    run.settle();
                    assertThat(sent[0] + sent[1]).as("while nothing is read").isBetween(8, 16);
                    for (var taken = 5; taken <= 25; taken += 5) {
                        run.peer.take(5000);
                        run.settle();
                        assertThat(sent[0] + sent[1]).isBetween(8 + taken / 2, 16 + taken);
                    }
                    assertThat(sent).as("both have their part").doesNotContain(0, 1);
                    run.peer.takeAll();
                    Async.gather(senders).await();
                    assertThat(sent).containsExactly(25, 25);
                    run.settle();
                    assertThat(run.peer.text.chars().filter(each -> each == 'a').count())
                            .isGreaterThanOrEqualTo(25_000);
                    assertThat(run.peer.text.chars().filter(each -> each == 'b').count())
                            .isGreaterThanOrEqualTo(25_000);
                    run.finish();
                });
    }

    /// Sends 25 frames of 1000 bytes on a stream of its own, which holds two of them at most.
    private static void sendSlowly(Channel connection, int[] sent, int index) throws IOException {
        var stream = open(connection);
        stream.channel().config().setWriteBufferWaterMark(new WriteBufferWaterMark(500, 1500));
        stream.send(post("/" + index));
        while (sent[index] < 25) {
            var text = (index == 0 ? "a" : "b").repeat(1000);
            stream.send(new DefaultHttp2DataFrame(bytes(text), sent[index] == 24));
            sent[index]++;
        }
    }

    // ---- Redis

    private static void redis(ChannelPipeline pipeline) {
        pipeline.addLast(
                new RedisDecoder(),
                new RedisBulkStringAggregator(),
                new RedisArrayAggregator(1024, 4),
                new RedisEncoder());
    }

    private static void serveRedis(NettyConnection connection) throws IOException {
        var store = new HashMap<String, String>();
        for (var command = connection.receiveAs(ArrayRedisMessage.class);
                command != null;
                command = connection.receiveAs(ArrayRedisMessage.class)) {
            try {
                var words =
                        command.children().stream()
                                .map(word ->
                                        ((FullBulkStringRedisMessage) word)
                                                .content()
                                                .toString(US_ASCII))
                                .toList();
                connection.send(
                        switch (words.getFirst()) {
                            case "SET" -> {
                                store.put(words.get(1), words.get(2));
                                yield new SimpleStringRedisMessage("OK");
                            }
                            case "GET" -> {
                                var value = store.get(words.get(1));
                                yield value == null
                                        ? FullBulkStringRedisMessage.NULL_INSTANCE
                                        : new FullBulkStringRedisMessage(bytes(value));
                            }
                            default -> new ErrorRedisMessage("ERR unknown command");
                        });
            } finally {
                command.release();
            }
        }
    }

    private static RedisMessage call(NettyConnection client, String... words) throws IOException {
        var parts = new ArrayList<RedisMessage>();
        for (var word : words) {
            parts.add(new FullBulkStringRedisMessage(bytes(word)));
        }
        client.send(new ArrayRedisMessage(parts));
        return client.receiveAs(RedisMessage.class);
    }

    @Test
    void aRedisServerKeepsWhatItsClientSets() {
        TestRun.onSockets(run -> {
            var server = Servers.start(CodecsTest::redis, CodecsTest::serveRedis);
            try (var client = NettyConnection.open(CodecsTest::redis, Servers.address(server))) {
                var set = (SimpleStringRedisMessage) call(client, "SET", "key", "value");
                assertThat(set.content()).isEqualTo("OK");
                var value = (FullBulkStringRedisMessage) call(client, "GET", "key");
                assertThat(value.content().toString(US_ASCII)).isEqualTo("value");
                value.release();
                var none = (FullBulkStringRedisMessage) call(client, "GET", "nothing");
                assertThat(none.isNull()).isTrue();
                var error = (ErrorRedisMessage) call(client, "EVAL");
                assertThat(error.content()).contains("unknown command");
            }
            Servers.stop(server);
        });
    }

    // ---- MQTT

    private static void mqtt(ChannelPipeline pipeline) {
        pipeline.addLast(new MqttDecoder(), MqttEncoder.INSTANCE);
    }

    private static void serveMqtt(NettyConnection connection) throws IOException {
        for (var message = connection.receiveAs(MqttMessage.class);
                message != null;
                message = connection.receiveAs(MqttMessage.class)) {
            switch (message) {
                case MqttConnectMessage _ ->
                        connection.send(
                                MqttMessageBuilders.connAck()
                                        .returnCode(MqttConnectReturnCode.CONNECTION_ACCEPTED)
                                        .build());
                case MqttPublishMessage published -> {
                    connection.send(
                            MqttMessageBuilders.pubAck()
                                    .packetId(published.variableHeader().packetId())
                                    .build());
                    connection.send(published); // back to whom it came from
                }
                case MqttMessage _ -> {}
            }
        }
    }

    @Test
    void aMqttBrokerAcknowledgesAndForwardsWhatIsPublished() {
        TestRun.onSockets(run -> {
            var server = Servers.start(CodecsTest::mqtt, CodecsTest::serveMqtt);
            try (var client = NettyConnection.open(CodecsTest::mqtt, Servers.address(server))) {
                client.send(
                        MqttMessageBuilders.connect()
                                .clientId("test")
                                .protocolVersion(MqttVersion.MQTT_3_1_1)
                                .build());
                assertThat(
                                client.receiveAs(MqttConnAckMessage.class)
                                        .variableHeader()
                                        .connectReturnCode())
                        .isEqualTo(MqttConnectReturnCode.CONNECTION_ACCEPTED);
                client.send(
                        MqttMessageBuilders.publish()
                                .topicName("news")
                                .qos(MqttQoS.AT_LEAST_ONCE)
                                .messageId(7)
                                .payload(bytes("hello"))
                                .build());
                assertThat(client.receiveAs(MqttPubAckMessage.class).variableHeader().messageId())
                        .isEqualTo(7);
                var back = client.receiveAs(MqttPublishMessage.class);
                assertThat(back.variableHeader().topicName()).isEqualTo("news");
                assertThat(back.payload().toString(US_ASCII)).isEqualTo("hello");
                back.release();
            }
            Servers.stop(server);
        });
    }

    @Test
    void nonsenseInsteadOfMqttIsAMessageThatSaysSo() {
        TestRun.onSockets(run -> {
            var failures = new ArrayList<Throwable>();
            var server =
                    Servers.start(
                            CodecsTest::mqtt,
                            connection ->
                                    failures.add(
                                            connection
                                                    .receiveAs(MqttMessage.class)
                                                    .decoderResult()
                                                    .cause()));
            try (var client = NettyConnection.open(_ -> {}, Servers.address(server))) {
                client.send(bytes(HTTP_1_1.text() + "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"));
                assertThat(client.receive()).isNull();
            }
            assertThat(failures).hasSize(1).doesNotContainNull();
            Servers.stop(server);
        });
    }

    @Test
    void nonsenseInsteadOfRedisFailsTheReceiver() {
        TestRun.onSockets(run -> {
            var server =
                    Servers.start(
                            CodecsTest::redis,
                            connection ->
                                    assertThatThrownBy(connection::receive)
                                            .isInstanceOf(IOException.class)
                                            .hasRootCauseInstanceOf(
                                                    io.netty.handler.codec.redis.RedisCodecException
                                                            .class));
            try (var client = NettyConnection.open(_ -> {}, Servers.address(server))) {
                client.send(bytes("*-7\r\n"));
                assertThat(client.receive()).isNull();
            }
            Servers.stop(server);
        });
    }
}

package dev.jloop.benchmarks.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Random;

/// That the servers do the same, else their figures say nothing.
class PeerServerTest {
    private static final int MOST_MILLIS = 20_000;

    /// More than what sockets and each server's own limits hold.
    private static final int MUCH = 16 * 1024 * 1024;

    private static final int PIECE = 64 * 1024;

    /// After that long without a byte taken, a server is held to take no more. One that does all
    /// the same fails no test.
    private static final int STANDSTILL_MILLIS = 200;

    static List<String> echoing() {
        return List.of(
                "jloop-protocol",
                "jloop-protocol-2-loops",
                "jloop-streams",
                "selector",
                "native-epoll",
                "netty-nio",
                "netty-epoll",
                "netty-io_uring",
                "vertx",
                "virtual-threads");
    }

    @ParameterizedTest
    @MethodSource("echoing")
    void echoesLargeAndSmall(String name) throws Exception {
        assumeTrue(runsHere(name));
        var port = PeerMain.server(name).listen(Service.ECHO);
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(MOST_MILLIS);
            for (var length : new int[] {1, 1024, 100 * 1024}) {
                var message = new byte[length];
                new Random(length).nextBytes(message);
                socket.getOutputStream().write(message);

                assertThat(socket.getInputStream().readNBytes(length)).isEqualTo(message);
            }
        }
    }

    /// The client reads nothing until its own writes stand still, and so do the server's.
    @ParameterizedTest
    @MethodSource("echoing")
    void nothingIsLostForAClientThatPausesReading(String name) throws Exception {
        assumeTrue(runsHere(name));
        var port = PeerMain.server(name).listen(Service.ECHO);
        var message = new byte[MUCH];
        new Random(7).nextBytes(message);
        try (var selector = Selector.open();
                var channel = connect(port)) {
            var key = channel.register(selector, SelectionKey.OP_WRITE);
            var sending = ByteBuffer.wrap(message);
            while (selector.select(STANDSTILL_MILLIS) > 0) {
                selector.selectedKeys().clear();
                channel.write(sending);
                assertThat(sending.remaining()).as("held by the server and sockets").isPositive();
            }

            var received = ByteBuffer.allocate(MUCH);
            while (received.hasRemaining()) {
                var writes = sending.hasRemaining() ? SelectionKey.OP_WRITE : 0;
                key.interestOps(SelectionKey.OP_READ | writes);
                assertThat(selector.select(MOST_MILLIS)).as("nothing more comes").isPositive();
                selector.selectedKeys().clear();
                channel.write(sending);
                assertThat(channel.read(received)).isNotNegative();
            }
            assertThat(received.array()).isEqualTo(message);
        }
    }

    /// With small buffers in the system, so that they fill up.
    private static SocketChannel connect(int port) throws IOException {
        var channel = SocketChannel.open();
        channel.setOption(StandardSocketOptions.SO_RCVBUF, PIECE);
        channel.setOption(StandardSocketOptions.SO_SNDBUF, PIECE);
        channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        channel.configureBlocking(false);
        return channel;
    }

    @ParameterizedTest
    @MethodSource("echoing")
    void aClientThatResetsItsConnectionLeavesOthersAlone(String name) throws Exception {
        assumeTrue(runsHere(name));
        var port = PeerMain.server(name).listen(Service.ECHO);
        try (var other = new Socket(InetAddress.getLoopbackAddress(), port)) {
            other.setSoTimeout(MOST_MILLIS);
            for (var i = 0; i < 3; i++) {
                try (var resetting = new Socket(InetAddress.getLoopbackAddress(), port)) {
                    resetting.setSoTimeout(MOST_MILLIS);
                    resetting.getOutputStream().write(new byte[PIECE]);
                    assertThat(resetting.getInputStream().read()).isZero();
                    resetting.setOption(StandardSocketOptions.SO_LINGER, 0); // closing resets
                }
                other.getOutputStream().write(i);

                assertThat(other.getInputStream().read()).isEqualTo(i);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jloop-protocol",
                "jloop-streams",
                "netty-nio",
                "netty-epoll",
                "netty-io_uring",
                "vertx",
                "virtual-threads"
            })
    void greetsEachRequest(String name) throws Exception {
        assumeTrue(runsHere(name));
        var port = PeerMain.server(name).listen(Service.HTTP);
        try (var client = HttpClient.newHttpClient()) {
            var request =
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/"))
                            .version(HttpClient.Version.HTTP_1_1)
                            .build();
            for (var i = 0; i < 2; i++) {
                var response = client.send(request, BodyHandlers.ofString());

                assertThat(response.statusCode()).isEqualTo(200);
                assertThat(response.body()).isEqualTo(Service.GREETING);
                assertThat(response.headers().firstValue("Content-Type")).hasValue("text/plain");
            }
        }
    }

    @Test
    void anUnknownNameIsRefused() {
        assertThatThrownBy(() -> PeerMain.server("nginx"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("nginx");
    }

    private static boolean runsHere(String name) {
        var linux =
                System.getProperty("os.name").equals("Linux")
                        && System.getProperty("os.arch").equals("amd64");
        return switch (name) {
            case "native-epoll", "netty-epoll" -> linux;
            case "netty-io_uring" -> linux && io.netty.channel.uring.IoUring.isAvailable();
            default -> true;
        };
    }
}

package dev.jloop.benchmarks.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Random;

/// That the servers do the same, else their figures say nothing.
class PeerServerTest {
    private static final int MOST_MILLIS = 20_000;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jloop-protocol",
                "jloop-streams",
                "selector",
                "native-epoll",
                "netty-nio",
                "netty-epoll",
                "netty-io_uring",
                "vertx",
                "virtual-threads"
            })
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

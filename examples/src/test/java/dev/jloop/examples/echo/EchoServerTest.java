package dev.jloop.examples.echo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.jloop.core.Async;
import dev.jloop.streams.Streams;

import org.junit.jupiter.api.Test;

import java.io.IOException;

class EchoServerTest {
    @Test
    void whatIsSentComesBackAndTheEndToo() {
        var echo =
                Async.run(() -> {
                    try (var server = EchoServer.start("127.0.0.1", 0);
                            var connection = Streams.openConnection("127.0.0.1", server.port())) {
                        connection.writer().write("one ".getBytes(UTF_8));
                        connection.writer().write("two".getBytes(UTF_8));
                        connection.writer().writeEof();
                        return new String(connection.reader().readAll(), UTF_8);
                    }
                });

        assertThat(echo).isEqualTo("one two");
    }

    @Test
    void theAddressThatCannotBeListenedOnIsNamed() {
        assertThatThrownBy(() ->
                        Async.run(() -> {
                            try (var first = EchoServer.start("127.0.0.1", 0);
                                    var second = EchoServer.start("127.0.0.1", first.port())) {
                                throw new AssertionError("both listen on port " + second.port());
                            }
                        }))
                .cause()
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("cannot listen on 127.0.0.1:");
    }
}

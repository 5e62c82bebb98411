package dev.jloop.examples.echo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.jloop.core.Async;
import dev.jloop.streams.Streams;
import dev.jloop.testkit.LoopTest;
import dev.jloop.testkit.SimulatedNetwork;

import org.junit.jupiter.api.BeforeEach;

import java.io.IOException;
import java.time.Duration;

class EchoServerTest {
    @BeforeEach
    void connectASimulatedNetwork(SimulatedNetwork network) {
        network.setLatency(Duration.ofMillis(5));
    }

    @LoopTest
    void whatIsSentComesBackAndTheEndToo() throws IOException {
        try (var server = EchoServer.start("localhost", 0);
                var connection = Streams.openConnection("localhost", server.port())) {
            connection.writer().write("one ".getBytes(UTF_8));
            connection.writer().write("two".getBytes(UTF_8));
            connection.writer().writeEof();

            assertThat(connection.reader().readAll()).asString(UTF_8).isEqualTo("one two");
        }
    }

    @LoopTest
    void aPeerThatLeavesEarlyIsNoFailure() throws IOException {
        try (var server = EchoServer.start("localhost", 0)) {
            var connection = Streams.openConnection("localhost", server.port());
            connection.writer().write("never read".getBytes(UTF_8));
            connection.writer().transport().abort();

            Async.sleep(Duration.ofMinutes(1)); // a report of the loop would fail this test
        }
    }

    @LoopTest
    void theAddressThatCannotBeListenedOnIsNamed() throws IOException {
        try (var first = EchoServer.start("localhost", 0)) {
            assertThatThrownBy(() -> EchoServer.start("localhost", first.port()))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("cannot listen on localhost:" + first.port());
        }
    }
}

package dev.jloop.examples.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.THROWABLE;

import dev.jloop.core.ExceptionGroup;
import dev.jloop.testkit.LoopTest;
import dev.jloop.testkit.SimulatedNetwork;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.time.Duration;
import java.util.stream.IntStream;

class ChatLoadTest {
    private static final Duration GRACE = Duration.ofSeconds(1);

    private static ChatLoad.Plan plan(int guests, int silent) {
        return new ChatLoad.Plan(
                guests,
                silent,
                3,
                Duration.ofSeconds(2),
                Duration.ofSeconds(8),
                Duration.ofMillis(500),
                400);
    }

    private static ChatLoad.Result run(
            SimulatedNetwork network, ChatOptions options, ChatLoad.Plan plan) throws IOException {
        network.setLatency(Duration.ofMillis(5));
        network.setWindow(4 * 1024);
        var bounded = options.withQueueBytes(16 * 1024);
        var server =
                network.host("server")
                        .createTask(() -> ChatServer.start("server", 0, bounded))
                        .await();
        try {
            return ChatLoad.run("server", server.port(), plan);
        } finally {
            server.shutdown(GRACE);
        }
    }

    @LoopTest
    void theDelayIsThatOfTheNetworkWhoeverIsSilent(SimulatedNetwork network) throws IOException {
        var result = run(network, ChatOptions.DEFAULTS, plan(30, 2));

        assertThat(result.failures()).isEmpty();
        // 28 guests say 20 lines each, and all of the room hear them: 10, 9 and 9 guests.
        assertThat(result.expected()).isEqualTo(20 * (10 * 10 + 9 * 9 + 9 * 9));
        assertThat(result.heard()).isEqualTo(result.expected());
        assertThat(result.median()).isEqualTo(Duration.ofMillis(10));
        assertThat(result.p99()).isEqualTo(Duration.ofMillis(10));
        assertThat(result.longest()).isEqualTo(Duration.ofMillis(10));
        assertThat(result.silentCut()).isEqualTo(2);
        assertThat(result.silentHeld()).isZero();
    }

    @LoopTest
    void thoseWhoAreHeldBackCatchUpInTheEnd(SimulatedNetwork network) throws IOException {
        var options = ChatOptions.DEFAULTS.withSlowReaders(SlowReaders.HOLD);
        var result = run(network, options, plan(30, 2));

        assertThat(result.failures()).isEmpty();
        assertThat(result.heard()).isEqualTo(result.expected());
        assertThat(result.longest()).isEqualTo(Duration.ofMillis(10));
        assertThat(result.silentCut()).isZero();
        assertThat(result.silentHeld()).isEqualTo(2);
    }

    @LoopTest
    void whoeverIsThrownOutIsAFailure(SimulatedNetwork network) throws IOException {
        var options = ChatOptions.DEFAULTS.withSilence(Duration.ofMillis(400));
        var result = run(network, options, plan(4, 1));

        assertThat(result.heard()).isLessThan(result.expected());
        assertThat(result.failures()).anyMatch(failure -> failure.startsWith("guest"));
    }

    @LoopTest
    void aGuestThatCannotEnterEndsIt(SimulatedNetwork network) throws IOException {
        var server = ChatServer.start("localhost", 0, ChatOptions.DEFAULTS);
        try (var first = ChatClient.connect("localhost", server.port())) {
            first.send("/nick guest2");
            first.receive();
            first.receive();
            assertThatThrownBy(() -> ChatLoad.run("localhost", server.port(), plan(5, 0)))
                    .isInstanceOfSatisfying(
                            ExceptionGroup.class,
                            group ->
                                    assertThat(group.exceptions())
                                            .singleElement()
                                            .asInstanceOf(THROWABLE)
                                            .hasMessage(
                                                    "guest2 cannot enter: ! the name guest2 is"
                                                            + " taken"));
        }
        server.shutdown(GRACE);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0, 1, 1, 1, 32, guests must be at least 1",
        "5, 5, 1, 1, 1, 32, at least one must not be silent",
        "5, 0, 0, 1, 1, 32, rooms must be at least 1",
        "5, 0, 1, 0, 1, 32, the time must be positive",
        "5, 0, 1, 1, 0, 32, the pause must be positive",
        "5, 0, 1, 1, 1, 31, a line must have at least 32 bytes"
    })
    void plansThatMakeNoSenseAreRefused(
            int guests, int silent, int rooms, int length, int pause, int line, String message) {
        assertThatThrownBy(() ->
                        new ChatLoad.Plan(
                                guests,
                                silent,
                                rooms,
                                Duration.ZERO,
                                Duration.ofSeconds(length),
                                Duration.ofSeconds(pause),
                                line))
                .hasMessageContaining(message)
                .hasMessageContaining(", was ");
    }

    @Test
    void percentilesAreExact() {
        var delays = new Delays();
        assertThat(delays.percentile(99)).isZero();
        IntStream.rangeClosed(1, 2_000).map(i -> 2_001 - i).forEach(delays::add);

        assertThat(delays.percentile(50)).isEqualTo(Duration.ofNanos(1_000));
        assertThat(delays.percentile(99)).isEqualTo(Duration.ofNanos(1_980));
        assertThat(delays.percentile(100)).isEqualTo(Duration.ofNanos(2_000));
    }
}

package dev.jloop.examples.time;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jloop.testkit.LoopTest;
import dev.jloop.testkit.SimulatedNetwork;
import dev.jloop.testkit.Verdict;
import dev.jloop.testkit.VirtualTimeLoop;

import org.junit.jupiter.api.BeforeEach;

import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

class TimeTest {
    private static final InetSocketAddress SERVER =
            InetSocketAddress.createUnresolved("server", 37);
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private VirtualTimeLoop loop;
    private SimulatedNetwork network;

    @BeforeEach
    void twoHosts(VirtualTimeLoop ofTest, SimulatedNetwork between) {
        loop = ofTest;
        network = between;
        network.setLatency(Duration.ofMillis(20));
        network.host("client");
    }

    private TimeServer serve() {
        return network.host("server")
                .createTask(() -> TimeServer.start("0.0.0.0", 37, loop.instantSource()))
                .await();
    }

    private TimeClient.Answer ask() {
        var client = new TimeClient(loop.instantSource(), PATIENCE, 3);
        return network.host("client").createTask(() -> client.ask(SERVER)).await();
    }

    @LoopTest
    void theDifferenceOfTheClocksIsMeasured() {
        try (var _ = serve()) {
            network.host("server").jumpClock(Duration.ofHours(-2));
            network.host("client").jumpClock(Duration.ofMinutes(5));

            var answer = ask();

            assertThat(answer.ahead()).isEqualTo(Duration.ofMinutes(-125));
            assertThat(answer.roundTrip()).isEqualTo(Duration.ofMillis(40));
            assertThat(answer.asked()).isEqualTo(1);
        }
    }

    @LoopTest
    void whatGetsLostIsAskedAgain() {
        var sent = new AtomicInteger();
        try (var _ = serve();
                // The first question, and the answer to the second.
                var _ =
                        network.addRule(_ ->
                                switch (sent.incrementAndGet()) {
                                    case 1, 3 -> Verdict.drop();
                                    default -> Verdict.undecided();
                                })) {
            assertThat(ask().asked()).isEqualTo(3);
        }
    }

    @LoopTest
    void aLateAnswerIsNotTakenForThatToTheNextQuestion() {
        var sent = new AtomicInteger();
        try (var _ = serve();
                var _ =
                        network.addRule(_ ->
                                sent.incrementAndGet() == 1
                                        ? Verdict.deliverAfter(PATIENCE.plusMillis(10))
                                        : Verdict.undecided())) {
            var answer = ask();

            assertThat(answer.asked()).isEqualTo(2);
            assertThat(answer.roundTrip()).isEqualTo(Duration.ofMillis(40));
        }
    }

    @LoopTest
    void aServerThatIsSilentTimesOut() {
        network.host("server");
        network.partition("client", "server");

        assertThatThrownBy(this::ask)
                .hasRootCauseInstanceOf(SocketTimeoutException.class)
                .hasRootCauseMessage(
                        "no answer from server/<unresolved>:37 to 3 questions, PT1S each");
        assertThat(Duration.ofNanos(loop.time())).isEqualTo(PATIENCE.multipliedBy(3));
    }

    @LoopTest
    void aHostWhereNobodyListensIsToldAtOnce() {
        network.host("server");

        assertThatThrownBy(this::ask).hasRootCauseInstanceOf(PortUnreachableException.class);
        assertThat(Duration.ofNanos(loop.time())).isEqualTo(Duration.ofMillis(40));
    }

    @LoopTest
    void valuesOutOfRangeAreRefused() {
        assertThatThrownBy(() -> new TimeClient(loop.instantSource(), Duration.ZERO, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("were PT0S and 0");
    }
}

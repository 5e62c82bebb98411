package dev.jloop.examples.time;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jloop.core.LoopFuture;
import dev.jloop.testkit.LoopTest;
import dev.jloop.testkit.SimulatedNetwork;
import dev.jloop.testkit.Verdict;
import dev.jloop.testkit.VirtualTimeLoop;
import dev.jloop.transports.*;

import io.netty.buffer.ByteBuf;

import org.junit.jupiter.api.BeforeEach;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

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
                .createTask(() -> TimeServer.start("server", 37, loop.instantSource()))
                .await();
    }

    private TimeClient.Answer ask() {
        return ask(SERVER);
    }

    private TimeClient.Answer ask(InetSocketAddress server) {
        var client = new TimeClient(loop.instantSource(), PATIENCE, 3);
        return network.host("client").createTask(() -> client.ask(server)).await();
    }

    /// A server that answers each question with all of these, in pairs of seconds and nanoseconds.
    private Closing<Lying> answering(long... times) {
        return network.host("server").createTask(() -> bound(37, () -> new Lying(times))).await();
    }

    private static <P extends DatagramProtocol> Closing<P> bound(int port, Supplier<P> protocol)
            throws IOException {
        var address = new InetSocketAddress("0.0.0.0", port);
        return new Closing<>(Net.createDatagramEndpoint(protocol, address, null));
    }

    private record Closing<P>(DatagramEndpoint<P> endpoint) implements AutoCloseable {
        @Override
        public void close() {
            endpoint.transport().close();
        }
    }

    private static ByteBuffer answer(long question, long seconds, int nanos) {
        return ByteBuffer.allocate(TimeServer.ANSWER_BYTES)
                .putLong(question)
                .putLong(seconds)
                .putInt(nanos)
                .flip();
    }

    private static final class Lying implements DatagramProtocol {
        private final long[] times;
        private DatagramTransport transport;

        Lying(long... times) {
            this.times = times;
        }

        @Override
        public void connectionMade(DatagramTransport made) {
            transport = made;
        }

        @Override
        public void datagramReceived(ByteBuf question, SocketAddress sender) {
            var number = question.readLong();
            for (var index = 0; index < times.length; index += 2) {
                transport.sendTo(answer(number, times[index], (int) times[index + 1]), sender);
            }
        }
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
    void aQuestionThatCannotBeSentIsAFailureAtOnce() {
        // Only sending finds out that nobody may send there.
        var everybody = new InetSocketAddress("255.255.255.255", 37);

        assertThatThrownBy(() -> ask(everybody))
                .hasRootCauseInstanceOf(SocketException.class)
                .hasStackTraceContaining("255.255.255.255");
        assertThat(loop.time()).isZero();
    }

    @LoopTest
    void anAnswerThatIsNoTimeIsNoAnswer() throws Exception {
        try (var _ = answering(Long.MAX_VALUE, 0, Long.MIN_VALUE, 0, 5, -1, 5, 1_000_000_000)) {
            assertThatThrownBy(this::ask)
                    .hasRootCauseMessage(
                            "no answer from server/<unresolved>:37 to 3 questions, PT1S each");
        }
    }

    @LoopTest
    void anAnswerOfSomebodyElseIsNoAnswer() throws Exception {
        LoopFuture<SocketAddress> client = loop.createFuture("the address of the client");
        var forger =
                network.host("elsewhere")
                        .createTask(() -> {
                            var to = client.await();
                            var forged = answer(1, 5, 0);
                            try (var endpoint = bound(0, () -> new Lying())) {
                                endpoint.endpoint().transport().sendTo(forged, to);
                            }
                            return true;
                        });
        network.setLatency("elsewhere", "client", Duration.ZERO);
        try (var _ = serve();
                var _ =
                        network.addRule(packet -> {
                            if (packet.toHost().equals("server") && !client.isDone()) {
                                client.setResult(packet.from());
                            }
                            return Verdict.undecided();
                        })) {
            var answer = ask();

            assertThat(forger.isDone()).isTrue();
            assertThat(answer.time()).isEqualTo(loop.instantSource().instant().minusMillis(20));
        }
    }

    @LoopTest
    void valuesOutOfRangeAreRefused() {
        assertThatThrownBy(() -> new TimeClient(loop.instantSource(), Duration.ZERO, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("were PT0S and 0");
    }
}

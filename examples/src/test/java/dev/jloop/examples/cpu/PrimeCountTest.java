package dev.jloop.examples.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jloop.core.Async;
import dev.jloop.testkit.LoopTest;
import dev.jloop.testkit.VirtualTimeLoop;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.time.Duration;
import java.util.ArrayList;
import java.util.stream.IntStream;

@Timeout(60)
class PrimeCountTest {
    @Test
    void eachPieceAgreesWithCountingByHand() {
        var primes = new Primes(1_000);
        for (var from = 2; from < 300; from++) {
            var first = from;
            var expected =
                    IntStream.range(first, first + 50)
                            .filter(number ->
                                    IntStream.range(2, number).noneMatch(f -> number % f == 0))
                            .count();
            assertThat(primes.countIn(first, 50)).as("from %d", from).isEqualTo((int) expected);
        }
    }

    @LoopTest
    void theKnownNumbersOfPrimesComeOut() {
        assertThat(PrimeCount.below(2, _ -> {})).isZero();
        assertThat(PrimeCount.below(3, _ -> {})).isEqualTo(1);
        assertThat(PrimeCount.below(10, _ -> {})).isEqualTo(4);
        assertThat(PrimeCount.below(1_000_002, _ -> {})).isEqualTo(78_498);
        var done = new ArrayList<Integer>();
        assertThat(PrimeCount.below(3_000_000, done::add)).isEqualTo(216_816);
        assertThat(done).containsExactly(1, 2, 3).hasSize(PrimeCount.pieces(3_000_000));
    }

    @LoopTest
    void theHeartbeatKnowsHowLateItWasAtWorst(VirtualTimeLoop loop) {
        var heartbeat = new Heartbeat();
        var beating = Async.createTask(heartbeat::run);
        Async.sleep(Duration.ofMillis(95));
        assertThat(heartbeat.ticks()).isEqualTo(9);
        assertThat(heartbeat.latest()).isZero();
        assertThat(loop.time()).isEqualTo(Duration.ofMillis(95).toNanos());
        beating.cancel();
    }
}

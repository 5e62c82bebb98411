package dev.jloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jloop.core.Async;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/// On a real time that the test supplies, so that nothing waits.
@Timeout(60)
class ClockRateTest {
    private final VirtualTimeLoop loop = VirtualTimeLoop.create();
    private final SuppliedTime real = new SuppliedTime();

    @AfterEach
    void close() {
        loop.close();
    }

    /// Passes by itself when somebody waits, or as far as the next interruption.
    private static final class SuppliedTime implements ClockRate.RealTime {
        private final List<Duration> waits = new ArrayList<>();
        private final ArrayDeque<Interruption> interruptions = new ArrayDeque<>();
        private long nanos = 1_000;

        private record Interruption(long at, Runnable what) {}

        void interruptAt(Duration time, Runnable what) {
            interruptions.add(new Interruption(1_000 + time.toNanos(), what));
        }

        @Override
        public long nanos() {
            return nanos;
        }

        @Override
        public boolean await(long atMost) {
            var next = interruptions.peek();
            if (next != null && next.at <= nanos + atMost) {
                waits.add(Duration.ofNanos(next.at - nanos));
                nanos = next.at;
                interruptions.remove().what.run();
                return true;
            }
            waits.add(Duration.ofNanos(atMost));
            nanos += atMost;
            return false;
        }
    }

    private Duration now() {
        return Duration.ofNanos(loop.time());
    }

    @Test
    void timePassesSoManyTimesFasterThanRealTime() {
        loop.setRate(60, real);
        loop.runUntilComplete(() -> {
            Async.sleep(Duration.ofMinutes(2));
            Async.sleep(Duration.ofMinutes(3));
        });
        assertThat(now()).isEqualTo(Duration.ofMinutes(5));
        assertThat(real.waits).containsExactly(Duration.ofSeconds(2), Duration.ofSeconds(3));
    }

    @Test
    void aRateBelowOneIsSlowMotion() {
        loop.setRate(0.5, real);
        loop.runUntilComplete(() -> Async.sleep(Duration.ofSeconds(2)));
        assertThat(real.waits).containsExactly(Duration.ofSeconds(4));
    }

    @Test
    void whatComesFromOutsideComesAtTheVirtualTimeOfThatMoment() {
        var arrivals = new ArrayList<Duration>();
        real.interruptAt(
                Duration.ofSeconds(3), () -> loop.callSoonThreadsafe(() -> arrivals.add(now())));
        loop.setRate(10, real);
        loop.runUntilComplete(() -> Async.sleep(Duration.ofMinutes(1)));
        assertThat(arrivals).containsExactly(Duration.ofSeconds(30));
        assertThat(now()).isEqualTo(Duration.ofMinutes(1));
        assertThat(real.waits).containsExactly(Duration.ofSeconds(3), Duration.ofSeconds(3));
    }

    @Test
    void timersGoOnWhileThereIsWorkOutside() {
        var ended = new ArrayList<Duration>();
        loop.setRate(1, real);
        loop.runUntilComplete(() -> {
            var work = loop.beginOutsideWork("work");
            real.interruptAt(
                    Duration.ofSeconds(5),
                    () ->
                            loop.callSoonThreadsafe(() -> {
                                ended.add(now());
                                work.close();
                            }));
            Async.sleep(Duration.ofSeconds(2));
            assertThat(now()).isEqualTo(Duration.ofSeconds(2));
            Async.sleep(Duration.ofSeconds(7));
        });
        assertThat(ended).containsExactly(Duration.ofSeconds(5));
        assertThat(now()).isEqualTo(Duration.ofSeconds(9));
    }

    @Test
    void aLoopThatWasBusyIsBehindAndRunsWhatIsDueWithoutWaitingEachAtItsTime() {
        var calls = new ArrayList<Duration>();
        loop.setRate(1, real);
        loop.runUntilComplete(() -> {
            for (var second = 1; second <= 3; second++) {
                var _ = loop.callLater(Duration.ofSeconds(second), () -> calls.add(now()));
            }
            real.nanos += Duration.ofMillis(2_500).toNanos();
            Async.sleep(Duration.ofSeconds(4));
        });
        assertThat(calls)
                .containsExactly(
                        Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(3));
        assertThat(real.waits).containsExactly(Duration.ofMillis(500), Duration.ofSeconds(1));
    }

    @Test
    void timeThatWasMovedByHandGoesOnFromThere() {
        var arrivals = new ArrayList<Duration>();
        loop.setRate(1, real);
        loop.advance(Duration.ofHours(1));
        assertThat(real.waits).isEmpty();
        real.interruptAt(
                Duration.ofMillis(400), () -> loop.callSoonThreadsafe(() -> arrivals.add(now())));
        loop.runUntilComplete(() -> Async.sleep(Duration.ofSeconds(1)));
        assertThat(arrivals).containsExactly(Duration.ofMillis(3_600_400));
        assertThat(now()).isEqualTo(Duration.ofSeconds(3_601));
        assertThat(real.waits).containsExactly(Duration.ofMillis(400), Duration.ofMillis(600));
    }

    @Test
    void aRateOfZeroJumpsAgain() {
        loop.setRate(1, real);
        loop.runUntilComplete(() -> {
            Async.sleep(Duration.ofSeconds(1));
            loop.setRate(0);
            Async.sleep(Duration.ofDays(1));
        });
        assertThat(real.waits).containsExactly(Duration.ofSeconds(1));
    }

    @Test
    void aLoopWhoseTimeStandsStillGoesOnWithARate() {
        try (var manual = VirtualTimeLoop.manual()) {
            manual.setRate(2, real);
            manual.runUntilComplete(() -> Async.sleep(Duration.ofSeconds(1)));
            assertThat(manual.time()).isEqualTo(Duration.ofSeconds(1).toNanos());
            manual.setRate(0);
            assertThatThrownBy(
                            () -> manual.runUntilComplete(() -> Async.sleep(Duration.ofSeconds(1))))
                    .isInstanceOf(DeadlockException.class);
        }
        assertThat(real.waits).containsExactly(Duration.ofMillis(500));
    }

    @Test
    void theVirtualLimitHoldsAtAnyRate() {
        loop.setRate(1, real);
        loop.setVirtualLimit(Duration.ofSeconds(10));
        assertThatThrownBy(() -> loop.runUntilComplete(() -> Async.sleep(Duration.ofSeconds(11))))
                .hasMessageContaining("its limit of PT10S");
        assertThat(real.waits).isEmpty();
    }

    @Test
    void closingDoesNotWait() {
        loop.setRate(1, real);
        var _ =
                loop.background(() -> {
                    try {
                        Async.sleep(Duration.ofDays(1));
                    } finally {
                        Async.sleep(Duration.ofHours(1));
                    }
                });
        loop.runReady();
        loop.close();
        assertThat(real.waits).isEmpty();
    }

    @Test
    void aRateIsNotNegativeAndNotInfinite() {
        for (var rate : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatThrownBy(() -> loop.setRate(rate))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("was " + rate);
        }
    }
}

package dev.jloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jloop.core.Async;
import dev.jloop.executor.Offload;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;

@Timeout(60)
class HostClockTest {
    private static final Instant EPOCH = VirtualTimeLoop.EPOCH;

    @LoopTest
    void codeOnAHostSeesItsClockAndOthersSeeTheirs(VirtualTimeLoop loop, SimulatedNetwork network) {
        var wrong = network.host("wrong");
        var right = network.host("right");
        wrong.jumpClock(Duration.ofMinutes(-5));
        Async.sleep(Duration.ofSeconds(1));
        var source = loop.instantSource();
        var now = EPOCH.plusSeconds(1);
        assertThat(source.instant()).isEqualTo(now);
        assertThat(right.createTask(source::instant).await()).isEqualTo(now);
        assertThat(wrong.createTask(source::instant).await()).isEqualTo(now.minusSeconds(300));
        assertThat(wrong.instantSource().instant()).isEqualTo(now.minusSeconds(300));
        assertThat(wrong.clockOffset()).isEqualTo(Duration.ofMinutes(-5));
        assertThat(right.clockOffset()).isZero();
        assertThat(network.describe())
                .contains("host wrong 10.0.0.2, its clock is off by PT-5M")
                .endsWith("host right 10.0.0.3");
    }

    @LoopTest
    void codeOnNoHostSeesTheClockOfTheHostNamedTest(VirtualTimeLoop loop, SimulatedNetwork net) {
        net.host("test").jumpClock(Duration.ofDays(1));
        assertThat(loop.instantSource().instant()).isEqualTo(EPOCH.plus(Duration.ofDays(1)));
    }

    @LoopTest
    void timersKnowNothingOfJumps(VirtualTimeLoop loop, SimulatedNetwork network) {
        var host = network.host("host");
        var seen = new ArrayList<Instant>();
        var ticking =
                host.createTask(() -> {
                    for (var tick = 0; tick < 4; tick++) {
                        Async.sleep(Duration.ofHours(1));
                        seen.add(loop.instantSource().instant());
                    }
                });
        Async.sleep(Duration.ofMinutes(90));
        host.jumpClock(Duration.ofDays(1));
        Async.sleep(Duration.ofHours(1));
        host.jumpClock(Duration.ofDays(-2));
        ticking.await();
        assertThat(loop.time()).isEqualTo(Duration.ofHours(4).toNanos());
        assertThat(seen)
                .containsExactly(
                        EPOCH.plus(Duration.ofHours(1)),
                        EPOCH.plus(Duration.ofHours(26)),
                        EPOCH.plus(Duration.ofHours(3)).minus(Duration.ofDays(1)),
                        EPOCH.plus(Duration.ofHours(4)).minus(Duration.ofDays(1)));
    }

    @LoopTest
    void aClockThatDriftsGainsOrLosesFromThenOn(SimulatedNetwork network) {
        var host = network.host("host");
        Async.sleep(Duration.ofDays(1));
        host.setClockDrift(50);
        assertThat(host.clockOffset()).isZero();
        Async.sleep(Duration.ofDays(1));
        assertThat(host.clockOffset()).isEqualTo(Duration.ofMillis(4_320));
        host.jumpClock(Duration.ofMillis(-4_320));
        host.setClockDrift(-1000);
        Async.sleep(Duration.ofSeconds(1));
        assertThat(host.clockOffset()).isEqualTo(Duration.ofMillis(-1));
        host.setClockDrift(0);
        Async.sleep(Duration.ofDays(1));
        assertThat(host.clockOffset()).isEqualTo(Duration.ofMillis(-1));
    }

    @LoopTest
    void aClockGoesOnThroughACrash(VirtualTimeLoop loop, SimulatedNetwork network) {
        var host = network.host("host");
        host.jumpClock(Duration.ofSeconds(3));
        host.crash();
        Async.sleep(Duration.ofHours(1));
        host.restart();
        assertThat(host.createTask(loop.instantSource()::instant).await())
                .isEqualTo(EPOCH.plusSeconds(3_603));
    }

    @LoopTest
    void workInThreadsSeesTheClockOfTheHostThatAskedForIt(
            VirtualTimeLoop loop, SimulatedNetwork network) {
        var host = network.host("host");
        host.jumpClock(Duration.ofSeconds(3));
        assertThat(host.createTask(() -> Offload.toThread(loop.instantSource()::instant)).await())
                .isEqualTo(EPOCH.plusSeconds(3));
    }

    @Test
    void aHostOfAnotherLoopHasNothingToSay() {
        try (var loop = VirtualTimeLoop.create();
                var other = VirtualTimeLoop.create()) {
            var host = SimulatedNetwork.on(loop).host("host");
            host.jumpClock(Duration.ofDays(1));
            loop.runUntilComplete(
                    host.createTask(() -> {
                        assertThat(other.instantSource().instant()).isEqualTo(EPOCH);
                    }));
        }
    }

    @Test
    void aJumpAndADriftArePartOfTheTrace() {
        assertThat(hashAfter(1)).isEqualTo(hashAfter(1)).isNotEqualTo(hashAfter(2));
    }

    private static long hashAfter(int seconds) {
        try (var loop = VirtualTimeLoop.create()) {
            SimulatedNetwork.on(loop).host("host").jumpClock(Duration.ofSeconds(seconds));
            return loop.trace().hash();
        }
    }

    @LoopTest
    void aDriftThatWouldStopOrTurnAClockIsRefused(SimulatedNetwork network) {
        var host = network.host("host");
        for (var drift : new double[] {-1_000_000, 1_000_001, Double.NaN}) {
            assertThatThrownBy(() -> host.setClockDrift(drift))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("was " + drift);
        }
    }
}

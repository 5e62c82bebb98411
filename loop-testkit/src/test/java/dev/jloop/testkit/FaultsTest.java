package dev.jloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jloop.core.Async;
import dev.jloop.core.Fault;
import dev.jloop.core.InjectedFault;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

@Timeout(60)
class FaultsTest {
    private static final Duration MILLI = Duration.ofMillis(1);

    /// {@return what `calls` calls of point `name` answered}
    private static List<Boolean> ask(VirtualTimeLoop loop, String name, int calls) {
        return loop.runUntilComplete(
                () -> IntStream.range(0, calls).mapToObj(_ -> Fault.chance(name)).toList());
    }

    private static List<Boolean> decisions(long seed, String... alsoReached) {
        try (var loop = VirtualTimeLoop.seeded(seed)) {
            loop.faults().enableAll(0.5);
            for (var other : alsoReached) {
                ask(loop, other, 7);
            }
            return ask(loop, "point", 40);
        }
    }

    @Test
    void nothingFiresUnlessARuleSaysSo() {
        try (var loop = VirtualTimeLoop.seeded(1)) {
            assertThat(ask(loop, "point", 100)).containsOnly(false);
        }
    }

    @Test
    void theSameSeedGivesTheSameDecisions() {
        assertThat(decisions(5)).isEqualTo(decisions(5)).contains(true, false);
    }

    @Test
    void differentSeedsGiveDifferentDecisions() {
        var seen = LongStream.range(0, 20).mapToObj(FaultsTest::decisions).toList();

        assertThat(new HashSet<>(seen)).hasSize(20);
    }

    @Test
    void twoPointsDoNotDecideAlike() {
        try (var loop = VirtualTimeLoop.seeded(5)) {
            loop.faults().enableAll(0.5);

            assertThat(ask(loop, "one", 40)).isNotEqualTo(ask(loop, "other", 40));
        }
    }

    @Test
    void anotherPointDoesNotShiftTheDecisionsOfThisOne() {
        assertThat(decisions(5, "new.point", "another")).isEqualTo(decisions(5));
    }

    @Test
    void aCallChosenByItsNumberDoesNotShiftTheOthers() {
        var plain = decisions(5);
        try (var loop = VirtualTimeLoop.seeded(5)) {
            loop.faults().enableAll(0.5).failAt("point", 10);
            var expected = new ArrayList<>(plain);
            expected.set(9, true);

            assertThat(ask(loop, "point", 40)).isEqualTo(expected);
        }
    }

    @Test
    void pointsDoNotShiftTheSchedule() {
        assertThat(scheduleWith(0)).isEqualTo(scheduleWith(3));
    }

    private static List<Integer> scheduleWith(int points) {
        var order = new ArrayList<Integer>();
        try (var loop = VirtualTimeLoop.seeded(11)) {
            loop.faults().enable("here", 0.5);
            loop.runUntilComplete(() ->
                    Async.waitAll(
                            IntStream.range(0, 5)
                                    .mapToObj(number ->
                                            Async.createTask(() -> {
                                                for (var turn = 0; turn < 20; turn++) {
                                                    order.add(number);
                                                    for (var at = 0; at < points; at++) {
                                                        Fault.chance("here");
                                                    }
                                                    Async.yieldNow();
                                                }
                                            }))
                                    .toList()));
        }
        return order;
    }

    @Test
    void theShareThatFiresIsTheProbability() {
        try (var loop = VirtualTimeLoop.seeded(3)) {
            loop.faults().enable("often", 0.9).enable("rare", 0.1);
            ask(loop, "often", 1000);
            ask(loop, "rare", 1000);

            assertThat(loop.faults().report().points())
                    .extracting(FaultReport.Point::fired)
                    .satisfiesExactly(
                            often -> assertThat(often).isBetween(850, 950),
                            rare -> assertThat(rare).isBetween(50, 150));
        }
    }

    @Test
    void probabilitiesOfZeroAndOneAreCertain() {
        try (var loop = VirtualTimeLoop.create()) {
            loop.faults().enableAll(1).enable("off", 0);

            assertThat(ask(loop, "on", 50)).containsOnly(true);
            assertThat(ask(loop, "off", 50)).containsOnly(false);
        }
    }

    @Test
    void failOnceFiresAtTheNextCallAndThenNoMore() {
        try (var loop = VirtualTimeLoop.create()) {
            ask(loop, "point", 2);
            loop.faults().failOnce("point");

            assertThat(ask(loop, "point", 3)).containsExactly(true, false, false);
        }
    }

    @Test
    void failOnceTwiceFiresAtTheNextTwoCalls() {
        try (var loop = VirtualTimeLoop.create()) {
            loop.faults().failOnce("point").failOnce("point");

            assertThat(ask(loop, "point", 3)).containsExactly(true, true, false);
        }
    }

    @Test
    void failAtFiresAtTheCallsChosen() {
        try (var loop = VirtualTimeLoop.create()) {
            loop.faults().failAt("point", 2).failAt("point", 4);

            assertThat(ask(loop, "point", 5)).containsExactly(false, true, false, true, false);
        }
    }

    @Test
    void neverTakesBackAllRulesForAPointAndKeepsItOutOfThoseForAll() {
        try (var loop = VirtualTimeLoop.create()) {
            loop.faults().enableAll(1).failAt("point", 2).delay("point", MILLI, MILLI);
            loop.faults().never("point");

            assertThat(ask(loop, "point", 3)).containsOnly(false);
            assertThat(ask(loop, "other", 3)).containsOnly(true);
        }
    }

    @Test
    void aDelayPassesOnVirtualTimeWithinItsRange() {
        var times = new HashSet<Duration>();
        try (var loop = VirtualTimeLoop.seeded(7)) {
            loop.faults().delay("slow", MILLI.multipliedBy(10), MILLI.multipliedBy(20));
            loop.runUntilComplete(() -> {
                for (var call = 0; call < 20; call++) {
                    var start = loop.time();
                    Fault.point("slow");
                    times.add(Duration.ofNanos(loop.time() - start));
                }
            });
        }

        assertThat(times)
                .hasSizeGreaterThan(10)
                .allSatisfy(time ->
                        assertThat(time).isBetween(MILLI.multipliedBy(10), MILLI.multipliedBy(20)));
    }

    @Test
    void aDelayOfOneLengthTakesExactlyThat() {
        try (var loop = VirtualTimeLoop.create()) {
            loop.faults().delay("slow", Duration.ofHours(1), Duration.ofHours(1));
            loop.runUntilComplete(() -> Fault.point("slow"));

            assertThat(loop.time()).isEqualTo(Duration.ofHours(1).toNanos());
        }
    }

    @Test
    void aPointWithItsOwnExceptionThrowsThatOne() {
        try (var loop = VirtualTimeLoop.create()) {
            loop.faults().failOnce("disk");
            var message =
                    loop.runUntilComplete(() -> {
                        try {
                            Fault.point("disk", () -> new IOException("full"));
                            return "nothing";
                        } catch (IOException failure) {
                            return failure.getMessage();
                        }
                    });

            assertThat(message).isEqualTo("full");
        }
    }

    @Test
    void parallelLoopsDoNotDisturbEachOther() {
        var quiet = new CompletableFuture<List<Boolean>>();
        try (var loud = VirtualTimeLoop.create()) {
            loud.faults().enableAll(1);
            Thread.ofPlatform()
                    .start(() -> {
                        try (var loop = VirtualTimeLoop.create()) {
                            quiet.complete(ask(loop, "point", 1000));
                        } catch (Throwable failure) {
                            quiet.completeExceptionally(failure);
                        }
                    });

            assertThat(ask(loud, "point", 1000)).containsOnly(true);
            assertThat(quiet.join()).containsOnly(false);
            assertThat(loud.faults().report().points())
                    .containsExactly(new FaultReport.Point("point", 1000, 1000, 0));
        }
    }

    @Test
    void theReportSaysWhatWasReachedAndWhatWasNot() {
        try (var loop = VirtualTimeLoop.create()) {
            loop.faults().failAt("b.reached", 2).failOnce("typo").never("another.typo");
            ask(loop, "b.reached", 3);
            ask(loop, "a.without.rule", 1);

            var report = loop.faults().report();
            assertThat(report.points())
                    .containsExactly(
                            new FaultReport.Point("a.without.rule", 1, 0, 0),
                            new FaultReport.Point("b.reached", 3, 1, 0));
            assertThat(report.neverReached()).containsExactly("another.typo", "typo");
            assertThat(report)
                    .asString()
                    .contains("b.reached: reached 3 times, fired once, delayed 0 times")
                    .contains("typo: never reached");
        }
    }

    @Test
    void aListenerHearsOfEachDecisionInOrder() {
        var heard = new ArrayList<String>();
        try (var loop = VirtualTimeLoop.create()) {
            loop.faults().onDecision(event -> heard.add(event.toString()));
            loop.faults().failAt("point", 2).delay("both", MILLI, MILLI).failOnce("both");
            ask(loop, "point", 2);
            assertThatThrownBy(() -> loop.runUntilComplete(() -> Fault.point("both")))
                    .isInstanceOf(InjectedFault.class);
        }

        assertThat(heard)
                .containsExactly("point passes", "point fires", "both waits PT0.001S and fires");
    }

    @Test
    void rulesThatMakeNoSenseAreRefusedWithTheirValues() {
        try (var loop = VirtualTimeLoop.create()) {
            var faults = loop.faults();
            ask(loop, "point", 3);

            assertThatThrownBy(() -> faults.enable("x", 1.5)).hasMessageContaining("1.5");
            assertThatThrownBy(() -> faults.enableAll(-0.1)).hasMessageContaining("-0.1");
            assertThatThrownBy(() -> faults.enableAll(Double.NaN)).hasMessageContaining("NaN");
            assertThatThrownBy(() -> faults.failAt("x", 0)).hasMessageContaining("from 1");
            assertThatThrownBy(() -> faults.failAt("point", 3)).hasMessageContaining("3 times");
            assertThatThrownBy(() -> faults.delay("x", MILLI, Duration.ZERO))
                    .hasMessageContaining("PT0.001S and PT0S");
            assertThatThrownBy(() -> faults.delay("x", MILLI.negated(), MILLI))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThat(faults.report().neverReached()).isEmpty();
        }
    }
}

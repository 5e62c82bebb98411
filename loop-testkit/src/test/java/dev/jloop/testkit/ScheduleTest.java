package dev.jloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jloop.core.Async;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// How many seeds it takes to find bugs that depend on the order of steps.
@Timeout(60)
class ScheduleTest {
    /// Two tasks that pass a barrier in each turn, and three that stand around.
    ///
    /// @param first who has to come first in each turn for the bug to show, `a` or `b`
    /// @return whether it has shown
    private static boolean shows(VirtualTimeLoop loop, String first) {
        var orders = new ArrayList<StringBuilder>();
        first.chars().forEach(_ -> orders.add(new StringBuilder()));
        loop.runUntilComplete(() -> {
            var tasks =
                    List.of("a", "x", "b", "y", "z").stream()
                            .map(name ->
                                    Async.createTask(
                                            () -> {
                                                for (var order : orders) {
                                                    order.append(name);
                                                    Async.yieldNow();
                                                }
                                            },
                                            name))
                            .toList();
            Async.waitAll(tasks);
        });
        return IntStream.range(0, orders.size())
                .allMatch(turn -> {
                    var order = orders.get(turn);
                    var isA = order.indexOf("a") < order.indexOf("b");
                    return isA == (first.charAt(turn) == 'a');
                });
    }

    /// {@return the first seed from 1 on under which the bug shows; `most` + 1 if there is none}
    private static int seedsToFind(String first, Schedule schedule, int most) {
        var length = 0;
        for (var seed = 1; seed <= most; seed++) {
            var plan = RunSchedule.seeded(seed, schedule, 3).forLength(length);
            try (var loop = VirtualTimeLoop.under(plan)) {
                if (shows(loop, first)) {
                    return seed;
                }
                length = Math.max(length, loop.choices().count());
            }
        }
        return most + 1;
    }

    @Test
    void aBugThatNeedsOneUnusualOrderIsFoundByBoth() {
        assertThat(seedsToFind("b", Schedule.RANDOM, 20)).isLessThanOrEqualTo(20);
        assertThat(seedsToFind("b", Schedule.PCT, 20)).isLessThanOrEqualTo(20);
    }

    @Test
    void aBugThatNeedsTwoOrdersIsFoundByBoth() {
        assertThat(seedsToFind("ab", Schedule.RANDOM, 50)).isLessThanOrEqualTo(50);
        assertThat(seedsToFind("ba", Schedule.RANDOM, 50)).isLessThanOrEqualTo(50);
        assertThat(seedsToFind("ab", Schedule.PCT, 50)).isLessThanOrEqualTo(50);
        assertThat(seedsToFind("ba", Schedule.PCT, 50)).isLessThanOrEqualTo(50);
    }

    @Test
    void aBugThatNeedsThreeOrdersIsFoundByBoth() {
        assertThat(seedsToFind("bab", Schedule.RANDOM, 200)).isLessThanOrEqualTo(200);
        // Two changes of the priorities have to hit one place of twenty each.
        assertThat(seedsToFind("bab", Schedule.PCT, 1000)).isLessThanOrEqualTo(1000);
    }

    @Test
    void aTaskThatHasToBeAheadForManyTurnsIsFoundByPrioritiesAndHardlyByChance() {
        assertThat(seedsToFind("b".repeat(15), Schedule.PCT, 20)).isLessThanOrEqualTo(20);
        assertThat(seedsToFind("b".repeat(15), Schedule.RANDOM, 200)).isGreaterThan(200);
        // One change of the priorities in between.
        var change = "b".repeat(8) + "a".repeat(8);
        assertThat(seedsToFind(change, Schedule.PCT, 200)).isLessThanOrEqualTo(200);
        assertThat(seedsToFind(change, Schedule.RANDOM, 200)).isGreaterThan(200);
    }

    /// The task that fell later may come before the one that fell first.
    @Test
    void prioritiesReachOrdersInWhichAFallGoesPastAnEarlierOne() {
        var orders = new HashSet<String>();
        for (var seed = 1; seed <= 3000; seed++) {
            var order = new StringBuilder();
            try (var loop =
                    VirtualTimeLoop.under(RunSchedule.seeded(seed, Schedule.PCT, 3).forLength(9))) {
                loop.runUntilComplete(() ->
                        Async.waitAll(
                                Stream.of("A", "B", "C")
                                        .map(name ->
                                                Async.createTask(
                                                        () -> {
                                                            for (var i = 0; i < 3; i++) {
                                                                order.append(name);
                                                                Async.yieldNow();
                                                            }
                                                        },
                                                        name))
                                        .toList()));
            }
            orders.add(order.toString());
        }
        assertThat(orders).contains("ABCBCACBA");
    }

    @Test
    void prioritiesWorkWithoutKnowingHowLongARunIs() {
        var found = 0;
        for (var seed = 1; seed <= 100; seed++) {
            try (var loop = VirtualTimeLoop.seeded(seed, Schedule.PCT)) {
                found += shows(loop, "b".repeat(15)) ? 1 : 0;
            }
        }
        assertThat(found).isBetween(15, 60);
    }

    @Test
    void callbacksKeepTheirOrderUnderPrioritiesToo() {
        for (var seed = 0; seed < 20; seed++) {
            var calls = new ArrayList<Integer>();
            try (var loop = VirtualTimeLoop.seeded(seed, Schedule.PCT)) {
                for (var number = 0; number < 10; number++) {
                    var mine = number;
                    loop.callSoon(() -> calls.add(mine));
                    loop.createTask(() -> Async.yieldNow());
                }
                loop.runReady();
            }
            assertThat(calls).isEqualTo(IntStream.range(0, 10).boxed().toList());
        }
    }

    @Test
    void recordedChoicesMakeTheSameRunAgain() {
        var seeded = RunSchedule.seeded(5, Schedule.RANDOM, 3).watchedClosely();
        try (var first = VirtualTimeLoop.under(seeded)) {
            shows(first, "bab");
            var text = RecordedChoices.of(first.choices().entries()).toString();
            try (var second = VirtualTimeLoop.under(seeded.as(text))) {
                shows(second, "bab");

                assertThat(second.trace().hash()).isEqualTo(first.trace().hash());
            }
        }
    }
}

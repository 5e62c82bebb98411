package dev.jloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What seeds mean, and what the runs after a failure say. Runs [PlantedSeeds].
@Timeout(60)
class SeededCyclesTest {
    @Test
    void theRandomNumbersOfATestSayNothingAboutItsSchedule() {
        PlantedSeeds.CoinAndRace.SEEN.clear();

        PlantedRun.of(PlantedSeeds.CoinAndRace.class, Map.of())
                .assertStatistics(counts -> counts.succeeded(2));

        assertThat(PlantedSeeds.CoinAndRace.SEEN)
                .containsExactly(
                        "false ab",
                        "false ba",
                        "pct false ab",
                        "pct false ba",
                        "pct true ab",
                        "pct true ba",
                        "true ab",
                        "true ba");
    }

    @Test
    void anAssumptionThatFailsUnderOneSeedDoesNotHideTheOthers() {
        PlantedSeeds.AbortedUnderOne.RAN.clear();

        assertThat(
                        PlantedRun.message(
                                PlantedSeeds.AbortedUnderOne.class, Map.of("jloop.shrink", "0")))
                .contains("-Djloop.seed=5");
        assertThat(PlantedSeeds.AbortedUnderOne.RAN).containsExactly(1L, 2L, 3L, 4L, 5L);

        PlantedRun.of(PlantedSeeds.AbortedUnderOneOfThree.class, Map.of())
                .assertStatistics(counts -> counts.succeeded(1));
    }

    @Test
    void theOptionsToReplayNameTheOrderWhereItIsNotThatOfTheTest() {
        var failure =
                PlantedRun.message(
                        PlantedSeeds.UnderPriorities.class,
                        Map.of("jloop.schedule", "random", "jloop.shrink", "0"));
        assertThat(failure).contains("-Djloop.schedule=random");

        var replayed =
                PlantedRun.message(
                        PlantedSeeds.UnderPriorities.class,
                        Map.of(
                                "jloop.seed",
                                PlantedRun.find("-Djloop\\.seed=(\\d+)", failure),
                                "jloop.schedule",
                                PlantedRun.find("-Djloop\\.schedule=(\\w+)", failure)));
        assertThat(PlantedRun.find("trace hash (\\w+)", replayed))
                .isEqualTo(PlantedRun.find("trace hash (\\w+)", failure));
    }

    @Test
    void aBodyThatFailsTheSameWayIsRepeatableWhateverItsCleanUpDoes() {
        PlantedSeeds.DiffersAtTheEnd.runs = 0;

        assertThat(PlantedRun.message(PlantedSeeds.DiffersAtTheEnd.class, Map.of()))
                .contains("failed again with the same trace")
                .doesNotContain("not exactly repeatable");
    }

    @Test
    void aFailureAtTheEndIsNotRepeatableIfTheEndDiffersAndBothHashesAreTold() {
        PlantedSeeds.LeaksDifferently.runs = 0;

        var failure = PlantedRun.message(PlantedSeeds.LeaksDifferently.class, Map.of());

        assertThat(failure).contains("not exactly repeatable");
        assertThat(PlantedRun.find("\\(trace hash (\\w+)\\)", failure))
                .isNotEqualTo(PlantedRun.find("with trace hash (\\w+)", failure));
    }

    @Test
    void aSecondRunThatIsInterruptedOrAbortedSaysNothingAboutDeterminism() {
        PlantedSeeds.SecondInterrupted.runs = 0;
        assertThat(PlantedRun.failure(PlantedSeeds.SecondInterrupted.class, Map.of()))
                .isInstanceOf(InterruptedException.class);

        PlantedSeeds.SecondAborted.runs = 0;
        PlantedRun.of(PlantedSeeds.SecondAborted.class, Map.of())
                .assertStatistics(counts -> counts.aborted(1));
    }

    @Test
    void aSecondRunWithTheSameTraceAndAnotherOutcomeIsCalledSo() {
        PlantedSeeds.SecondFails.runs = 0;

        assertThat(PlantedRun.message(PlantedSeeds.SecondFails.class, Map.of()))
                .contains("same trace", "another outcome", "the second time")
                .doesNotContain("no more were kept");
    }

    @Test
    void eachRunAfterAFailureHasWhatIsLeftOfTenSeconds() throws Throwable {
        var schedule = RunSchedule.seeded(1, Schedule.RANDOM, 3).watchedClosely();
        var settings =
                new RunSettings(
                        Duration.ofSeconds(30), Optional.empty(), false, false, List.of(), false);
        var run = new LoopRun(schedule, settings, "a test", new Strays());
        try {
            run.runBody(() -> {
                throw new IllegalStateException("the body fails");
            });
        } catch (IllegalStateException failure) {
            run.finish(true);
            var granted = new ArrayList<Duration>();
            var failed = new RunOutcome(run, failure, 1);
            var findings =
                    FollowUp.of(
                            failed,
                            5,
                            (_, most) -> {
                                granted.add(most);
                                return failed;
                            });

            assertThat(findings).contains("failed again with the same trace");
            assertThat(granted).hasSize(2).isSortedAccordingTo(Comparator.reverseOrder());
            assertThat(granted.getFirst()).isLessThanOrEqualTo(Duration.ofSeconds(10));
        }
        assertThat(settings.within(Duration.ofSeconds(3)).timeout())
                .isEqualTo(Duration.ofSeconds(3));
        assertThat(settings.within(Duration.ofSeconds(40)).timeout())
                .isEqualTo(Duration.ofSeconds(30));
    }

    @Test
    void anOrderBySeedWithoutASeedTakesTheFirst() {
        PlantedSeeds.WithoutSeeds.SEEN.clear();
        for (var schedule : new String[] {"pct", "random", "fifo", ""}) {
            PlantedRun.of(PlantedSeeds.WithoutSeeds.class, Map.of("jloop.schedule", schedule));
        }

        var seen = PlantedSeeds.WithoutSeeds.SEEN;
        assertThat(seen.subList(0, 2)).allSatisfy(run -> assertThat(run).contains("[1]"));
        assertThat(seen.subList(2, 4)).containsOnly("OptionalLong.empty abcd");
    }

    @Test
    void aPropertyThatMakesNoSenseIsNamed() {
        assertThat(
                        PlantedRun.message(
                                PlantedSeeds.WithoutSeeds.class,
                                Map.of("jloop.checkDeterminism", "maybe")))
                .contains("jloop.checkDeterminism", "'maybe'", "true or false");
        for (var text : new String[] {"-1", "4294967296", "many"}) {
            assertThat(
                            PlantedRun.message(
                                    PlantedSeeds.WithoutSeeds.class, Map.of("jloop.shrink", text)))
                    .contains("jloop.shrink", "'" + text + "'");
        }
    }
}

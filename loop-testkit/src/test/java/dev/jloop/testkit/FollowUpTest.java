package dev.jloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.testkit.engine.EngineTestKit;

import java.util.Map;
import java.util.regex.Pattern;

/// What the kit finds out about schedules by running a test again. Runs [PlantedCases].
@Timeout(60)
class FollowUpTest {
    private static String failureOf(Class<?> planted, Map<String, String> properties) {
        var events =
                EngineTestKit.engine("junit-jupiter")
                        .configurationParameters(properties)
                        .selectors(DiscoverySelectors.selectClass(planted))
                        .execute()
                        .testEvents();
        events.assertStatistics(counts -> counts.started(1).failed(1));
        return String.valueOf(
                events.failed().stream()
                        .map(event -> event.getRequiredPayload(TestExecutionResult.class))
                        .findFirst()
                        .flatMap(TestExecutionResult::getThrowable)
                        .orElseThrow()
                        .getMessage());
    }

    private static String find(String pattern, String text) {
        var found = Pattern.compile(pattern).matcher(text);
        assertThat(found.find()).as("%s in %s", pattern, text).isTrue();
        return found.group(1);
    }

    @Test
    void aLostWakeUpIsFoundAndReplaysExactlyFromItsSeed() {
        var failure = failureOf(PlantedCases.LostWakeUp.class, Map.of());
        var seed = find("-Djloop\\.seed=(\\d+)", failure);
        var hash = find("trace hash ([0-9a-f]{16})", failure);

        assertThat(failure).contains("DeadlockException", "failed again with the same trace");
        for (var replay = 0; replay < 3; replay++) {
            assertThat(failureOf(PlantedCases.LostWakeUp.class, Map.of("jloop.seed", seed)))
                    .contains("seed " + seed, "trace hash " + hash);
        }
    }

    @Test
    void aFailingScheduleIsShortenedToTheChoicesThatMatter() {
        var failure = failureOf(PlantedCases.OrderDependent.class, Map.of());
        var choices = find("-Djloop\\.schedule=(\\S+)", failure);

        assertThat(failure).contains("in 1 of ").contains("goes before task");
        assertThat(choices).matches("\\d+:\\d+");
        assertThat(
                        failureOf(
                                PlantedCases.OrderDependent.class,
                                Map.of(
                                        "jloop.seed",
                                        find("-Djloop\\.seed=(\\d+)", failure),
                                        "jloop.schedule",
                                        choices)))
                .contains("-Djloop.schedule=" + choices);
    }

    @Test
    void aShortenedDeadlockIsStillOne() {
        var choices =
                find(
                        "-Djloop\\.schedule=(\\S+)",
                        failureOf(PlantedCases.LostWakeUp.class, Map.of()));

        assertThat(choices).as("the consumer goes before the producer").matches("\\d+:\\d+");
        assertThat(failureOf(PlantedCases.LostWakeUp.class, Map.of("jloop.schedule", choices)))
                .contains("DeadlockException", "consumer");
    }

    @Test
    void theLastEventsBeforeTheFailureAreTold() {
        assertThat(failureOf(PlantedCases.LostWakeUp.class, Map.of("jloop.shrink", "0")))
                .contains("The last events before the end of the body:")
                .containsPattern("at PT0S  task #\\d+ consumer");
    }

    @Test
    void anInterruptedTestIsNotRunAgain() {
        PlantedCases.InterruptedReplay.runs = 0;

        assertThat(failureOf(PlantedCases.InterruptedReplay.class, Map.of()))
                .contains("interrupted");

        assertThat(PlantedCases.InterruptedReplay.runs).isEqualTo(2);
    }

    @Test
    void shorteningCanBeSwitchedOff() {
        assertThat(failureOf(PlantedCases.OrderDependent.class, Map.of("jloop.shrink", "0")))
                .contains("-Djloop.seed=")
                .doesNotContain("shortest");
    }

    @Test
    void aFailureThatDoesNotComeAgainIsCalledSo() {
        assertThat(failureOf(PlantedCases.StaticState.class, Map.of()))
                .contains("not exactly repeatable", "the test passed", "static state");
    }

    @Test
    void aTestThatDependsOnIdentityHashCodesIsShownWhereItsRunsPart() {
        assertThat(failureOf(PlantedCases.IdentityOrder.class, Map.of()))
                .contains("not deterministic", "They part at event", "worker", "HashMap");
    }

    @Test
    void determinismCanBeCheckedForAllTests() {
        PlantedCases.SameOrder.runs = 0;
        var events =
                EngineTestKit.engine("junit-jupiter")
                        .configurationParameter("jloop.seed", "5")
                        .selectors(DiscoverySelectors.selectClass(PlantedCases.SameOrder.class))
                        .execute()
                        .testEvents();
        events.assertStatistics(counts -> counts.started(1).succeeded(1));
        assertThat(PlantedCases.SameOrder.runs).isEqualTo(2);

        var failure =
                failureOf(
                        PlantedCases.PlainIdentityOrder.class,
                        Map.of("jloop.checkDeterminism", "true"));
        assertThat(failure).contains("not deterministic");
    }

    @Test
    void aScheduleOfPrioritiesNamesTheOptionThatReplaysIt() {
        var failure = failureOf(PlantedCases.LastOfMany.class, Map.of("jloop.shrink", "0"));
        var seed = find("-Djloop\\.seed=(\\d+)", failure);
        var schedule = find("-Djloop\\.schedule=(pct:2\\S*)", failure);
        var hash = find("trace hash ([0-9a-f]{16})", failure);

        assertThat(
                        failureOf(
                                PlantedCases.LastOfMany.class,
                                Map.of("jloop.seed", seed, "jloop.schedule", schedule)))
                .contains("trace hash " + hash);
    }

    @Test
    void aScheduleThatMakesNoSenseIsNamed() {
        for (var text : new String[] {"lucky", "pct:0", "3", "3:-1", "pct:x"}) {
            assertThat(failureOf(PlantedCases.OrderDependent.class, Map.of("jloop.schedule", text)))
                    .contains("jloop.schedule", "'" + text + "'");
        }
    }
}

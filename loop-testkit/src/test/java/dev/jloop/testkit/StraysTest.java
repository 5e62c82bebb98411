package dev.jloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Event;
import org.junit.platform.testkit.engine.Events;

import java.util.List;

/// What comes from a loop after its test. Runs [PlantedStrays].
@Timeout(60)
class StraysTest {
    private static EngineExecutionResults run(Class<?> planted) {
        return EngineTestKit.engine("junit-jupiter")
                .selectors(DiscoverySelectors.selectClass(planted))
                .execute();
    }

    private static List<Throwable> failures(Events events) {
        return events.failed().stream().map(StraysTest::thrownIn).toList();
    }

    private static Throwable thrownIn(Event event) {
        return event.getRequiredPayload(TestExecutionResult.class).getThrowable().orElseThrow();
    }

    private static String nameOf(Class<?> planted) {
        return planted.getName() + "#reportsWhenItIsOver";
    }

    @Test
    void aFailureAfterTheEndOfATestFailsTheNextOneWithTheNameOfTheFirst() {
        var results = run(PlantedStrays.WithATestAfterIt.class);
        results.testEvents().assertStatistics(counts -> counts.succeeded(2).failed(1));
        results.containerEvents().assertStatistics(counts -> counts.failed(0));
        assertThat(failures(results.testEvents()))
                .singleElement()
                .satisfies(failure ->
                        assertThat(failure)
                                .isInstanceOf(AssertionError.class)
                                .hasMessageContaining(
                                        nameOf(PlantedStrays.WithATestAfterIt.class)
                                                + ":%n    too late".formatted())
                                .hasRootCauseMessage("planted"));
        assertThat(results.testEvents().failed().list())
                .singleElement()
                .satisfies(event ->
                        assertThat(event.getTestDescriptor().getDisplayName())
                                .startsWith("isNotToBlame"));
    }

    @Test
    void whereNoTestFollowsTheClassFails() {
        var results = run(PlantedStrays.AtTheEndOfTheClass.class);
        results.testEvents().assertStatistics(counts -> counts.succeeded(1).failed(0));
        assertThat(failures(results.containerEvents()))
                .singleElement()
                .satisfies(failure ->
                        assertThat(failure)
                                .hasStackTraceContaining(
                                        nameOf(PlantedStrays.AtTheEndOfTheClass.class)
                                                + ":%n    too late".formatted()));
    }

    @Test
    void aRunUnderAnotherSeedTellsOfTheRunBefore() {
        assertThat(failures(run(PlantedStrays.FromOneSeedToTheNext.class).testEvents()))
                .singleElement()
                .satisfies(failure ->
                        assertThat(failure)
                                .hasStackTraceContaining(
                                        nameOf(PlantedStrays.FromOneSeedToTheNext.class)
                                                + " under the schedule of seed 1:%n    too late"
                                                        .formatted()));
    }

    @Test
    void aTestThatFailsByItselfLeavesThemToTheNext() {
        var failures = failures(run(PlantedStrays.BehindATestThatFails.class).testEvents());
        assertThat(failures).hasSize(2);
        assertThat(failures.getFirst()).hasMessage("its own failure");
        assertThat(failures.getLast())
                .hasMessageContaining(nameOf(PlantedStrays.BehindATestThatFails.class));
    }
}

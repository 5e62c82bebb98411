package dev.jloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;

import dev.jloop.core.LoopException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Event;
import org.junit.platform.testkit.engine.Events;
import org.slf4j.LoggerFactory;

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
    void aTestUnderSeedsThatTellsOfThemIsNotRunAgainAndNotBlamed() {
        assertThat(failures(run(PlantedStrays.FromOneSeedToTheNext.class).testEvents()))
                .singleElement()
                .satisfies(failure ->
                        assertThat(failure.toString())
                                .contains("what is named here is to blame")
                                .doesNotContain("run it alone")
                                .doesNotContain("repeatable")
                                .doesNotContain("replayed"));
    }

    @Test
    void runsThatLookIntoAFailureLeaveThemToTheNext() {
        PlantedStrays.WhileAFailureIsLookedInto.runs = 0;
        var results = run(PlantedStrays.WhileAFailureIsLookedInto.class);
        assertThat(failures(results.testEvents()))
                .singleElement()
                .satisfies(failure ->
                        assertThat(failure)
                                .hasMessageContaining("its own failure")
                                .hasMessageContaining("the test passed"));
        assertThat(failures(results.containerEvents()))
                .singleElement()
                .satisfies(failure -> assertThat(failure).hasStackTraceContaining("too late"));
    }

    @Test
    void whatEndsALoopThatATestHasLeftBehindIsToldWithItsName() {
        var results = run(PlantedStrays.AbandonedAndThrows.class);
        results.testEvents().assertStatistics(counts -> counts.failed(1));
        assertThat(failures(results.containerEvents()))
                .singleElement()
                .satisfies(failure ->
                        assertThat(failure)
                                .hasStackTraceContaining(
                                        nameOf(PlantedStrays.AbandonedAndThrows.class))
                                .hasStackTraceContaining("ends the loop"));
    }

    @Test
    void whatComesAfterTheEndOfTheClassIsLoggedAsAnErrorWithTheNameOfItsTest() {
        var logger = (Logger) LoggerFactory.getLogger("dev.jloop.testkit");
        var lines = new ListAppender<ILoggingEvent>();
        lines.start();
        logger.addAppender(lines);
        try {
            var strays = new Strays();
            strays.close();
            strays.add(
                    "ATest#body",
                    LoopException.of("much too late", new IllegalStateException("planted")));
            assertThat(strays.takeAsFailure()).isNull();
        } finally {
            logger.detachAppender(lines);
        }
        assertThat(lines.list)
                .singleElement()
                .satisfies(line -> {
                    assertThat(line.getLevel()).isEqualTo(Level.ERROR);
                    assertThat(line.getFormattedMessage()).contains("ATest#body", "much too late");
                    assertThat(line.getThrowableProxy().getMessage()).isEqualTo("planted");
                });
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

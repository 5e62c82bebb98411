package dev.jloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.platform.engine.TestExecutionResult;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// Nothing gets lost when a test ends, in whatever way. Runs [PlantedEndings].
@Timeout(60)
class RunEndingTest {
    @AfterAll
    static void endWhatWasLeft() {
        PlantedEndings.ThreadOfACallback.RELEASE.countDown();
    }

    @Test
    void theLongestTimeoutIsOne() {
        PlantedEndings.LongestTimeout.ran = 0;

        PlantedRun.of(PlantedEndings.LongestTimeout.class, Map.of())
                .assertStatistics(counts -> counts.succeeded(1));

        assertThat(PlantedEndings.LongestTimeout.ran).isEqualTo(1);
    }

    @Test
    void aLeakedTaskThatDoesNotEndIsReportedAsALeakToo() {
        Throwable endless;
        try {
            endless = PlantedRun.failure(PlantedEndings.LeakThatDoesNotEnd.class, Map.of());
        } finally { // with baton it may have the only carrier of this JVM
            PlantedEndings.LeakThatDoesNotEnd.released = true;
        }
        assertThat(endless).hasMessageContaining("not done after 300 ms");
        assertThat(endless.getSuppressed())
                .singleElement()
                .satisfies(leak ->
                        assertThat(leak)
                                .hasMessageContaining("still pending")
                                .hasMessageContaining("LeakThatDoesNotEnd.startTask"));

        var stubborn = PlantedRun.failure(PlantedEndings.LeakThatRefusesToEnd.class, Map.of());
        assertThat(stubborn).isInstanceOf(DeadlockException.class);
        assertThat(stubborn.getSuppressed())
                .singleElement()
                .satisfies(leak ->
                        assertThat(leak).hasMessageContaining("LeakThatRefusesToEnd.startTask"));
    }

    @Test
    void whatTheBodyThrowsAfterItWasGivenUpIsSuppressedInTheFailure() {
        assertThatEachTellsOfItsCleanUpOnce(Map.of());
    }

    @Test
    void itIsSuppressedOnceWhereARunIsFinishedTwiceAsUnderSeeds() {
        assertThatEachTellsOfItsCleanUpOnce(
                Map.of("jloop.checkDeterminism", "true", "jloop.shrink", "0"));
    }

    private static void assertThatEachTellsOfItsCleanUpOnce(Map<String, String> properties) {
        var events = PlantedRun.of(PlantedEndings.FailsWhileItIsCancelled.class, properties);

        events.assertStatistics(counts -> counts.started(4).failed(4));
        assertThat(events.failed().stream())
                .allSatisfy(event -> {
                    var failure =
                            event.getRequiredPayload(TestExecutionResult.class)
                                    .getThrowable()
                                    .orElseThrow();
                    assertThat(Arrays.stream(failure.getSuppressed()).map(Throwable::getMessage))
                            .as(failure.getMessage())
                            .containsExactly("from the clean-up");
                });
    }

    @Test
    void theCancellationByTheKitItselfIsNotToldAgain() {
        var events = PlantedRun.of(PlantedEndings.CancelledByTheKit.class, Map.of());

        events.assertStatistics(counts -> counts.started(2).failed(2));
        assertThat(events.failed().stream())
                .allSatisfy(event ->
                        assertThat(
                                        event.getRequiredPayload(TestExecutionResult.class)
                                                .getThrowable()
                                                .orElseThrow()
                                                .getSuppressed())
                                .isEmpty());
    }

    @Test
    void aThreadThatACallbackHasStartedIsReportedInParallelRunsToo() {
        // With baton a callback runs on a virtual thread, whose threads nobody can tell apart.
        var baton = "baton".equals(System.getProperty("jloop.engine"));
        for (var parallel : baton ? List.of("false") : List.of("false", "true")) {
            var failure =
                    PlantedRun.message(
                            PlantedEndings.ThreadOfACallback.class,
                            Map.of("junit.jupiter.execution.parallel.enabled", parallel));

            assertThat(failure).contains("forgotten", "ThreadOfACallback.waitForRelease");
        }
    }

    @Test
    void aTimerWhoseTaskCleansUpAndForgetsItIsALeak() {
        assertThat(PlantedRun.message(PlantedEndings.TimerOfATaskThatCleansUp.class, Map.of()))
                .contains("due at PT24H", "TimerOfATaskThatCleansUp.setTimer")
                .doesNotContain("tasks were still pending");
    }

    @Test
    void eachInvocationAndEachOverloadedTestHasAPictureOfItsOwn() throws IOException {
        var folder = Path.of("target", "jloop-timelines");
        var test = "dev.jloop.testkit.PlantedEndings_Pictures.";

        PlantedRun.of(PlantedEndings.Pictures.class, Map.of())
                .assertStatistics(counts -> counts.started(4).failed(4));

        assertThat(Files.readString(folder.resolve(test + "fails-invocation1.svg")))
                .contains("one")
                .doesNotContain("two");
        assertThat(Files.readString(folder.resolve(test + "fails-invocation2.svg")))
                .contains("two");
        assertThat(Files.readString(folder.resolve(test + "overloaded-Recorder.svg")))
                .contains("alone");
        assertThat(
                        Files.readString(
                                folder.resolve(test + "overloaded-Recorder-VirtualTimeLoop.svg")))
                .contains("with a loop");
    }

    @Test
    void aFailureThatReachedTheHandlerIsLaidOutInLines() {
        assertThat(PlantedRun.message(PlantedEndings.FailingCallback.class, Map.of()).lines())
                .anySatisfy(line ->
                        assertThat(line)
                                .isEqualTo(
                                        "        java.lang.IllegalStateException: from the"
                                                + " callback"))
                .anySatisfy(line ->
                        assertThat(line)
                                .startsWith("        created at ")
                                .contains("PlantedEndings$FailingCallback.schedule"))
                .noneSatisfy(line -> assertThat(line).contains("created here"));
    }

    @Test
    void whatRunsATestIsNotShownBelowIt() {
        assertThat(PlantedRun.message(PlantedEndings.DeadlockInTheBody.class, Map.of()))
                .contains("PlantedEndings$DeadlockInTheBody.deadlocks")
                .doesNotContain("org.junit")
                .doesNotContain("LoopRun");
    }
}

package dev.jloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jloop.core.InjectedFault;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Event;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// What makes a `@LoopTest` fail, and what the failure says. Runs [PlantedCases].
@Timeout(60)
class LoopTestExtensionTest {
    private static EngineExecutionResults run(Class<?> planted) {
        return EngineTestKit.engine("junit-jupiter")
                .selectors(DiscoverySelectors.selectClass(planted))
                .execute();
    }

    private static EngineExecutionResults replay(Class<?> planted, String seed) {
        return EngineTestKit.engine("junit-jupiter")
                .configurationParameter("jloop.seed", seed)
                .selectors(DiscoverySelectors.selectClass(planted))
                .execute();
    }

    private static Throwable failureOf(EngineExecutionResults results) {
        results.testEvents().assertStatistics(counts -> counts.started(1).failed(1));
        return results.testEvents().failed().stream()
                .map(LoopTestExtensionTest::thrownIn)
                .findFirst()
                .orElseThrow();
    }

    private static Throwable thrownIn(Event event) {
        return event.getRequiredPayload(TestExecutionResult.class).getThrowable().orElseThrow();
    }

    @Test
    void whatTheBodyThrowsFailsTheTestUnchanged() {
        assertThat(failureOf(run(PlantedCases.FailingAssertion.class)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("expected: 2");
        assertThat(failureOf(run(PlantedCases.CheckedException.class)))
                .isInstanceOf(java.io.IOException.class)
                .hasMessage("checked");
    }

    @Test
    void aFailureOnASimulatedNetworkStaysWhatItIsAndHasItsHostsAndPackets() {
        assertThat(failureOf(run(PlantedCases.FailingOnASimulatedNetwork.class)))
                .isInstanceOf(IOException.class)
                .hasMessage("on a network")
                .satisfies(failure ->
                        assertThat(failure.getSuppressed())
                                .singleElement()
                                .asString()
                                .contains("simulated network at PT0S", "host other 10.0.0.2"));
    }

    @Test
    void anAssumptionThatDoesNotHoldAbortsTheTest() {
        run(PlantedCases.Aborted.class)
                .testEvents()
                .assertStatistics(counts -> counts.started(1).aborted(1));
    }

    @Test
    void aRunThatWasRecordedAndFailsLeavesAPictureThatTheFailureNames() throws IOException {
        var file =
                Path.of(
                        "target",
                        "jloop-timelines",
                        "dev.jloop.testkit.PlantedCases_RecordedFailure.fails-seed2.svg");
        Files.deleteIfExists(file);

        assertThat(failureOf(run(PlantedCases.RecordedFailure.class)))
                .hasMessageContaining("seed 2")
                .hasMessageContaining("Timeline: " + file);
        assertThat(Files.readString(file))
                .contains("here it fails")
                .contains("seed 2, 1 s of virtual time")
                .contains("RecordedFailure.fails");
    }

    @Test
    void aLeakOfARecordedRunIsInThePictureToo() throws IOException {
        var file =
                Path.of(
                        "target",
                        "jloop-timelines",
                        "dev.jloop.testkit.PlantedCases_RecordedLeak.leaks.svg");
        Files.deleteIfExists(file);

        assertThat(failureOf(run(PlantedCases.RecordedLeak.class)))
                .hasMessageContaining("still pending")
                .hasMessageContaining("Timeline: " + file);
        assertThat(Files.readString(file)).contains("forgotten");
    }

    @Test
    void aFailureWithFaultsTellsWhichPointsDidWhatAndWhichNamesWereNeverReached() {
        assertThat(failureOf(run(PlantedCases.FaultInjected.class)))
                .hasMessageContaining("disk.write: reached once, fired once")
                .hasMessageContaining("disk.wrote: never reached")
                .hasRootCauseInstanceOf(InjectedFault.class);
    }

    @Test
    void aTaskStillPendingIsALeakThatIsNamed() {
        assertThat(failureOf(run(PlantedCases.LeakedTask.class)))
                .hasMessageContaining("still pending")
                .hasMessageContaining("forgotten")
                .hasMessageContaining("PlantedCases");
    }

    @Test
    void aGeneratorThatWasLeftEarlyIsNoLeakAndIsClosed() {
        PlantedCases.GeneratorLeftEarly.cleanedUp = false;

        run(PlantedCases.GeneratorLeftEarly.class)
                .testEvents()
                .assertStatistics(counts -> counts.started(1).succeeded(1));

        assertThat(PlantedCases.GeneratorLeftEarly.cleanedUp).isTrue();
    }

    @Test
    void aGeneratorThatFailsToCleanUpFailsTheTest() {
        assertThat(failureOf(run(PlantedCases.GeneratorThatFailsToCleanUp.class)))
                .hasMessageContaining("generator failed while it was closed")
                .cause()
                .hasMessage("from the clean-up");
    }

    @Test
    void aCancelledTaskThatStillCleansUpIsNoLeak() {
        PlantedCases.CancelledTaskThatCleansUp.cleanedUp = false;

        run(PlantedCases.CancelledTaskThatCleansUp.class)
                .testEvents()
                .assertStatistics(counts -> counts.started(1).succeeded(1));

        assertThat(PlantedCases.CancelledTaskThatCleansUp.cleanedUp).isTrue();
    }

    @Test
    void underSeedsEachAfterEachMethodIsCalledThoughAnotherFails() {
        PlantedCases.TwoFailingAfterEach.CALLS.clear();

        run(PlantedCases.TwoFailingAfterEach.class);

        assertThat(PlantedCases.TwoFailingAfterEach.CALLS).contains("one", "two");
    }

    @Test
    void eachRepetitionRunsOnALoopOfItsOwn() {
        PlantedCases.AlsoRepeated.EVENTS.clear();

        run(PlantedCases.AlsoRepeated.class)
                .testEvents()
                .assertStatistics(counts -> counts.started(2).succeeded(2).skipped(1));

        assertThat(PlantedCases.AlsoRepeated.EVENTS)
                .isEqualTo(List.of("1 at 86400000000000", "2 at 86400000000000"));
    }

    @Test
    void eachInvocationOfAParameterizedTestRunsOnALoopOfItsOwn() {
        PlantedCases.AlsoParameterized.EVENTS.clear();

        run(PlantedCases.AlsoParameterized.class)
                .testEvents()
                .assertStatistics(counts -> counts.started(3).succeeded(2).failed(1));

        assertThat(PlantedCases.AlsoParameterized.EVENTS)
                .isEqualTo(List.of("a at 0", "b at 0", "c at 0"));
    }

    @Test
    void eachInvocationOfAParameterizedTestRunsUnderAllSeeds() {
        PlantedCases.AlsoParameterizedWithSeeds.EVENTS.clear();

        var events = run(PlantedCases.AlsoParameterizedWithSeeds.class).testEvents();

        events.assertStatistics(counts -> counts.started(2).succeeded(1).failed(1));
        assertThat(events.failed().stream().map(LoopTestExtensionTest::thrownIn))
                .singleElement()
                .satisfies(failure ->
                        assertThat(failure)
                                .hasMessageContaining("-Djloop.seed=2")
                                .hasMessageContaining("forgotten"));
        // After the failure come its replays.
        var runs = PlantedCases.AlsoParameterizedWithSeeds.EVENTS;
        assertThat(runs).startsWith("a1 1", "a1 2", "b2 1", "b2 2");
        assertThat(runs.subList(4, runs.size())).containsOnly("b2 2");
    }

    @Test
    void realSocketsAndASimulatedNetworkTogetherAreRefused() {
        assertThat(failureOf(run(PlantedCases.RealSocketsAndASimulatedNetwork.class)))
                .hasMessageContainingAll("realSockets = true", "leave out one of the two");
    }

    @Test
    void aFactoryOfTestsIsRefused() {
        var failures =
                EngineTestKit.engine("junit-jupiter")
                        .selectors(DiscoverySelectors.selectClass(PlantedCases.AlsoAFactory.class))
                        .execute()
                        .allEvents()
                        .failed()
                        .stream()
                        .map(LoopTestExtensionTest::thrownIn)
                        .map(Throwable::getMessage)
                        .toList();

        assertThat(failures).anySatisfy(text -> assertThat(text).contains("@TestFactory"));
    }

    @Test
    void testsInParallelHaveLoopsOfTheirOwnAndDoNotBlameOneAnotherForThreads() {
        try {
            EngineTestKit.engine("junit-jupiter")
                    .configurationParameter("junit.jupiter.execution.parallel.enabled", "true")
                    .configurationParameter(
                            "junit.jupiter.execution.parallel.mode.default", "concurrent")
                    .configurationParameter(
                            "junit.jupiter.execution.parallel.config.strategy", "fixed")
                    .configurationParameter(
                            "junit.jupiter.execution.parallel.config.fixed.parallelism", "2")
                    .selectors(DiscoverySelectors.selectClass(PlantedCases.MeetingInParallel.class))
                    .execute()
                    .testEvents()
                    .assertStatistics(counts -> counts.started(2).succeeded(2));
        } finally {
            PlantedCases.MeetingInParallel.RELEASE.countDown();
        }
    }

    @Test
    void aTaskThatAnAfterEachMethodEndsIsNoLeak() {
        run(PlantedCases.LeakEndedByAfterEach.class)
                .testEvents()
                .assertStatistics(counts -> counts.started(1).succeeded(1));
    }

    @Test
    void aTaskThatCannotBeEndedFailsTheTestToo() {
        assertThat(failureOf(run(PlantedCases.TaskThatRefusesToEnd.class)))
                .isInstanceOf(DeadlockException.class)
                .hasMessageContaining("stubborn");
    }

    @Test
    void aFailingCallbackFailsTheTest() {
        assertThat(failureOf(run(PlantedCases.FailingCallback.class)))
                .hasMessageContaining("exception handler")
                .rootCause()
                .hasMessage("from the callback");
    }

    @Test
    void anExceptionThatNobodyLooksAtFailsTheTest() {
        assertThat(failureOf(run(PlantedCases.ExceptionNobodyLooksAt.class)))
                .hasMessageContaining("never looked at")
                .rootCause()
                .hasMessage("unseen");
        assertThat(failureOf(run(PlantedCases.FailingBackgroundTask.class)))
                .rootCause()
                .hasMessage("behind the scenes");
    }

    @Test
    void whatElseFailedIsSuppressedInTheFailureOfTheBody() {
        var failure = failureOf(run(PlantedCases.FailingBodyAndChild.class));

        assertThat(failure).hasMessage("the consequence");
        assertThat(failure.getSuppressed())
                .singleElement()
                .satisfies(other -> assertThat(other).rootCause().hasMessage("the reason"));
    }

    @Test
    void aDeadlockFailsTheTest() {
        assertThat(failureOf(run(PlantedCases.Deadlock.class)))
                .isInstanceOf(DeadlockException.class)
                .hasMessageContaining("#1 test: waits 0 ms for a future")
                .hasMessageContaining("PlantedCases$Deadlock.waits");
    }

    @Test
    void aTestWithoutAnEndIsCancelledAndItsTasksAreListed() {
        PlantedCases.EndlessTimers.EVENTS.clear();

        assertThat(failureOf(run(PlantedCases.EndlessTimers.class)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("not done after 200 ms")
                .hasMessageContaining("PlantedCases$EndlessTimers.ticks");
        assertThat(PlantedCases.EndlessTimers.EVENTS).isEqualTo(List.of("cleaned up"));
    }

    @Test
    void aTestThatBlocksTheLoopIsLeftBehindWithTheStackOfTheCulprit() {
        try {
            assertThat(failureOf(run(PlantedCases.StuckLoop.class)))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("not done after 200 ms")
                    .hasMessageContaining("goes on by itself")
                    .hasMessageContaining("PlantedCases$StuckLoop.blockTheLoop");
        } finally {
            PlantedCases.StuckLoop.RELEASE.countDown();
        }
        while (!PlantedCases.StuckLoop.LOOP.get().isClosed()) { // by its own thread
            assertThat(Thread.interrupted()).as("waited for too long").isFalse();
            Thread.onSpinWait();
        }
    }

    @Test
    void settingsThatMakeNoSenseAreNamed() {
        assertThat(failureOf(run(PlantedCases.BadSettings.class)))
                .hasMessageContaining("seeds = 0")
                .hasMessageContaining("neverRuns");
    }

    private static Throwable failureOf(Class<?> planted, Map<String, String> properties) {
        return failureOf(
                EngineTestKit.engine("junit-jupiter")
                        .configurationParameters(properties)
                        .selectors(DiscoverySelectors.selectClass(planted))
                        .execute());
    }

    private static String find(String pattern, Throwable failure) {
        var found = Pattern.compile(pattern).matcher(failure.getMessage());
        assertThat(found.find()).as(failure.getMessage()).isTrue();
        return found.group(1);
    }

    @Test
    void aFailureNamesTheOptionsThatReplayItAndCompareTheTrace() {
        var planted = PlantedCases.OrderDependent.class;
        var failure = failureOf(run(planted));
        assertThat(find("run it alone with -Dtest='(\\S+)' ", failure))
                .startsWith(planted.getName() + "#");
        var trace = find("-Djloop\\.trace=([0-9a-f]{16}) ", failure);
        var seed = find("-Djloop\\.seed=(\\d+) ", failure);

        assertThat(
                        failureOf(planted, Map.of("jloop.seed", seed, "jloop.trace", trace))
                                .getMessage())
                .contains("-Djloop.seed=" + seed + " -Djloop.trace=" + trace)
                .doesNotContain("not the run");
    }

    @Test
    void theReplayOfOneInvocationOfATemplateComparesTheTraceOfThatOneOnly() {
        var planted = PlantedCases.AlsoParameterizedWithSeeds.class;
        var failure = PlantedRun.failureIn(PlantedRun.of(planted, Map.of()));
        var trace = find("-Djloop\\.trace=(\\S+) ", failure);
        var seed = find("-Djloop\\.seed=(\\d+) ", failure);
        assertThat(trace).matches("[0-9a-f]{16}@2");

        var replay = Map.of("jloop.seed", seed, "jloop.trace", trace);
        var events =
                PlantedRun.of(planted, replay)
                        .assertStatistics(counts -> counts.succeeded(1).failed(1));
        assertThat(PlantedRun.failureIn(events))
                .hasMessageContaining("-Djloop.trace=" + trace)
                .message()
                .doesNotContain("not the run");

        var other = Map.of("jloop.seed", seed, "jloop.trace", "7@1");
        assertThat(PlantedRun.of(planted, other).failed().count()).isEqualTo(2);
    }

    @Test
    void aReplayWithAnotherTraceSaysSoWhetherItFailsOrPasses() {
        var failing = PlantedCases.OrderDependent.class;
        var seed = find("-Djloop\\.seed=(\\d+) ", failureOf(run(failing)));
        assertThat(failureOf(failing, Map.of("jloop.seed", seed, "jloop.trace", "7")))
                .hasMessageContaining("failed under the schedule of seed " + seed)
                .hasMessageContaining("This is not the run that was asked for")
                .hasMessageContaining("-Djloop.trace=0000000000000007 names another");

        var passing = PlantedCases.LeakEndedByAfterEach.class;
        assertThat(failureOf(passing, Map.of("jloop.trace", "7")))
                .hasMessageContaining("the test passed")
                .hasMessageContaining("This is not the run that was asked for")
                .hasMessageContaining("says nothing about that one");
        assertThat(
                        failureOf(
                                passing,
                                Map.of(
                                        "jloop.seed",
                                        "5",
                                        "jloop.trace",
                                        "7",
                                        "jloop.checkDeterminism",
                                        "true")))
                .hasMessageContaining("the test passed under the schedule of seed 5");
    }

    @Test
    void aTraceThatIsNoneOrIsForSeveralSeedsIsRefused() {
        assertThat(
                        failureOf(
                                PlantedCases.LeakEndedByAfterEach.class,
                                Map.of("jloop.trace", "soon")))
                .hasMessageContaining("16 hexadecimal digits")
                .hasMessageContaining("'soon'");
        assertThat(
                        failureOf(
                                PlantedCases.LeakEndedByAfterEach.class,
                                Map.of("jloop.trace", "7@first")))
                .hasMessageContaining("16 hexadecimal digits")
                .hasMessageContaining("'7@first'");
        assertThat(failureOf(PlantedCases.OrderDependent.class, Map.of("jloop.trace", "7")))
                .hasMessageContaining("100 seeds")
                .hasMessageContaining("jloop.seed");
    }

    @Test
    void theFirstFailingSeedIsTheOnlyFailureAndCanBeReplayed() {
        PlantedCases.OrderDependent.EVENTS.clear();
        var failure = failureOf(run(PlantedCases.OrderDependent.class));

        assertThat(failure)
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("of 100")
                .hasCauseInstanceOf(AssertionError.class);
        var named = Pattern.compile("-Djloop\\.seed=(\\d+)").matcher(failure.getMessage());
        assertThat(named.find()).isTrue();
        var seed = named.group(1);
        assertThat(PlantedCases.OrderDependent.EVENTS)
                .endsWith(
                        "before OptionalLong[" + seed + "]",
                        "body OptionalLong[" + seed + "]",
                        "after OptionalLong[" + seed + "]");

        PlantedCases.OrderDependent.EVENTS.clear();
        var replayed = failureOf(replay(PlantedCases.OrderDependent.class, seed));

        assertThat(replayed).hasMessageContaining("-Djloop.seed=" + seed);
        assertThat(replayed.getCause()).hasMessage(failure.getCause().getMessage());
        assertThat(PlantedCases.OrderDependent.EVENTS)
                .isEqualTo(
                        List.of(
                                "before OptionalLong[" + seed + "]",
                                "body OptionalLong[" + seed + "]",
                                "after OptionalLong[" + seed + "]"));
    }

    @Test
    void aLeakUnderOneSeedNamesTheSeed() {
        assertThat(failureOf(run(PlantedCases.LeakUnderSomeSeed.class)))
                .hasMessageContaining("-Djloop.seed=2")
                .hasMessageContaining("forgotten");
    }

    @Test
    void aFailingBeforeEachMethodEndsTheTestAfterItsAfterEachMethods() {
        PlantedCases.FailingBeforeEach.EVENTS.clear();

        assertThat(failureOf(run(PlantedCases.FailingBeforeEach.class)))
                .hasMessageContaining("cannot prepare")
                .hasMessageContaining("-Djloop.seed=1");
        assertThat(PlantedCases.FailingBeforeEach.EVENTS)
                .isEqualTo(List.of("before OptionalLong[1]", "after"));
    }

    @Test
    void aSeedToReplayCountsForTestsWithoutSeedsToo() {
        PlantedCases.PlainSeed.EVENTS.clear();

        run(PlantedCases.PlainSeed.class);
        replay(PlantedCases.PlainSeed.class, "-17");

        assertThat(PlantedCases.PlainSeed.EVENTS)
                .isEqualTo(List.of("OptionalLong.empty", "OptionalLong[-17]"));
    }

    @Test
    void aSeedThatIsNoNumberIsNamed() {
        assertThat(failureOf(replay(PlantedCases.PlainSeed.class, "lucky")))
                .hasMessageContaining("jloop.seed")
                .hasMessageContaining("lucky");
    }
}

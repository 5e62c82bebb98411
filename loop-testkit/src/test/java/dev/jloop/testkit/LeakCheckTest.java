package dev.jloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Events;

import java.io.IOException;

/// What a `@LoopTest` may not leave behind, and how that is reported. Runs [PlantedLeaks].
@Timeout(60)
class LeakCheckTest {
    private static Events run(Class<?> planted) {
        return EngineTestKit.engine("junit-jupiter")
                .selectors(DiscoverySelectors.selectClass(planted))
                .execute()
                .testEvents();
    }

    private static Throwable failureOf(Class<?> planted) {
        return run(planted)
                .assertStatistics(counts -> counts.started(1).failed(1))
                .failed()
                .stream()
                .map(event ->
                        event.getRequiredPayload(TestExecutionResult.class)
                                .getThrowable()
                                .orElseThrow())
                .findFirst()
                .orElseThrow();
    }

    private static void passes(Class<?> planted, int tests) {
        var events = run(planted);
        assertThat(
                        events.failed().stream()
                                .map(event ->
                                        event.getRequiredPayload(TestExecutionResult.class)
                                                .getThrowable()))
                .isEmpty();
        events.assertStatistics(counts -> counts.started(tests).succeeded(tests));
    }

    @AfterAll
    static void endWhatWasLeft() throws IOException {
        PlantedLeaks.LeakedThread.RELEASE.countDown();
        for (var sink : PlantedLeaks.SINKS) {
            sink.close();
        }
    }

    @Test
    void aPendingTaskIsReportedWithWhereItWasCreated() {
        assertThat(failureOf(PlantedLeaks.LeakedTask.class))
                .hasMessageContaining("'forgotten'")
                .hasMessageContaining(
                        "created at " + PlantedLeaks.LeakedTask.class.getName() + ".startTask");
    }

    @Test
    void memoryStreamsNobodyClosedAreReportedWithWhereTheyWereConnected() {
        var planted = PlantedLeaks.ForgottenMemoryStreams.class;
        assertThat(failureOf(planted))
                .hasMessageContaining("a transport was never closed")
                .hasMessageContaining("created at " + planted.getName() + ".connect")
                .message()
                .doesNotContain("tasks were still pending");
    }

    @Test
    void aTimerNobodyCancelledIsReportedWithWhereItWasSet() {
        assertThat(failureOf(PlantedLeaks.LeakedTimer.class))
                .hasMessageContaining("due at PT1H")
                .hasMessageContaining(
                        "created at " + PlantedLeaks.LeakedTimer.class.getName() + ".setTimer");
    }

    @Test
    void timersThatAreCancelledOrDueOrHaveAnOwnerAreNoLeak() {
        passes(PlantedLeaks.TimersInOrder.class, 4);
    }

    @Test
    void anOpenTransportIsReportedWithWhereItWasCreated() {
        assertThat(failureOf(PlantedLeaks.LeakedTransport.class))
                .hasMessageContaining("a transport was never closed")
                .hasMessageContaining(
                        "created at " + PlantedLeaks.LeakedTransport.class.getName() + ".open");
    }

    @Test
    void anOpenServerIsReportedWithWhereItWasCreated() {
        assertThat(failureOf(PlantedLeaks.LeakedServer.class))
                .hasMessageContaining("a server was never closed")
                .hasMessageContaining(
                        "created at " + PlantedLeaks.LeakedServer.class.getName() + ".listen");
    }

    @Test
    void anOpenDatagramEndpointIsReportedWithWhereItWasCreated() {
        assertThat(failureOf(PlantedLeaks.LeakedEndpoint.class))
                .hasMessageContaining("a datagram endpoint was never closed")
                .hasMessageContaining(
                        "created at " + PlantedLeaks.LeakedEndpoint.class.getName() + ".bind");
    }

    private static void assertRetained(Class<?> planted, String size) {
        assertThat(failureOf(planted))
                .hasMessageContaining("a received buffer of " + size + " bytes was never released")
                .hasMessageContaining("        retained at " + planted.getName() + ".keep")
                .hasMessageContaining("allowLeak");
    }

    @Test
    void aReceivedBufferNobodyReleasedIsReportedWithItsSizeAndWhereItWasRetained() {
        assertRetained(PlantedBufferLeaks.RetainedBuffer.class, "5");
        assertRetained(PlantedBufferLeaks.RetainedDatagram.class, "7");
        assertRetained(PlantedBufferLeaks.RetainedByAConnectionThatMayStay.class, "5");
    }

    @Test
    void aPartOfAReceivedBufferKeepsAllOfIt() {
        assertRetained(PlantedBufferLeaks.RetainedSlice.class, "5");
        assertRetained(PlantedBufferLeaks.RetainedDuplicateOfASlice.class, "5");
    }

    @Test
    void eachPlaceWhereALeakedBufferWasRetainedIsTold() {
        var planted = PlantedBufferLeaks.RetainedTwiceAndReleasedOnce.class;

        assertRetained(planted, "5");
        assertThat(failureOf(planted))
                .hasMessageContaining("calls of retain(): 2, references left: 1")
                .hasMessageContaining("and retained at " + planted.getName() + ".keepAgain");
    }

    @Test
    void aReceivedBufferThatIsReleasedOrAllowedOrOfSomebodyWithoutAChanceIsNoLeak() {
        passes(PlantedBufferLeaks.BuffersInOrder.class, 9);
    }

    @Test
    void aHandlerOfTheTestsOwnDoesNotHideALeak() {
        assertThat(failureOf(PlantedLeaks.LeakedServerBehindAHandler.class))
                .hasMessageContaining("a server was never closed");
    }

    @Test
    void aThreadThatGoesOnIsReportedWithItsStack() {
        assertThat(failureOf(PlantedLeaks.LeakedThread.class))
                .hasMessageContaining("forgotten-worker")
                .hasMessageContaining("LeakedThread.waitForRelease");
    }

    @Test
    void whatATestIsAllowedToLeaveIsNoLeak() {
        passes(PlantedLeaks.AllAllowed.class, 1);
    }

    @Test
    void allowingALeakOfSomethingElseIsRefused() {
        try (var loop = VirtualTimeLoop.create()) {
            assertThatThrownBy(() -> loop.allowLeak("text"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("java.lang.String");
        }
    }

    @Test
    void oneFailureTellsOfAllLeaks() {
        assertThat(failureOf(PlantedLeaks.SeveralLeaks.class))
                .hasMessageContaining("a server was never closed")
                .hasMessageContaining("due at PT1H")
                .hasMessageContaining("'forgotten'");
    }

    @Test
    void whatAFailedTestLeavesBehindIsNotReported() {
        assertThat(failureOf(PlantedLeaks.FailedAnyway.class))
                .hasMessage("the reason")
                .hasNoSuppressedExceptions();
    }

    @Test
    void aRealSocketFailsTheTestWithTheFrameThatWantedIt() {
        var failure = failureOf(PlantedLeaks.RealSocket.class);

        assertThat(failure)
                .hasMessageContaining("real channel")
                .hasMessageContaining("realSockets");
        assertThat(failure.getStackTrace())
                .anySatisfy(frame -> assertThat(frame.getMethodName()).isEqualTo("listen"));
    }

    @Test
    void aRealSocketWhoseRefusalIsSwallowedFailsTheTestToo() {
        assertThat(failureOf(PlantedLeaks.RealSocketThatIsHidden.class))
                .hasMessageContaining("real channel")
                .cause()
                .satisfies(cause ->
                        assertThat(cause.getStackTrace())
                                .anySatisfy(frame ->
                                        assertThat(frame.getMethodName()).isEqualTo("listen")));
    }

    @Test
    void realSocketsCanBeAllowedOnTheLoop() {
        passes(PlantedLeaks.RealSocketAllowedByTheLoop.class, 1);
    }

    @Test
    void aRealSleepFailsTheTestWithTheFrameThatSleeps() {
        assertThat(failureOf(PlantedLeaks.RealSleep.class))
                .hasMessageContaining("slept in real time")
                .hasMessageContaining("RealSleep.sleepForReal(PlantedLeaks.java");
        assertThat(failureOf(PlantedLeaks.RealSleepInATask.class))
                .hasMessageContaining("slept in real time")
                .hasMessageContaining("RealSleepInATask.lambda$sleeps");
        assertThat(failureOf(PlantedLeaks.RealSleepInACallback.class))
                .hasMessageContaining("slept in real time")
                .hasMessageContaining("RealSleep.sleepForReal(PlantedLeaks.java");
    }

    @Test
    void aSleepThatIsAllowedOrOfAnotherThreadIsNone() {
        passes(PlantedLeaks.RealSleepThatIsAllowed.class, 1);
        passes(PlantedLeaks.RealSleepElsewhere.class, 2);
    }

    @Test
    void timeThatWouldPassTheVirtualLimitFailsTheTestWithItsTasks() {
        assertThat(failureOf(PlantedLeaks.PastTheVirtualLimit.class))
                .hasMessageContaining("limit of PT30M")
                .hasMessageContaining("PastTheVirtualLimit.sleeps");
        passes(PlantedLeaks.UpToTheVirtualLimit.class, 1);
    }

    @Test
    void aVirtualLimitThatIsNoDurationIsNamed() {
        assertThat(failureOf(PlantedLeaks.BadVirtualLimit.class))
                .hasMessageContaining("'soon'")
                .hasMessageContaining("PT24H");
    }
}

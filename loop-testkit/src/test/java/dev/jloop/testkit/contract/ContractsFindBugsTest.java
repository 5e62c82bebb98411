package dev.jloop.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Event;

import java.util.Map;
import java.util.TreeMap;

/// The contracts fail where something is wrong, and say what. Runs [PlantedTransports].
class ContractsFindBugsTest {
    /// {@return the messages of the tests that have failed, by the name of the method}
    private static Map<String, String> failuresOf(Class<?> planted) {
        return failuresOf(DiscoverySelectors.selectClass(planted));
    }

    private static Map<String, String> failuresOf(DiscoverySelector planted) {
        var results = EngineTestKit.engine("junit-jupiter").selectors(planted).execute();
        assertThat(results.testEvents().started().count()).isPositive();
        var failures = new TreeMap<String, String>();
        for (var event : results.testEvents().failed().list()) {
            var name = event.getTestDescriptor().getDisplayName().replace("()", "");
            failures.put(name, messageIn(event));
        }
        return failures;
    }

    private static String messageIn(Event event) {
        return thrownIn(event).toString();
    }

    private static Throwable thrownIn(Event event) {
        return event.getRequiredPayload(TestExecutionResult.class).getThrowable().orElseThrow();
    }

    @Test
    void whatIsRightPasses() {
        assertThat(failuresOf(PlantedTransports.NoBug.class)).isEmpty();
        assertThat(failuresOf(PlantedTransports.OverPipes.class)).isEmpty();
        assertThat(failuresOf(PlantedTransports.StreamsOverPipes.class)).isEmpty();
    }

    @Test
    void anEndThatIsToldTwiceFailsEveryTest() {
        assertThat(failuresOf(PlantedTransports.TellsTheEndTwice.class))
                .hasSizeGreaterThan(20)
                .hasEntrySatisfying(
                        "addressesAreToldOnBothSides",
                        message ->
                                assertThat(message)
                                        .contains("nothing may be called after connectionLost"));
    }

    @Test
    void writingThatIsNeverPausedIsFound() {
        assertThat(failuresOf(PlantedTransports.NeverPausesWriting.class))
                .containsKeys(
                        "aProtocolMayWriteWhenWritingResumes",
                        "otherMarksHoldAtOnceAndWrongOnesAreRefused")
                .doesNotContainKey("closeSendsEverythingFirst")
                .hasEntrySatisfying(
                        "writingPausesAboveTheHighWaterMarkAndResumesAtTheLow",
                        message -> assertThat(message).contains("without pauseWriting()"));
    }

    @Test
    void anEndOfStreamThatIsNotToldIsFound() {
        assertThat(failuresOf(PlantedTransports.ForgetsTheEndOfTheStream.class))
                .containsKeys(
                        "eventsComeInTheirOrderAndTheEndComesOnce",
                        "aProtocolThatKeepsOpenAfterTheEndOfTheStreamCanStillWrite")
                .doesNotContainKey("everyWayOfWritingKeepsTheOrder");
    }

    @Test
    void failuresOfProtocolsThatAreSwallowedAreFound() {
        assertThat(failuresOf(PlantedTransports.SwallowsFailures.class))
                .containsOnlyKeys("aFailureInDataReceivedIsReportedAndEndsTheConnectionWithIt");
    }

    @Test
    void readingThatDoesNotPauseIsFound() {
        assertThat(failuresOf(PlantedTransports.IgnoresPauseReading.class))
                .containsKeys(
                        "readingPausedInConnectionMadeStartsWithResumeReading",
                        "readingPausedInDataReceivedHoldsTheRestBack",
                        "pausingAndResumingTwiceIsTheSameAsOnceAndHarmlessAfterClose")
                .doesNotContainKey("largeTransfersInBothDirectionsArriveIntact");
    }

    @Test
    void bytesThatAreLostAtTheEndAreFound() {
        assertThat(failuresOf(PlantedTransports.LosesTheRestAtClose.class))
                .containsKeys(
                        "closeSendsEverythingFirst",
                        "whatIsWrittenAfterCloseIsDroppedAndItsBuffersAreReleased",
                        "onlyAnAbortCountsAsOne")
                .doesNotContainKey("largeTransfersInBothDirectionsArriveIntact");
    }

    @Test
    void buffersThatAreNotReleasedAreFound() {
        assertThat(failuresOf(PlantedTransports.KeepsBuffers.class))
                .containsKeys(
                        "writingAfterWriteEofIsRefusedAndTheBufferReleased",
                        "largeTransfersInBothDirectionsArriveIntact")
                .hasEntrySatisfying(
                        "everyWayOfWritingKeepsTheOrder",
                        message ->
                                assertThat(message)
                                        .contains(
                                                "2 of 2 buffers that were handed to"
                                                        + " write(ByteBuf)"));
    }

    @Test
    void transportsThatAreLeftOpenAreFound() {
        assertThat(failuresOf(PlantedTransports.LeavesSomethingOpen.class))
                .hasSizeGreaterThan(20)
                .hasEntrySatisfying(
                        "addressesAreToldOnBothSides",
                        message -> assertThat(message).contains("was never closed"));
    }

    @Test
    void bytesOutOfOrderAreFound() {
        assertThat(failuresOf(PlantedTransports.LosesTheOrder.class))
                .containsKeys(
                        "largeTransfersInBothDirectionsArriveIntact", "closeSendsEverythingFirst")
                .hasEntrySatisfying(
                        "everyWayOfWritingKeepsTheOrder",
                        message -> assertThat(message).contains("waited for the text 'abccdefgh'"));
        assertThat(failuresOf(PlantedTransports.StreamsLoseTheOrder.class))
                .containsKeys(
                        "largeTransfersInBothDirectionsArriveIntact",
                        "linesKeepTheirEndsAndTheLastOneMayLackIt",
                        "severalWritersKeepTheirPiecesWholeAndInOrder");
    }

    @Test
    void aMissingResetIsFoundAndNothingElse() {
        assertThat(failuresOf(PlantedTransports.EndsInsteadOfReset.class))
                .containsOnlyKeys("abortDropsWhatIsQueuedOnceAndThePeerSeesThatItIsCut");
        assertThat(failuresOf(PlantedTransports.StreamsEndInsteadOfReset.class))
                .containsOnlyKeys("aBrokenConnectionFailsEveryCallFromThenOn");
    }

    @Test
    void aNetworkThatTakesEverythingIsFound() {
        assertThat(failuresOf(PlantedTransports.TakesEverything.class))
                .containsKeys("writingPausesAboveTheHighWaterMarkAndResumesAtTheLow")
                .doesNotContainKey("closeSendsEverythingFirst");
        assertThat(failuresOf(PlantedTransports.StreamsTakeEverything.class))
                .hasEntrySatisfying(
                        "aWriteWaitsAboveTheMarkAndGoesOnWhenThePeerReads",
                        message -> assertThat(message).contains("without waiting"));
    }

    @Test
    void aDirectionThatNeverEndsIsFoundAtOnceOnVirtualTime() {
        assertThat(failuresOf(PlantedTransports.NeverEndsOneDirection.class))
                .hasEntrySatisfying(
                        "writeEofEndsTheOutputAfterEverythingWasSent",
                        message ->
                                assertThat(message)
                                        .contains("deadlock")
                                        .contains("EOF of the transport"));
        assertThat(failuresOf(PlantedTransports.StreamsNeverEndOneDirection.class))
                .containsOnlyKeys("theOutputMayEndBeforeTheInput");
    }

    @Test
    void aSubclassThatMakesNoLoopIsToldSo() {
        assertThat(failuresOf(PlantedTransports.MakesNoLoop.class).values())
                .allSatisfy(message -> assertThat(message).contains("newLoop() must make a new"));
    }

    @Test
    void aSubclassThatConnectsNobodyIsToldSo() {
        assertThat(failuresOf(PlantedTransports.ConnectsNobody.class))
                .hasEntrySatisfying(
                        "addressesAreToldOnBothSides",
                        message -> assertThat(message).contains("MADE of the transport"));
    }

    @Test
    void aTestThatHangsOnARealLoopShowsWhatItWaitsFor() {
        assertThat(failuresOf(PlantedTransports.HangsOnARealLoop.class).values())
                .isNotEmpty()
                .allSatisfy(message ->
                        assertThat(message)
                                .contains("the test hangs")
                                .contains("a peer that never comes"));
    }

    @Test
    void aTestThatHangsOnARealLoopTellsWhatItsLoopHasReported() {
        var planted =
                DiscoverySelectors.selectMethod(
                        PlantedTransports.ThrowsInACallbackAndHangs.class,
                        "addressesAreToldOnBothSides");
        var events = EngineTestKit.engine("junit-jupiter").selectors(planted).execute();
        assertThat(events.testEvents().failed().list())
                .singleElement()
                .satisfies(event ->
                        assertThat(thrownIn(event))
                                .hasMessageContaining("the test hangs")
                                .hasStackTraceContaining("the reason for it all"));
    }

    @Test
    void anAbortThatFailsDoesNotHideWhatATestHasFound() {
        var planted =
                DiscoverySelectors.selectMethod(
                        PlantedTransports.FailsToAbort.class,
                        "writingPausesAboveTheHighWaterMarkAndResumesAtTheLow");
        var events = EngineTestKit.engine("junit-jupiter").selectors(planted).execute();
        assertThat(events.testEvents().failed().list())
                .singleElement()
                .satisfies(event -> {
                    var failure = thrownIn(event);
                    assertThat(failure).isInstanceOf(AssertionError.class);
                    assertThat(failure.getSuppressed())
                            .filteredOn(each -> "aborting fails".equals(each.getMessage()))
                            .as("one for each end")
                            .hasSize(2);
                });
    }

    @Test
    void anAbortThatFailsIsFound() {
        assertThat(
                        failuresOf(
                                DiscoverySelectors.selectMethod(
                                        PlantedTransports.FailsToAbort.class,
                                        "addressesAreToldOnBothSides")))
                .hasEntrySatisfying(
                        "addressesAreToldOnBothSides",
                        message -> assertThat(message).contains("aborting fails"));
    }

    @Test
    void aSubclassThatSendsTooLittleIsToldHowMuchItTakes() {
        assertThat(failuresOf(PlantedTransports.SendsTooLittle.class))
                .hasSizeGreaterThan(20)
                .allSatisfy((_, message) ->
                        assertThat(message)
                                .startsWith("java.lang.IllegalStateException: largeTransfer()")
                                .contains("262144")
                                .contains("262143"));
    }

    @Test
    void aLoopThatIsBlockedFailsTheTestAndShowsTheFrame() {
        var failures =
                failuresOf(
                        DiscoverySelectors.selectMethod(
                                PlantedTransports.BlocksTheLoop.class,
                                "addressesAreToldOnBothSides"));
        assertThat(failures.values())
                .singleElement()
                .asString()
                .contains("the test hangs")
                .contains("BlocksTheLoop.connect")
                .contains("Its loop does not stop");
    }
}

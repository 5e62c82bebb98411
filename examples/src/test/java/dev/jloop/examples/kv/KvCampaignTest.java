package dev.jloop.examples.kv;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jloop.testkit.LoopTest;
import dev.jloop.testkit.SimulatedNetwork;
import dev.jloop.testkit.VirtualTimeLoop;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;

import java.util.Random;
import java.util.regex.Pattern;

/// The store under partitions, crashes, restarts, slow networks and failing disks, all of it
/// decided by a seed.
class KvCampaignTest {
    private static final int REPLAYS = 10;
    private static final Pattern SEED = Pattern.compile("-Djloop\\.seed=(\\d+) ");
    private static final Pattern TRACE = Pattern.compile("trace hash [0-9a-f]{16}");

    /// What a person reads: the message of the failure.
    private static String failureOf(String planted, String seed) {
        var results = run(planted, seed);
        results.testEvents().assertStatistics(counts -> counts.started(1).failed(1));
        return results.testEvents().failed().stream()
                .map(event ->
                        event.getRequiredPayload(TestExecutionResult.class)
                                .getThrowable()
                                .orElseThrow()
                                .toString())
                .findFirst()
                .orElseThrow();
    }

    /// @param seed the only one, or empty for all
    private static EngineExecutionResults run(String planted, String seed) {
        return EngineTestKit.engine("junit-jupiter")
                .configurationParameter("jloop.seed", seed)
                .configurationParameter("jloop.shrink", "0")
                .selectors(DiscoverySelectors.selectMethod(method(planted)))
                .execute();
    }

    private static String method(String planted) {
        return "%s#%s(%s, %s, %s)"
                .formatted(
                        PlantedStores.class.getName(),
                        planted,
                        VirtualTimeLoop.class.getName(),
                        SimulatedNetwork.class.getName(),
                        Random.class.getName());
    }

    private static String found(Pattern pattern, String message, int group) {
        var matcher = pattern.matcher(message);
        assertThat(matcher.find()).as(message).isTrue();
        return matcher.group(group);
    }

    @LoopTest(seeds = 100)
    void theStoreKeepsItsPromises(VirtualTimeLoop loop, SimulatedNetwork network, Random random) {
        assertThat(new Campaign(Planted.NONE, loop, network, random).run()).isEmpty();
        assertThat(loop.faults().report().neverReached()).isEmpty();
    }

    @Tag("nightly")
    @LoopTest(seeds = 10_000)
    void theStoreKeepsItsPromisesUnderManySeeds(
            VirtualTimeLoop loop, SimulatedNetwork network, Random random) {
        assertThat(new Campaign(Planted.NONE, loop, network, random).run()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "lostAcknowledgement, acknowledged and lost: ",
        "staleRead, stale: ",
        "doubleApply, applied twice: |stale: ",
        "forgottenVote, voted twice in term ",
        "suddenDeath, has ended by itself: |the exception of a task was never looked at"
    })
    void aPlantedBugIsFoundAndItsSeedReplaysIt(
            String planted, String violation, TestReporter report) {
        var message = failureOf(planted, "");
        assertThat(message).containsPattern(violation);
        var seed = found(SEED, message, 1);
        var trace = found(TRACE, message, 0);
        report.publishEntry(planted, message.lines().limit(6).toList().toString());

        for (var i = 0; i < REPLAYS; i++) {
            assertThat(failureOf(planted, seed)).contains(trace);
        }
        run("none", seed).testEvents().assertStatistics(counts -> counts.started(1).succeeded(1));
    }
}

package dev.jloop.examples.kv;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The store under partitions, crashes, restarts and slow networks, all of it decided by a seed.
class KvCampaignTest {
    private static final int QUICK_SEEDS = 100;
    private static final int MANY_SEEDS = Integer.getInteger("jloop.kv.seeds", 10_000);

    /// Within so many seeds each planted bug has to be found.
    private static final int SEEDS_TO_FIND_A_BUG = 1_000;

    private static final int REPLAYS = 10;

    @Test
    void theStoreKeepsItsPromises() {
        assertNoViolation(QUICK_SEEDS);
    }

    @Test
    @Tag("nightly")
    void theStoreKeepsItsPromisesUnderManySeeds() {
        assertNoViolation(MANY_SEEDS);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void aPlantedBugIsFoundAndItsSeedReplaysIt(Planted bug, TestReporter report) {
        for (var seed = 1L; seed <= SEEDS_TO_FIND_A_BUG; seed++) {
            var found = Campaign.run(seed, bug);
            if (found.violation().isPresent()) {
                report.publishEntry(bug.name(), found.toString());
                for (var i = 0; i < REPLAYS; i++) {
                    assertThat(Campaign.run(seed, bug)).isEqualTo(found);
                }
                assertThat(Campaign.run(seed, Planted.NONE).violation()).isEmpty();
                return;
            }
        }
        throw new AssertionError(bug + " was not found in " + SEEDS_TO_FIND_A_BUG + " seeds");
    }

    private static void assertNoViolation(int seeds) {
        for (var seed = 1L; seed <= seeds; seed++) {
            var result = Campaign.run(seed, Planted.NONE);
            assertThat(result.violation()).as(result.toString()).isEmpty();
        }
    }
}

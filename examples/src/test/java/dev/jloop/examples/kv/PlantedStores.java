package dev.jloop.examples.kv;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jloop.testkit.LoopTest;
import dev.jloop.testkit.SimulatedNetwork;
import dev.jloop.testkit.VirtualTimeLoop;

import java.util.Random;

/// The campaign against stores that have a bug, each of which has to be found within a thousand
/// seeds. Not run by itself: [KvCampaignTest] runs it, and wants it to fail.
class PlantedStores {
    static final int SEEDS = 1_000;

    private static void run(
            Planted bug, VirtualTimeLoop loop, SimulatedNetwork network, Random random) {
        assertThat(new Campaign(bug, loop, network, random).run()).isEmpty();
    }

    @LoopTest(seeds = SEEDS)
    void lostAcknowledgement(VirtualTimeLoop loop, SimulatedNetwork network, Random random) {
        run(Planted.LOST_ACKNOWLEDGEMENT, loop, network, random);
    }

    @LoopTest(seeds = SEEDS)
    void staleRead(VirtualTimeLoop loop, SimulatedNetwork network, Random random) {
        run(Planted.STALE_READ, loop, network, random);
    }

    @LoopTest(seeds = SEEDS)
    void doubleApply(VirtualTimeLoop loop, SimulatedNetwork network, Random random) {
        run(Planted.DOUBLE_APPLY, loop, network, random);
    }

    @LoopTest(seeds = SEEDS)
    void forgottenVote(VirtualTimeLoop loop, SimulatedNetwork network, Random random) {
        run(Planted.FORGOTTEN_VOTE, loop, network, random);
    }

    @LoopTest(seeds = SEEDS)
    void suddenDeath(VirtualTimeLoop loop, SimulatedNetwork network, Random random) {
        run(Planted.SUDDEN_DEATH, loop, network, random);
    }

    /// To see that a seed that finds a bug finds none where there is none.
    @LoopTest
    void none(VirtualTimeLoop loop, SimulatedNetwork network, Random random) {
        run(Planted.NONE, loop, network, random);
    }
}

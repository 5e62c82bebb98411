package dev.jloop.examples.chat;

import dev.jloop.testkit.LoopTest;
import dev.jloop.testkit.VirtualTimeLoop;

import org.junit.jupiter.api.Tag;

import java.util.Random;

/// Fifty people come, talk and go, some without a word, under one seed after the other.
class ChatCampaignTest {
    @LoopTest(seeds = 25)
    void everybodyHearsTheSame(VirtualTimeLoop loop, Random random) throws Exception {
        new ChatEvening(loop, random).run();
    }

    @Tag("nightly")
    @LoopTest(seeds = 1_000)
    void everybodyHearsTheSameAThousandTimes(VirtualTimeLoop loop, Random random) throws Exception {
        new ChatEvening(loop, random).run();
    }
}

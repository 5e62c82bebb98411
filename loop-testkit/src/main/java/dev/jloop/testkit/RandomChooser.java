package dev.jloop.testkit;

import java.util.Random;

/// Any order is as likely as any other.
final class RandomChooser implements Chooser {
    private final Random random;

    RandomChooser(long seed) {
        random = Seeds.random(seed);
    }

    @Override
    public int choose(int choice, ReadyChoices ready) {
        return random.nextInt(ready.count());
    }
}

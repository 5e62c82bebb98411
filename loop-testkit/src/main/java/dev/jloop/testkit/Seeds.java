package dev.jloop.testkit;

import java.util.Random;

/// Random numbers from a seed.
final class Seeds {
    private static final long TEST = 0x74657374L;

    private Seeds() {}

    /// {@return a source of numbers of a documented algorithm, so that a seed means the same on
    /// every JVM}
    static Random random(long seed) {
        return new Random(mix(seed));
    }

    /// {@return the numbers that a test gets as its parameter} They say nothing about its schedule,
    /// which is drawn from the same seed.
    static Random ofTest(long seed) {
        return random(seed ^ TEST);
    }

    /// The first numbers of [Random] hardly differ between seeds 1, 2 and 3, so their bits are
    /// spread (the finalizer of MurmurHash3).
    static long mix(long seed) {
        var mixed = (seed ^ (seed >>> 33)) * 0xff51afd7ed558ccdL;
        mixed = (mixed ^ (mixed >>> 33)) * 0xc4ceb9fe1a85ec53L;
        return mixed ^ (mixed >>> 33);
    }
}

package dev.jloop.testkit;

import dev.jloop.core.Async;
import dev.jloop.core.EventLoop;

import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/// Tests under many seeds, or with runs that follow. [SeededCyclesTest] runs them.
final class PlantedSeeds {
    private PlantedSeeds() {}

    private static String orderOf(String... names) {
        var order = new ArrayList<String>();
        var tasks =
                Stream.of(names)
                        .map(name -> Async.createTask(() -> order.add(name), name))
                        .toList();
        Async.waitAll(tasks);
        return String.join("", order);
    }

    static class CoinAndRace {
        static final Set<String> SEEN = new TreeSet<>();

        @LoopTest(seeds = 50)
        void underRandomOrders(Random random) {
            SEEN.add(random.nextBoolean() + " " + orderOf("a", "b"));
        }

        @LoopTest(seeds = 50, schedule = Schedule.PCT)
        void underPriorities(Random random) {
            SEEN.add("pct " + random.nextBoolean() + " " + orderOf("a", "b"));
        }
    }

    static class AbortedUnderOne {
        static final List<Long> RAN = new CopyOnWriteArrayList<>();

        @LoopTest(seeds = 6)
        void body(VirtualTimeLoop loop) {
            var seed = loop.seed().getAsLong();
            RAN.add(seed);
            Assumptions.assumeTrue(seed != 3, "not with this seed");
            Assertions.assertTrue(seed < 5);
        }
    }

    static class AbortedUnderOneOfThree {
        @LoopTest(seeds = 3)
        void body(VirtualTimeLoop loop) {
            Assumptions.assumeTrue(loop.seed().getAsLong() != 2, "not with this seed");
        }
    }

    static class UnderPriorities {
        @LoopTest(seeds = 50, schedule = Schedule.PCT)
        void fails() {
            orderOf("a", "b", "c");
            Assertions.assertNotEquals("bac", orderOf("a", "b", "c"));
        }
    }

    /// Its runs differ after the body only.
    static class DiffersAtTheEnd {
        static int runs;

        @LoopTest(seeds = 2)
        void fails() {
            var steps = ++runs;
            Async.createTask(() -> {
                try {
                    Async.sleep(Duration.ofDays(1));
                } finally {
                    for (var step = 0; step < steps; step++) {
                        Async.yieldNow();
                    }
                }
            });
            Async.yieldNow();
            Assertions.fail("always");
        }
    }

    static class LeaksDifferently {
        static int runs;

        @LoopTest(seeds = 2)
        void leaks() {
            var steps = ++runs;
            Async.createTask(() -> {
                try {
                    Async.sleep(Duration.ofDays(1));
                } finally {
                    for (var step = 0; step < steps; step++) {
                        Async.yieldNow();
                    }
                }
            });
            Async.yieldNow();
        }
    }

    static class SecondInterrupted {
        static int runs;

        private final Thread thread = Thread.currentThread();

        @LoopTest(checkDeterminism = true)
        void body() {
            if (++runs == 2) {
                thread.interrupt();
                EventLoop.current().createFuture().await();
            }
        }
    }

    static class SecondAborted {
        static int runs;

        @LoopTest(checkDeterminism = true)
        void body() {
            Assumptions.assumeTrue(++runs != 2, "not the second time");
        }
    }

    static class SecondFails {
        static int runs;

        @LoopTest(checkDeterminism = true)
        void body() {
            Async.yieldNow();
            Assertions.assertTrue(++runs != 2, "the second time");
        }
    }

    static class WithoutSeeds {
        static final List<String> SEEN = new CopyOnWriteArrayList<>();

        @LoopTest
        void body(VirtualTimeLoop loop) {
            SEEN.add(loop.seed() + " " + orderOf("a", "b", "c", "d"));
        }
    }
}

package dev.jloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jloop.core.Async;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

@Timeout(60)
class SeededScheduleTest {
    /// Five tasks that each yield fifty times.
    private static List<String> trace(VirtualTimeLoop fresh) {
        var trace = new ArrayList<String>();
        try (var loop = fresh) {
            loop.runUntilComplete(() -> {
                var tasks =
                        IntStream.range(0, 5)
                                .mapToObj(number ->
                                        Async.createTask(() -> {
                                            for (var turn = 0; turn < 50; turn++) {
                                                trace.add(number + ":" + turn);
                                                Async.yieldNow();
                                            }
                                        }))
                                .toList();
                Async.waitAll(tasks);
            });
        }
        return trace;
    }

    @Test
    void theSameSeedGivesTheSameTraceEveryTime() {
        var first = trace(VirtualTimeLoop.seeded(42));

        for (var run = 0; run < 9; run++) {
            assertThat(trace(VirtualTimeLoop.seeded(42))).isEqualTo(first);
        }
    }

    @Test
    void differentSeedsGiveDifferentTraces() {
        var traces =
                LongStream.range(0, 10)
                        .mapToObj(seed -> trace(VirtualTimeLoop.seeded(seed)))
                        .toList();

        assertThat(new HashSet<>(traces)).hasSize(10);
        assertThat(traces).allSatisfy(trace -> assertThat(new HashSet<>(trace)).hasSize(250));
    }

    @Test
    void aLoopWithoutASeedIsFirstInFirstOut() {
        var expected = IntStream.range(0, 250).mapToObj(step -> step % 5 + ":" + step / 5).toList();

        assertThat(trace(VirtualTimeLoop.create())).isEqualTo(expected);
    }

    @Test
    void theSeedCanBeRead() {
        try (var seeded = VirtualTimeLoop.seeded(7);
                var plain = VirtualTimeLoop.create()) {
            assertThat(seeded.seed()).hasValue(7);
            assertThat(plain.seed()).isEmpty();
        }
    }

    @Test
    void callbacksKeepTheirOrderUnderEverySeed() {
        for (var seed = 0; seed < 20; seed++) {
            var calls = new ArrayList<Integer>();
            try (var loop = VirtualTimeLoop.seeded(seed)) {
                for (var number = 0; number < 10; number++) {
                    var mine = number;
                    loop.callSoon(() -> calls.add(mine));
                    loop.createTask(() -> Async.yieldNow());
                }
                loop.runReady();
            }
            assertThat(calls).isEqualTo(IntStream.range(0, 10).boxed().toList());
        }
    }

    @Test
    void tasksAndCallbacksInterleaveDifferentlyUnderDifferentSeeds() {
        var places = new HashSet<Integer>();
        for (var seed = 0; seed < 50; seed++) {
            var calls = new ArrayList<String>();
            try (var loop = VirtualTimeLoop.seeded(seed)) {
                loop.createTask(() -> calls.add("task"));
                loop.callSoon(() -> calls.add("callback"));
                loop.createTask(() -> calls.add("task"));
                loop.runReady();
            }
            places.add(calls.indexOf("callback"));
        }
        assertThat(places).containsExactlyInAnyOrder(0, 1, 2);
    }

    @Test
    void evenTheFirstChoiceDiffersBetweenNeighbouringSeeds() {
        var firsts = new HashSet<String>();
        for (var seed = 1; seed <= 10; seed++) {
            var calls = new ArrayList<String>();
            try (var loop = VirtualTimeLoop.seeded(seed)) {
                loop.createTask(() -> calls.add("one"));
                loop.createTask(() -> calls.add("other"));
                loop.runReady();
            }
            firsts.add(calls.getFirst());
        }
        assertThat(firsts).containsExactlyInAnyOrder("one", "other");
    }
}

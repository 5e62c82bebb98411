package dev.jloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jloop.core.Async;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;

@Timeout(60)
class TraceTest {
    /// Tasks, callbacks, timers and failures.
    private static Trace run(VirtualTimeLoop fresh) {
        try (var loop = fresh) {
            loop.runUntilComplete(() -> {
                var tasks =
                        IntStream.range(0, 5)
                                .mapToObj(number ->
                                        Async.createTask(() -> {
                                            for (var turn = 0; turn < 5; turn++) {
                                                Async.sleep(
                                                        Duration.ofMillis((long) number * turn));
                                                loop.callSoon(() -> {});
                                                Async.yieldNow();
                                            }
                                        }))
                                .toList();
                loop.callLater(Duration.ofMillis(3), () -> tasks.getLast().cancel());
                Async.waitAll(tasks);
            });
            return loop.trace();
        }
    }

    /// The suite runs on each coroutine engine, and in a JVM of its own each time.
    @Test
    void theHashOfAProgramIsTheSameOnEveryEngineAndInEveryJvm() {
        assertThat(Trace.inHex(run(VirtualTimeLoop.create()).hash())).isEqualTo("11743f0d6c4340aa");
        assertThat(Trace.inHex(run(VirtualTimeLoop.seeded(7)).hash()))
                .isEqualTo("2e67499940fbb75f");
        assertThat(Trace.inHex(run(VirtualTimeLoop.seeded(7, Schedule.PCT)).hash()))
                .isEqualTo("024c9c0c8d08a1e4");
    }

    @Test
    void theHashDiffersBetweenSchedules() {
        var hashes = new HashSet<Long>();
        for (var seed = 1; seed <= 20; seed++) {
            hashes.add(run(VirtualTimeLoop.seeded(seed)).hash());
            hashes.add(run(VirtualTimeLoop.seeded(seed, Schedule.PCT)).hash());
        }
        assertThat(hashes).hasSizeGreaterThan(35);
    }

    @Test
    void neitherTheThreadNorOtherLoopsCountForTheHash() throws InterruptedException {
        var here = run(VirtualTimeLoop.seeded(3)).hash();
        var there = new AtomicReference<Long>();
        var thread =
                Thread.ofPlatform()
                        .name("another thread")
                        .start(() -> {
                            try (var other = VirtualTimeLoop.create()) {
                                other.runUntilComplete(() -> Async.createTask(() -> 1).await());
                                there.set(run(VirtualTimeLoop.seeded(3)).hash());
                            }
                        });
        thread.join();

        assertThat(there.get()).isEqualTo(here);
    }

    @Test
    void theEventsTellWhatHasRunAndWhen() {
        try (var loop = VirtualTimeLoop.create()) {
            loop.runUntilComplete(() -> {
                Async.createTask(() -> Async.sleep(Duration.ofSeconds(2)), "sleeper").await();
            });

            assertThat(loop.trace().events().stream().map(TraceTest::inShort))
                    .containsExactly(
                            "PT0S turn 1",
                            "PT0S task #1 Task-1",
                            "PT0S turn 2",
                            "PT0S task #2 sleeper",
                            "PT2S turn 3",
                            "PT2S timer 0",
                            "PT2S turn 4",
                            "PT2S task #2 sleeper",
                            "PT2S turn 5",
                            "PT2S task #1 Task-1",
                            "PT2S turn 6",
                            "PT2S callback 0");
        }
    }

    private static String inShort(Trace.Event event) {
        return event.time() + " " + event.kind() + " " + event.text();
    }

    @Test
    void aNoteIsAnEventAndCountsForTheHash() {
        try (var one = VirtualTimeLoop.create();
                var other = VirtualTimeLoop.create()) {
            var empty = one.trace().hash();
            one.trace().note("packet", "a to b");
            other.trace().note("packet", "a to c");

            assertThat(one.trace().events())
                    .isEqualTo(List.of(new Trace.Event(0, Duration.ZERO, "packet", "a to b")));
            assertThat(one.trace().hash()).isNotEqualTo(empty).isNotEqualTo(other.trace().hash());
        }
    }

    @Test
    void theLastEventsAreKeptAndAllAreCounted() {
        try (var loop = VirtualTimeLoop.create()) {
            for (var number = 0; number < 1000; number++) {
                loop.trace().note("note", String.valueOf(number));
            }

            var events = loop.trace().events();
            assertThat(loop.trace().size()).isEqualTo(1000);
            assertThat(events).hasSize(256);
            assertThat(events.getFirst().text()).isEqualTo("744");
            assertThat(events.getLast().text()).isEqualTo("999");
        }
    }

    @Test
    void callbacksAreDescribedWithoutWhatDiffersBetweenRuns() {
        try (var loop = VirtualTimeLoop.under(RunSchedule.FIFO.watchedClosely())) {
            loop.callSoon(
                    new Object() {
                                void call() {}
                            }
                            ::call);
            loop.runReady();

            assertThat(loop.trace().events().getLast().text())
                    .startsWith("0 Handle[")
                    .contains("TraceTest$$Lambda")
                    .doesNotContain("@")
                    .doesNotContain("0x");
        }
    }
}

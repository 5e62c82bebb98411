package dev.jloop.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.Callable;

class StaggeredRaceTest {
    private static final Duration DELAY = Duration.ofMillis(250);

    @RegisterExtension final LoopFixture kit = LoopFixture.onVirtualTime();

    private final List<String> calls = new ArrayList<>();

    private long start;

    @BeforeEach
    void startClock() {
        start = kit.loop().time();
    }

    /// Notes at which millisecond it was called.
    private void note(String what) {
        calls.add(what + " " + Duration.ofNanos(kit.loop().time() - start).toMillis());
    }

    private Callable<String> returning(String value, int millis) {
        return () -> {
            note("start " + value);
            try {
                Async.sleep(Duration.ofMillis(millis));
            } catch (CancelledError cancellation) {
                note("cancelled " + value);
                throw cancellation;
            }
            return value;
        };
    }

    private Callable<String> failing(String message, int millis) {
        return () -> {
            note("start " + message);
            Async.sleep(Duration.ofMillis(millis));
            throw new IOException(message);
        };
    }

    @Test
    void theFirstToReturnWinsAndCancelsTheOthers() {
        kit.run(() -> {
            var result =
                    Async.staggeredRace(
                            List.of(returning("slow", 9000), returning("quick", 100)), DELAY);
            assertThat(result.winner()).hasValue(1);
            assertThat(result.value()).isEqualTo("quick");
            assertThat(result.exceptions()).hasSize(2);
            assertThat(result.exceptions().get(0)).isInstanceOf(CancelledError.class);
            assertThat(result.exceptions().get(1)).isNull();
            assertThat(calls)
                    .containsExactly("start slow 0", "start quick 250", "cancelled slow 350");
        });
    }

    @Test
    void aFailureStartsTheNextOneAtOnce() {
        kit.run(() -> {
            var result =
                    Async.staggeredRace(
                            List.of(
                                    failing("first", 100),
                                    failing("second", 100),
                                    returning("third", 10)),
                            DELAY);
            assertThat(result.winner()).hasValue(2);
            assertThat(result.exceptions().subList(0, 2))
                    .allSatisfy(failure -> assertThat(failure).isInstanceOf(IOException.class));
            assertThat(calls)
                    .containsExactly("start first 0", "start second 100", "start third 200");
        });
    }

    @Test
    void theFailureOfAnEarlierOneStartsNobody() {
        kit.run(() -> {
            var result =
                    Async.staggeredRace(
                            List.of(
                                    failing("first", 300),
                                    returning("second", 9000),
                                    returning("third", 10)),
                            DELAY);
            assertThat(result.winner()).hasValue(2);
            assertThat(calls)
                    .containsExactly(
                            "start first 0",
                            "start second 250",
                            "start third 500",
                            "cancelled second 510");
        });
    }

    @Test
    void withoutADelayOneFollowsTheOther() {
        kit.run(() -> {
            var result =
                    Async.staggeredRace(List.of(failing("first", 9000), returning("second", 1000)));
            assertThat(result.winner()).hasValue(1);
            assertThat(calls).containsExactly("start first 0", "start second 9000");
        });
    }

    @Test
    void whoeverStartsAfterTheEndDoesNotStart() {
        kit.run(() -> {
            var result =
                    Async.staggeredRace(List.of(returning("one", 1), returning("two", 1)), DELAY);
            assertThat(result.winner()).hasValue(0);
            assertThat(result.exceptions()).hasSize(1);
        });
    }

    @Test
    void ifAllFailNobodyWins() {
        kit.run(() -> {
            var result = Async.staggeredRace(List.of(failing("one", 1), failing("two", 1)), DELAY);
            assertThat(result.winner()).isEqualTo(OptionalInt.empty());
            assertThat(result.value()).isNull();
            assertThat(result.exceptions()).hasSize(2).doesNotContainNull();
        });
    }

    @Test
    void nobodyAtAllIsARaceWithoutAWinner() {
        kit.run(() -> {
            var result = Async.<String>staggeredRace(List.of(), DELAY);
            assertThat(result.winner()).isEmpty();
            assertThat(result.exceptions()).isEmpty();
        });
    }

    @Test
    void whoIsCancelledCancelsAll() {
        kit.run(() -> {
            var race =
                    Async.createTask(() ->
                            Async.staggeredRace(
                                    List.of(returning("one", 9000), returning("two", 9000)),
                                    DELAY));
            Async.sleep(DELAY.plusMillis(1));
            race.cancel();
            Async.waitAll(List.of(race));
            assertThat(race.isCancelled()).isTrue();
            assertThat(calls).filteredOn(call -> call.startsWith("cancelled")).hasSize(2);
            assertThat(Async.allTasks()).hasSize(1);
        });
    }

    @Test
    void aNegativeDelayIsRefused() {
        kit.run(() ->
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> Async.staggeredRace(List.of(), DELAY.negated()))
                        .withMessageContaining("PT-0.25S"));
    }

    @Test
    void oneThatIsCancelledAndNotByTheRaceHasFailed() {
        kit.run(() -> {
            Callable<String> cancelled =
                    () -> {
                        var future = kit.loop().<String>createFuture();
                        future.cancel("of its own");
                        return future.await();
                    };
            var result = Async.staggeredRace(List.of(cancelled, returning("second", 1)));
            assertThat(result.winner()).hasValue(1);
            assertThat(result.exceptions().getFirst())
                    .isInstanceOf(CancelledError.class)
                    .hasMessage("of its own");
        });
    }

    @Test
    void aCancelledRaceWhoseCleanUpFailsIsCancelled() {
        kit.run(() -> {
            Callable<String> failsInCleanUp =
                    () -> {
                        try {
                            Async.sleep(DELAY);
                        } catch (CancelledError _) {
                            throw new IOException("in the clean-up");
                        }
                        return "too late";
                    };
            var race = Async.createTask(() -> Async.staggeredRace(List.of(failsInCleanUp)));
            Async.yieldNow();
            Async.yieldNow();
            race.cancel();
            Async.waitAll(List.of(race));
            assertThat(race.isCancelled()).as(race.toString()).isTrue();
        });
    }
}

package dev.jloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jloop.core.Async;
import dev.jloop.executor.Offload;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

@Timeout(30)
class ManualTimeTest {
    private static final Duration STEP = Duration.ofMillis(15);

    private final VirtualTimeLoop loop = VirtualTimeLoop.manual();
    private final List<String> calls = new ArrayList<>();

    @AfterEach
    void close() {
        loop.close();
    }

    @Test
    void advanceRunsWhatIsDueAtExactlyTheNewTime() {
        loop.createTask(() -> {
            Async.sleep(STEP);
            calls.add("ran");
        });

        loop.advance(STEP);

        assertThat(calls).isEqualTo(List.of("ran"));
        assertThat(loop.time()).isEqualTo(STEP.toNanos());
    }

    @Test
    void advanceUntilStopsJustBeforeAndRunReadyRunsIt() {
        loop.createTask(() -> {
            Async.sleep(STEP);
            calls.add("ran");
        });

        loop.advanceUntil(STEP);
        assertThat(calls).isEmpty();
        assertThat(loop.time()).isEqualTo(STEP.toNanos());

        loop.runReady();
        assertThat(calls).isEqualTo(List.of("ran"));
        assertThat(loop.time()).isEqualTo(STEP.toNanos());
    }

    @Test
    void aStepOfNothingUntilTheSameTimeRunsNothing() {
        loop.callLater(STEP, () -> calls.add("ran"));
        loop.advanceUntil(STEP);

        loop.advanceUntil(Duration.ZERO);
        assertThat(calls).isEmpty();

        loop.advance(Duration.ZERO);
        assertThat(calls).isEqualTo(List.of("ran"));
    }

    @Test
    void negativeStepsAreRejected() {
        var back = Duration.ofNanos(-1);

        for (var method :
                List.<Consumer<Duration>>of(
                        loop::advance, loop::advanceUntil, loop::runUntilIdle)) {
            assertThatThrownBy(() -> method.accept(back))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("PT-0.000000001S");
        }
    }

    @Test
    void timeStandsAtEachDeadlineWhileItsCallbacksRun() {
        loop.callLater(Duration.ofSeconds(1), () -> calls.add("at " + loop.time()));
        loop.callLater(
                Duration.ofSeconds(2),
                () -> {
                    calls.add("at " + loop.time());
                    loop.callLater(
                            Duration.ofSeconds(1), () -> calls.add("nested at " + loop.time()));
                });

        loop.advance(Duration.ofSeconds(10));

        assertThat(calls)
                .isEqualTo(List.of("at 1000000000", "at 2000000000", "nested at 3000000000"));
        assertThat(loop.time()).isEqualTo(Duration.ofSeconds(10).toNanos());
    }

    @Test
    void aDeadlineBeyondTheNewTimeIsLeftAlone() {
        loop.callLater(Duration.ofDays(3), () -> calls.add("ran"));

        loop.advance(Duration.ofDays(3).minusNanos(1));
        assertThat(calls).isEmpty();

        loop.advance(Duration.ofNanos(1));
        assertThat(calls).isEqualTo(List.of("ran"));
    }

    @Test
    void runReadyNeverMovesTime() {
        loop.callSoon(() -> {
            calls.add("first");
            loop.callSoon(() -> calls.add("second"));
            loop.callLater(Duration.ofNanos(1), () -> calls.add("timer"));
        });

        loop.runReady();

        assertThat(calls).isEqualTo(List.of("first", "second"));
        assertThat(loop.time()).isZero();
    }

    @Test
    void runReadyDoesNotWaitForWorkOutside() {
        try (var _ = loop.beginOutsideWork("still going on")) {
            loop.callSoon(() -> calls.add("ran"));

            loop.runReady();

            assertThat(calls).isEqualTo(List.of("ran"));
        }
    }

    @Test
    void advanceWaitsForWorkOutsideBeforeItMovesTime() {
        loop.createTask(
                () -> calls.add(Offload.toThread(() -> "from a thread") + " at " + loop.time()));

        loop.advance(STEP);

        assertThat(calls).isEqualTo(List.of("from a thread at 0"));
    }

    @Test
    void runUntilIdleMovesTimeAsFarAsThereIsSomethingToDo() {
        loop.createTask(() -> {
            Async.sleep(Duration.ofHours(1));
            calls.add("one hour");
            Async.sleep(Duration.ofDays(30));
            calls.add("a month");
        });

        loop.runUntilIdle();

        assertThat(calls).isEqualTo(List.of("one hour", "a month"));
        assertThat(loop.time()).isEqualTo(Duration.ofDays(30).plusHours(1).toNanos());
    }

    @Test
    void runUntilIdleLeavesATaskThatWaitsForSomethingElse() {
        var future = loop.<String>createFuture();
        var task = loop.createTask(() -> future.await());

        loop.runUntilIdle();
        assertThat(task.isDone()).isFalse();

        future.setResult("came");
        loop.runUntilIdle();
        assertThat(task.result()).isEqualTo("came");
    }

    @Test
    void aTimerWithoutAnEndIsCaughtByTheLimit() {
        var ticks = new AtomicLong();
        var task =
                loop.createTask(
                        () -> {
                            while (true) {
                                Async.sleep(Duration.ofSeconds(1));
                                ticks.incrementAndGet();
                            }
                        },
                        "ticker");

        assertThatThrownBy(() -> loop.runUntilIdle(Duration.ofSeconds(10)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("not idle after PT10S")
                .hasMessageContaining("ticker");
        assertThat(ticks).hasValue(10);
        assertThat(loop.time()).isEqualTo(Duration.ofSeconds(10).toNanos());
        task.cancel();
        loop.runUntilIdle();
    }

    @Test
    void aTimerWithoutAnEndAndWithoutALimitIsCaughtToo() {
        var task =
                loop.createTask(() -> {
                    while (true) {
                        Async.sleep(Duration.ofNanos(1));
                    }
                });

        assertThatThrownBy(loop::runUntilIdle)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("not idle");
        task.cancel();
        loop.runUntilIdle();
    }

    @Test
    void insideACoroutineOrACallbackDrivingIsRefusedAndSleepIsNamed() {
        var drives =
                List.<Runnable>of(
                        () -> loop.advance(STEP),
                        () -> loop.advanceUntil(STEP),
                        () -> loop.advanceUntil(Duration.ZERO),
                        loop::runReady,
                        loop::runUntilIdle,
                        () -> loop.runUntilIdle(STEP));

        loop.runUntilComplete(() -> {
            for (var drive : drives) {
                assertThatThrownBy(drive::run)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("Async.sleep");
            }
        });
        loop.callSoon(() ->
                assertThatThrownBy(loop::runReady)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("Async.sleep"));
        loop.setExceptionHandler((_, report) -> calls.add(report.toString()));
        loop.runReady();
        assertThat(calls).isEmpty();
    }

    @Test
    void aClosedLoopCannotBeDriven() {
        loop.close();

        assertThatThrownBy(() -> loop.advance(STEP))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("is closed");
    }

    @Test
    void drivingTheLoopStopsAtTheVirtualLimitToo() {
        loop.setVirtualLimit(Duration.ofHours(1));
        loop.callLater(Duration.ofMinutes(30), () -> calls.add("in time"));
        loop.callLater(Duration.ofHours(5), () -> calls.add("too late"));

        var drives =
                List.<Runnable>of(
                        () -> loop.advance(Duration.ofHours(6)),
                        () -> loop.advanceUntil(Duration.ofHours(6)),
                        loop::runUntilIdle);
        for (var drive : drives) {
            assertThatThrownBy(drive::run)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("limit of PT1H");
        }
        assertThat(calls).containsExactly("in time");

        loop.advance(Duration.ofMinutes(30));
        assertThat(loop.time()).isEqualTo(Duration.ofHours(1).toNanos());
        assertThatThrownBy(() -> loop.advance(Duration.ofNanos(1)))
                .hasMessageContaining("limit of PT1H");
    }

    @Test
    void nearTheEndOfTimeADelayStaysInTheFuture() {
        loop.advance(Duration.ofNanos(Long.MAX_VALUE - 1000));
        loop.callLater(Duration.ofHours(1), () -> calls.add("ran"));
        loop.advance(Duration.ofNanos(999));
        assertThat(calls).isEmpty();

        loop.advance(Duration.ofNanos(1));
        assertThat(calls).containsExactly("ran");
    }

    @Test
    void aLoopThatIsStoppedOnTheWayKeepsTheTimeItHadThen() {
        loop.callLater(Duration.ofSeconds(1), loop::stop);
        loop.callLater(Duration.ofSeconds(2), () -> calls.add("ran"));

        loop.advance(Duration.ofSeconds(3));
        assertThat(loop.time()).isEqualTo(Duration.ofSeconds(1).toNanos());
        assertThat(calls).isEmpty();

        loop.advance(Duration.ofSeconds(3));
        assertThat(calls).isEqualTo(List.of("ran"));
    }

    @Test
    void aRunThatOnlyATimerCouldEndIsADeadlockWhereTimeStandsStill() {
        assertThatThrownBy(() -> loop.runUntilComplete(() -> Async.sleep(STEP)))
                .isInstanceOf(DeadlockException.class)
                .hasMessageContaining("time stands still")
                .hasMessageContaining("PT0.015S");
        loop.advance(STEP);
        assertThat(loop.allTasks()).isEmpty();
    }
}

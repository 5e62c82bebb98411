package dev.jloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jloop.core.Async;
import dev.jloop.core.CancelledError;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

@Timeout(30)
class BackgroundTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final VirtualTimeLoop loop = VirtualTimeLoop.create();
    private final List<String> events = new ArrayList<>();

    @AfterEach
    void close() {
        loop.close();
    }

    private void tick() {
        while (true) {
            Async.sleep(SECOND);
            events.add("tick at " + Duration.ofNanos(loop.time()));
        }
    }

    @Test
    void runUntilIdleDoesNotWaitForItsTimers() {
        loop.background(this::tick);
        loop.createTask(() -> Async.sleep(Duration.ofMillis(2500)));

        loop.runUntilIdle();

        assertThat(events).isEqualTo(List.of("tick at PT1S", "tick at PT2S"));
        assertThat(loop.time()).isEqualTo(Duration.ofMillis(2500).toNanos());
    }

    @Test
    void aTaskThatABackgroundTaskStartsBelongsToTheBackgroundToo() {
        loop.background(() -> {
            Async.createTask(this::tick);
        });

        loop.runUntilIdle();

        assertThat(loop.pendingTasks(false)).isEmpty();
        assertThat(loop.pendingTasks(true)).hasSize(1);
    }

    @Test
    void closingTheLoopCancelsItAndWaitsForItsCleanUp() {
        loop.setExceptionHandler((_, report) -> events.add(report.toString()));
        loop.background(() -> {
            try {
                tick();
            } catch (CancelledError cancellation) {
                Async.sleep(SECOND);
                events.add("cleaned up");
                throw cancellation;
            }
        });
        loop.runReady();

        loop.close();

        assertThat(events).isEqualTo(List.of("cleaned up"));
    }

    /// Nothing of it waits, so no jump of time comes that could be counted.
    @Test
    void oneThatNeverWaitsAndIgnoresItsCancellationIsNamedWhenTheLoopCloses() {
        loop.setExceptionHandler((_, report) -> events.add(report.message()));
        loop.background(() -> {
            while (true) {
                try {
                    Async.yieldNow();
                } catch (CancelledError ignored) {
                    events.add("ignored");
                }
            }
        });
        loop.runUntilComplete(Async::yieldNow);

        assertThatThrownBy(loop::close)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("was to close")
                .hasMessageContaining("turns in which no time passed")
                .hasMessageContaining("Task['Task-1', pending");
        assertThat(loop.isClosed()).isTrue();
        assertThat(events).contains("a task was still pending when its loop closed");
    }

    @Test
    void itsCleanUpMayTakeManyTurnsAsLongAsTimePassesInBetween() {
        loop.background(() -> {
            try {
                tick();
            } catch (CancelledError cancellation) {
                for (var second = 0; second < 12; second++) {
                    for (var turn = 0; turn < 10_000; turn++) {
                        Async.yieldNow();
                    }
                    Async.sleep(SECOND);
                }
                events.add("cleaned up");
                throw cancellation;
            }
        });
        loop.runReady();

        loop.close();

        assertThat(events).isEqualTo(List.of("cleaned up"));
    }

    @Test
    void itsResultCanBeAwaited() {
        var result = loop.runUntilComplete(() -> loop.background(() -> 42).await());

        assertThat(result).isEqualTo(42);
    }
}

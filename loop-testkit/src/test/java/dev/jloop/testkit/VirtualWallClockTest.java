package dev.jloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jloop.core.Async;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// The wall clock that follows virtual time, and what else moves or holds it.
class VirtualWallClockTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    @LoopTest
    void itStartsAtTheEpochAndFollowsTheLoop(VirtualTimeLoop loop) {
        var clock = loop.instantSource();
        assertThat(clock.instant()).isEqualTo(Instant.parse("2000-01-01T00:00:00Z"));

        Async.sleep(Duration.ofDays(366).plusNanos(1));

        assertThat(clock.instant()).isEqualTo(Instant.parse("2001-01-01T00:00:00.000000001Z"));
    }

    @LoopTest
    void sleepAndSettleLetsOthersWithTheSameDeadlineDoTheirPart(VirtualTimeLoop loop) {
        var events = new ArrayList<String>();
        var first = Async.createTask(() -> loop.sleepAndSettle(SECOND));
        first.addDoneCallback(_ -> events.add("settled"));
        var second =
                Async.createTask(() -> {
                    Async.sleep(SECOND);
                    Async.yieldNow();
                    events.add("done its part");
                });

        Async.waitAll(List.of(first, second));

        assertThat(events).isEqualTo(List.of("done its part", "settled"));
        assertThat(loop.time()).isEqualTo(SECOND.toNanos());
    }

    @Test
    void sleepAndSettleOutsideACoroutineIsRefused() {
        try (var loop = VirtualTimeLoop.create()) {
            assertThatThrownBy(() -> loop.sleepAndSettle(SECOND))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("use advance");
        }
    }

    @Test
    void closingAManualLoopMovesTimeForTheCleanUpOfItsBackground() {
        var events = new ArrayList<String>();
        try (var loop = VirtualTimeLoop.manual()) {
            loop.background(() -> {
                try {
                    Async.sleep(Duration.ofDays(1));
                } finally {
                    Async.sleep(SECOND);
                    events.add("cleaned up");
                }
            });
            loop.runReady();
        }

        assertThat(events).isEqualTo(List.of("cleaned up"));
    }

    @Test
    void closingALoopWhoseBackgroundNeverEndsFailsAndClosesIt() {
        var loop = VirtualTimeLoop.create();
        loop.setExceptionHandler((_, _) -> {});
        loop.background(() -> {
            while (!loop.isClosed()) {
                try {
                    Async.sleep(SECOND);
                } catch (dev.jloop.core.CancelledError ignored) {
                    // which is the bug
                }
            }
        });
        loop.runReady();

        assertThatThrownBy(loop::close)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("must end when they are cancelled")
                .hasMessageContaining("VirtualWallClockTest");
        assertThat(loop.isClosed()).isTrue();
    }

    @Test
    void aVirtualLimitMustBePositive() {
        try (var loop = VirtualTimeLoop.create()) {
            assertThatThrownBy(() -> loop.setVirtualLimit(Duration.ZERO))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("PT0S");
        }
    }
}

package dev.jloop.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

class TimerTest {
    private static final Duration CENTURY = Duration.ofDays(36_525);

    @RegisterExtension final LoopFixture kit = LoopFixture.onVirtualTime();

    private final List<String> calls = new ArrayList<>();

    private Runnable note(String call) {
        return () -> calls.add(call);
    }

    @Test
    void aTimerRunsAtItsDeadlineAndNotBefore() {
        kit.loop().callLater(Duration.ofMillis(10), note("timer"));

        kit.advance(Duration.ofNanos(9_999_999));
        assertThat(calls).isEmpty();

        kit.advance(Duration.ofNanos(1));
        assertThat(calls).containsExactly("timer");
    }

    @Test
    void theLoopSleepsExactlyUntilTheNextTimer() {
        kit.loop().callLater(Duration.ofSeconds(10), kit.loop()::stop);

        kit.loop().runForever();

        assertThat(kit.loop().time()).isEqualTo(Duration.ofSeconds(10).toNanos());
        assertThat(kit.poller.timeouts).contains(Duration.ofSeconds(10).toNanos());
    }

    @Test
    void equalDeadlinesRunInTheOrderTheyWereScheduled() {
        var expected = new ArrayList<String>();
        for (var i = 0; i < 100; i++) {
            expected.add("timer " + i);
            kit.loop().callLater(Duration.ofMillis(10), note("timer " + i));
        }

        kit.advance(Duration.ofMillis(10));

        assertThat(calls).isEqualTo(expected);
    }

    @Test
    void timersRunByDeadlineWhateverTheOrderOfScheduling() {
        kit.loop().callLater(Duration.ofMillis(3), note("3 ms"));
        kit.loop().callLater(Duration.ofMillis(1), note("1 ms"));
        kit.loop().callLater(Duration.ofMillis(2), note("2 ms"));

        kit.advance(Duration.ofMillis(3));

        assertThat(calls).containsExactly("1 ms", "2 ms", "3 ms");
    }

    @Test
    void negativeDelaysAreDueAtOnceAndOrderedByDeadline() {
        kit.loop().callLater(Duration.ZERO, note("zero"));
        kit.loop().callLater(Duration.ofMillis(-1), note("-1 ms"));
        kit.loop().callLater(CENTURY.negated(), note("-100 years"));
        kit.loop().callLater(CENTURY.multipliedBy(-1000), note("-100,000 years"));

        kit.runOneTurn();

        assertThat(calls).containsExactly("-100,000 years", "-100 years", "-1 ms", "zero");
    }

    @Test
    void aDelayOfAHundredYearsWaitsAHundredYears() {
        kit.loop().callLater(CENTURY, kit.loop()::stop);

        kit.loop().runForever();

        assertThat(kit.loop().time()).isEqualTo(CENTURY.toNanos());
    }

    @Test
    void theLongestDelaysStayBehindAllOthersAndDoNotOverflow() {
        kit.clock.moveTo(CENTURY.toNanos());
        var longest = kit.loop().callLater(Duration.ofSeconds(Long.MAX_VALUE), note("longest"));
        var atTheEnd = kit.loop().callAt(Long.MAX_VALUE, note("end of time"));
        kit.loop().callLater(CENTURY, note("100 years"));

        kit.advance(CENTURY);

        assertThat(calls).containsExactly("100 years");
        assertThat(longest.when()).isPositive();
        assertThat(atTheEnd.when()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void aDeadlineAtTheBeginningOfTimeIsDueAtOnce() {
        kit.clock.moveTo(5);
        kit.loop().callAt(Long.MIN_VALUE, kit.loop()::stop);

        kit.loop().runForever();

        assertThat(kit.loop().time()).isEqualTo(5);
    }

    @Test
    void aClockThatBeginsBelowZeroChangesNothing() {
        var start = -CENTURY.toNanos();
        kit.clock.moveTo(start);
        kit.loop().callLater(Duration.ofSeconds(Long.MAX_VALUE), note("longest"));
        kit.loop().callAt(Long.MAX_VALUE, note("end of time"));
        kit.loop().callLater(Duration.ofSeconds(1), kit.loop()::stop);

        kit.loop().runForever();

        assertThat(kit.loop().time() - start).isEqualTo(Duration.ofSeconds(1).toNanos());
        assertThat(calls).isEmpty();
        assertThat(kit.poller.timeouts).as("polls").hasSizeLessThan(5);
    }

    @Test
    void aTimerCannotBeScheduledWithoutADelayOrACallback() {
        assertThatNullPointerException()
                .isThrownBy(() -> kit.loop().callLater(null, note("")))
                .withMessageContaining("delay");
        assertThatNullPointerException()
                .isThrownBy(() -> kit.loop().callLater(Duration.ZERO, null))
                .withMessageContaining("callback");
        assertThatNullPointerException()
                .isThrownBy(() -> kit.loop().callSoon(null))
                .withMessageContaining("callback");
    }

    @Test
    void aRepeatedDelayOfSeventyMillisecondsIsNeverShortened() {
        var delay = Duration.ofMillis(60).plus(Duration.ofMillis(10));
        kit.run(() -> {
            for (var i = 0; i < 8; i++) {
                var start = kit.loop().time();
                Async.sleep(delay);
                assertThat(kit.loop().time() - start).isEqualTo(delay.toNanos());
            }
        });
    }

    @Test
    void shortSleepsDoNotMakeTheLoopSpin() {
        kit.run(() -> {
            for (var nanos : List.of(10_000_000L, 1_000_000L, 10_000L, 100L, 1L)) {
                Async.sleep(Duration.ofNanos(nanos));
            }
        });
        assertThat(kit.poller.timeouts).hasSizeLessThan(20);
    }

    @Test
    void whenStaysReadableAfterTheTimerFiredOrWasCancelled() {
        kit.clock.moveTo(1000);
        var fired = kit.loop().callLater(Duration.ofNanos(500), note("fired"));
        var cancelled = kit.loop().callAt(1700, note("cancelled"));
        cancelled.cancel();

        kit.advance(Duration.ofNanos(500));

        assertThat(calls).containsExactly("fired");
        assertThat(fired.when()).isEqualTo(1500);
        assertThat(cancelled.when()).isEqualTo(1700);
        assertThat(cancelled.isCancelled()).isTrue();
        assertThat(fired.isCancelled()).isFalse();
    }

    @Test
    void aTimerCancelledByACallbackOfTheTurnInWhichItIsDueDoesNotRun() {
        var timer = kit.loop().callLater(Duration.ofMillis(1), note("timer"));
        kit.loop().callSoon(timer::cancel);
        kit.clock.advance(Duration.ofMillis(1));

        kit.runTurns(2);

        assertThat(calls).isEmpty();
    }

    @Test
    void aTimerThatIsBehindTimeRunsOnlyOnceForAllItsDelay() {
        kit.loop().callLater(Duration.ofMillis(1), note("timer"));

        kit.advance(Duration.ofHours(1));

        assertThat(calls).containsExactly("timer");
    }

    @Test
    void aClockThatGoesBackDelaysATimerAndBreaksNothing() {
        kit.clock.moveTo(1_000_000);
        kit.loop().callAt(2_000_000, note("timer"));
        kit.clock.moveTo(0);
        kit.runOneTurn();
        assertThat(calls).isEmpty();

        kit.clock.moveTo(2_000_000);
        kit.runOneTurn();
        assertThat(calls).containsExactly("timer");
    }

    @Test
    void theRealLoopDoesNotRunATimerEarly() {
        try (var loop = SelectorEventLoop.builder().build()) {
            var delay = Duration.ofNanos(1_500_001);
            var start = loop.time();
            loop.runUntilComplete(() -> Async.sleep(delay));
            assertThat(loop.time() - start).isGreaterThanOrEqualTo(delay.toNanos());
        }
    }

    @Test
    void nearTheEndOfTimeADelayIsCutAndDoesNotTurnNegative() {
        kit.advance(Duration.ofNanos(Long.MAX_VALUE - 1000));
        var timer = kit.loop().callLater(Duration.ofHours(1), note("timer"));

        assertThat(timer.when()).isEqualTo(Long.MAX_VALUE);
        kit.advance(Duration.ofNanos(999));
        assertThat(calls).isEmpty();
    }
}

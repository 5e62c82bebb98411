package dev.jloop.testkit.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jloop.core.Async;
import dev.jloop.core.CancelledError;
import dev.jloop.core.EventLoop;
import dev.jloop.testkit.LoopTest;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

class SleepTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final List<String> events = new ArrayList<>();

    @LoopTest(seeds = 10)
    void sleepersWakeByDeadlineWhateverTheScheduleIs() {
        var tasks =
                List.of(3, 1, 2).stream()
                        .map(seconds ->
                                Async.createTask(() -> {
                                    Async.sleep(Duration.ofSeconds(seconds));
                                    events.add("after " + seconds);
                                }))
                        .toList();
        Async.waitAll(tasks);

        assertThat(events).isEqualTo(List.of("after 1", "after 2", "after 3"));
    }

    @LoopTest
    void aSleepOfNoTimeLetsOthersRunOnce(EventLoop loop) {
        loop.callSoon(() -> {
            events.add("first turn");
            loop.callSoon(() -> events.add("second turn"));
        });

        Async.sleep(Duration.ZERO);

        assertThat(events).isEqualTo(List.of("first turn"));
        assertThat(loop.time()).isZero();
    }

    @LoopTest
    void aCancelledSleepEndsAtOnceAndLeavesNoTimer(EventLoop loop) {
        var sleeper = Async.createTask(() -> Async.sleep(Duration.ofDays(1)));
        Async.sleep(SECOND);

        sleeper.cancel("wake up");

        assertThatThrownBy(sleeper::await).isInstanceOf(CancelledError.class).hasMessage("wake up");
        assertThat(loop.time()).isEqualTo(SECOND.toNanos());
    }

    @LoopTest
    void aSleepMayBeLongerThanTheLoopCanCount(EventLoop loop) {
        var sleeper = Async.createTask(() -> Async.sleep(Duration.ofSeconds(Long.MAX_VALUE)));
        Async.sleep(SECOND);

        assertThat(sleeper.isDone()).isFalse();
        sleeper.cancel();
    }

    @LoopTest
    void aTimerKeepsItsDeadlineAfterItHasFiredOrWasCancelled(EventLoop loop) {
        var fired = loop.callLater(SECOND, () -> events.add("fired"));
        var cancelled = loop.callLater(SECOND.multipliedBy(2), () -> events.add("cancelled"));
        cancelled.cancel();
        Async.sleep(SECOND.multipliedBy(3));

        assertThat(events).isEqualTo(List.of("fired"));
        assertThat(fired.when()).isEqualTo(SECOND.toNanos());
        assertThat(cancelled.when()).isEqualTo(SECOND.multipliedBy(2).toNanos());
    }

    @LoopTest
    void aTimerThatCancelsAnotherOfTheSameDeadlineComesInTime(EventLoop loop) {
        var handles = new ArrayList<dev.jloop.core.Handle>();
        loop.callLater(SECOND, () -> handles.forEach(handle -> handle.cancel()));
        handles.add(loop.callLater(SECOND, () -> events.add("ran")));

        Async.sleep(SECOND.multipliedBy(2));

        assertThat(events).isEmpty();
    }
}

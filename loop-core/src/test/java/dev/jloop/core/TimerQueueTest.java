package dev.jloop.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;

/// The heap by itself, against a sorted list.
class TimerQueueTest {
    @RegisterExtension final LoopFixture kit = LoopFixture.onVirtualTime();

    private final TimerQueue queue = new TimerQueue();
    private Context context;

    @BeforeEach
    void takeContext() {
        context = Context.copyCurrent();
    }

    private ScheduledTimer add(long deadline) {
        return queue.add(kit.loop(), () -> {}, context, deadline);
    }

    private List<ScheduledTimer> drain(long now) {
        var drained = new ArrayList<ScheduledTimer>();
        for (var timer = queue.pollDue(now); timer != null; timer = queue.pollDue(now)) {
            drained.add(timer);
        }
        return drained;
    }

    @Test
    void randomAdditionsAndCancellationsLeaveTheSameOrderAsASortedList() {
        for (var seed = 0; seed < 50; seed++) {
            var random = new Random(seed);
            var model = new ArrayList<ScheduledTimer>();
            for (var step = 0; step < 500; step++) {
                if (model.isEmpty() || random.nextInt(3) > 0) {
                    model.add(add(random.nextInt(50)));
                } else {
                    assertThat(model.remove(random.nextInt(model.size())).cancel()).isTrue();
                }
                assertThat(queue.size()).isEqualTo(model.size());
            }
            // A stable sort keeps the order of registration among equal deadlines.
            model.sort(Comparator.comparingLong(ScheduledTimer::when));
            assertThat(drain(Long.MAX_VALUE)).as("seed " + seed).isEqualTo(model);
            assertThat(queue.isEmpty()).isTrue();
        }
    }

    @Test
    void aHundredThousandTimersOfWhichNineTenthsAreCancelledLeaveNoEntries() {
        var random = new Random(1);
        var timers = new ArrayList<ScheduledTimer>();
        for (var i = 0; i < 100_000; i++) {
            timers.add(add(1 + random.nextInt(1_000_000)));
        }
        for (var i = 0; i < timers.size(); i++) {
            if (i % 10 != 0) {
                timers.get(i).cancel();
            }
        }
        assertThat(queue.size()).isEqualTo(10_000);

        var drained = drain(Long.MAX_VALUE);

        assertThat(drained).hasSize(10_000);
        assertThat(drained)
                .isSortedAccordingTo(Comparator.comparingLong(ScheduledTimer::when))
                .noneMatch(Handle::isCancelled);
        assertThat(queue.isEmpty()).isTrue();
    }

    @Test
    void aMillionTimersWithOneDeadlineComeInTheOrderOfRegistration() {
        for (var i = 0; i < 1_000_000; i++) {
            add(7);
        }
        var numbers = new long[1_000_000];
        var count = 0;
        for (var timer = queue.pollDue(7); timer != null; timer = queue.pollDue(7)) {
            numbers[count++] = timer.sequence();
        }
        assertThat(count).isEqualTo(1_000_000);
        assertThat(numbers).isEqualTo(LongStream.range(0, 1_000_000).toArray());
    }

    @Test
    void aMillionTimersThatAreSetAndCancelledLeaveNoEntries() {
        var timers = new ArrayList<ScheduledTimer>();
        for (var i = 0; i < 1_000_000; i++) {
            timers.add(add(i ^ 0x2_aaaa));
        }
        timers.forEach(Handle::cancel);
        assertThat(queue.size()).isZero();
        assertThat(queue.capacity()).as("memory kept").isLessThanOrEqualTo(1024);
    }

    @Test
    void onlyWhatIsDueIsGivenOut() {
        add(10);
        add(20);
        assertThat(drain(9)).isEmpty();
        assertThat(drain(10)).hasSize(1);
        assertThat(queue.firstDeadline()).isEqualTo(20);
    }

    @Test
    void cancellingATimerTwiceOrAfterItFiredChangesNothing() {
        var cancelled = add(1);
        var fired = add(2);
        assertThat(cancelled.cancel()).isTrue();
        assertThat(cancelled.cancel()).isFalse();
        assertThat(drain(2)).containsExactly(fired);
        fired.run();
        assertThat(fired.cancel()).isFalse();
        assertThat(fired.isCancelled()).isFalse();
        assertThat(queue.isEmpty()).isTrue();
    }

    @Test
    void aClearedQueueIsEmptyAndItsTimersCanStillBeCancelled() {
        var timer = add(1);
        add(2);
        queue.clear();
        assertThat(queue.isEmpty()).isTrue();
        assertThat(timer.cancel()).isTrue();
        assertThat(queue.size()).isZero();
    }

    @Test
    void aCancelledTimerIsGoneFromTheLoopAtOnceSoThatNothingWakesForIt() {
        var handles = new ArrayList<TimerHandle>();
        for (var i = 0; i < 1000; i++) {
            handles.add(kit.loop().callAt(1 + i, () -> {}));
        }
        kit.loop().callAt(1_000_000, kit.loop()::stop);
        handles.forEach(Handle::cancel);

        kit.loop().runForever();

        assertThat(kit.poller.timeouts).containsExactly(1_000_000L);
    }
}

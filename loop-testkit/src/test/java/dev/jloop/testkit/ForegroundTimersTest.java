package dev.jloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jloop.core.Context;
import dev.jloop.core.TimerHandle;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Random;

class ForegroundTimersTest {
    private static final int MANY = 2000;

    private final ForegroundTimers timers = new ForegroundTimers();
    private long looks;

    private final class Timer implements TimerHandle {
        private final long deadline;
        private boolean cancelled;

        Timer(long deadline) {
            this.deadline = deadline;
        }

        @Override
        public long when() {
            looks++;
            return deadline;
        }

        @Override
        public boolean cancel() {
            cancelled = true;
            return true;
        }

        @Override
        public Context context() {
            return Context.copyCurrent();
        }

        @Override
        public boolean isCancelled() {
            return cancelled;
        }
    }

    private Timer add(long deadline) {
        var timer = new Timer(deadline);
        timers.add(new ForegroundTimers.Entry(timer, null, false, null), 0);
        return timer;
    }

    @Test
    void whetherAnyIsToComeIsAskedAtEachOfThemWithoutALookAtAllOthers() {
        var deadlines = new ArrayList<Long>();
        for (var deadline = 1L; deadline <= MANY; deadline++) {
            deadlines.add(deadline);
        }
        Collections.shuffle(deadlines, new Random(1));
        deadlines.forEach(this::add);
        looks = 0;

        for (var now = 1L; now < MANY; now++) {
            assertThat(timers.anyAfter(now)).isTrue();
        }
        assertThat(timers.anyAfter(MANY)).isFalse();
        assertThat(looks).isLessThan(100L * MANY);
    }

    @Test
    void oneThatIsCancelledIsNotToCome() {
        add(5).cancel();
        var later = add(9);
        assertThat(timers.anyAfter(1)).isTrue();

        later.cancel();
        assertThat(timers.anyAfter(1)).isFalse();
    }

    @Test
    void thoseThatAreForgottenAreToldByDeadline() {
        add(7);
        add(3);
        add(5).cancel();

        assertThat(timers.forgotten(1).stream().map(entry -> entry.timer().when()))
                .containsExactly(3L, 7L);
    }
}

package dev.jloop.core;

import dev.jloop.core.spi.Clock;
import dev.jloop.core.spi.Poller;
import dev.jloop.core.spi.ReadyQueue;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// What a loop has to do and when: ready callbacks, timers, submissions of other threads, and
/// channels. Confined to the loop's thread, except [#submit(Submission)] and [#now()].
final class Agenda {
    /// While there is work, input is looked at after this many callbacks: a look costs a system
    /// call.
    private static final int MAX_CALLBACKS_BETWEEN_POLLS = 64;

    private static final long LONGEST_WAIT_NANOS = TimeUnit.HOURS.toNanos(24);

    /// Longer delays count as this, which is more than a century.
    private static final long LONGEST_DELAY_NANOS = Long.MAX_VALUE / 2;

    private final Clock clock;
    private final Poller poller;
    private final ReadyQueue ready;

    private final Submissions submissions;
    private final TimerQueue timers = new TimerQueue();
    private int callbacksSincePoll;
    private boolean polled;
    private long turns;

    /// The clock's time when something last had to look at it, since the last poll.
    private long recentNanos;

    private boolean recentIsKnown;

    /// How often everything that was queued was dropped.
    private long era;

    Agenda(Clock clock, Poller poller, ReadyQueue ready) {
        this.clock = clock;
        this.poller = poller;
        this.ready = ready;
        this.submissions = new Submissions(poller);
    }

    long now() {
        return clock.nanos();
    }

    /// {@return the time as it was at some moment since the last poll} Costs next to nothing: while
    /// there is work, polls are rare, and one look at the clock serves until the next.
    long recentTime() {
        if (!recentIsKnown) {
            noteTime(clock.nanos());
        }
        return recentNanos;
    }

    private void noteTime(long nanos) {
        recentNanos = nanos;
        recentIsKnown = true;
    }

    /// {@return how many turns were begun; any thread may ask}
    long turns() {
        return turns;
    }

    /// {@return a number that changes whenever the queue is dropped}
    long era() {
        return era;
    }

    /// {@return the time `delay` from now; where that overflows, the end or the beginning of time}
    long deadlineAfter(Duration delay) {
        var now = clock.nanos();
        var nanos = TimeUnit.NANOSECONDS.convert(delay);
        var step = Math.clamp(nanos, -LONGEST_DELAY_NANOS, LONGEST_DELAY_NANOS);
        var deadline = now + step;
        if (step > 0 && deadline < now) {
            return Long.MAX_VALUE;
        }
        return step < 0 && deadline > now ? Long.MIN_VALUE : deadline;
    }

    /// Queues `callback`, behind what other threads have submitted before.
    void add(Runnable callback) {
        submissions.moveTo(ready);
        ready.add(callback);
    }

    ScheduledTimer addTimer(
            SelectorEventLoop loop, Runnable callback, ContextCopy context, long deadlineNanos) {
        return timers.add(loop, callback, context, deadlineNanos);
    }

    /// Queues `callback` from another thread, and wakes the loop.
    void submit(Submission callback) {
        submissions.submit(callback);
    }

    /// Says that a run begins, whose first turn looks at the channels in any case.
    void startRun() {
        callbacksSincePoll = MAX_CALLBACKS_BETWEEN_POLLS;
        recentIsKnown = false;
    }

    /// {@return how many callbacks are in the queue, those of other threads included}
    int queued() {
        submissions.moveTo(ready);
        return ready.size();
    }

    /// Collects what is ready, and begins a turn with it: what was queued, then channels, then
    /// timers that are due.
    ///
    /// @param mayWait whether to wait for something if nothing is ready
    /// @return how many callbacks the turn has
    int startTurn(boolean mayWait) {
        turns++;
        submissions.moveTo(ready);
        var idle = ready.size() == 0;
        polled = idle || !mayWait || callbacksSincePoll >= MAX_CALLBACKS_BETWEEN_POLLS;
        if (polled) {
            poll(idle && mayWait ? nanosToNextTimer() : 0);
            callbacksSincePoll = 0;
            recentIsKnown = false;
            submissions.moveTo(ready);
        }
        queueDueTimers();
        ready.startTurn();
        callbacksSincePoll += ready.size();
        return ready.size();
    }

    /// {@return whether the turn has begun with a look at the channels: once for many callbacks, or
    /// beside a system call}
    boolean hasPolled() {
        return polled;
    }

    /// Gives the queue new memory in place of what would grow old.
    void renew() {
        ready.renew();
    }

    /// {@return the next callback of the turn, or null when it has none left}
    @Nullable Runnable next() {
        return ready.next();
    }

    private long nanosToNextTimer() {
        if (timers.isEmpty()) {
            return Long.MAX_VALUE;
        }
        var now = clock.nanos();
        var first = timers.firstDeadline();
        if (first <= now) {
            return 0;
        }
        var wait = first - now; // negative where it overflows
        return wait < 0 ? LONGEST_WAIT_NANOS : Math.min(wait, LONGEST_WAIT_NANOS);
    }

    private void poll(long timeoutNanos) {
        var timeout = timeoutNanos > 0 && !submissions.prepareToSleep() ? 0 : timeoutNanos;
        try {
            poller.poll(timeout);
        } catch (IOException failure) {
            throw new UncheckedIOException(
                    "the operating system refuses to wait for channels", failure);
        } finally {
            submissions.awake();
        }
    }

    private void queueDueTimers() {
        if (timers.isEmpty()) {
            return;
        }
        var now = clock.nanos();
        noteTime(now);
        for (var timer = timers.pollDue(now); timer != null; timer = timers.pollDue(now)) {
            ready.add(timer);
        }
    }

    /// Drops everything that was scheduled.
    void clear() {
        era++;
        ready.clear();
        submissions.clear();
        timers.clear();
    }

    /// Drops everything, and closes the poller.
    void close() throws IOException {
        clear();
        poller.close();
    }
}

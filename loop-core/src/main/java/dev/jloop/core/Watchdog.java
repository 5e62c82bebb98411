package dev.jloop.core;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/// Looks at the running loops of this JVM from a thread of its own, and logs one that is stuck in a
/// callback, with the stack of the culprit while it is still there: once for each stall.
///
/// The time that garbage collection has stopped the JVM meanwhile is no fault of the callback, and
/// is subtracted.
final class Watchdog implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(EventLoop.class);
    private static final long SHORTEST_PERIOD_NANOS = Duration.ofMillis(25).toNanos();
    private static final long LONGEST_PERIOD_NANOS = Duration.ofMillis(100).toNanos();
    private static final Watchdog SHARED =
            new Watchdog(System::nanoTime, GarbageCollectionPauses::totalMillis);

    /// What was seen of a loop last.
    private static final class Sighting {
        private long steps;
        private long sinceNanos;
        private long pausesBeforeMillis;
        private boolean reported;
    }

    private final LongSupplier nanos;
    private final LongSupplier pausesMillis;
    private final Map<SelectorEventLoop, Sighting> running = new ConcurrentHashMap<>();
    private volatile @Nullable Thread thread;

    /// Written before it looks whether a loop runs, so that whoever starts one after that look sees
    /// it.
    private volatile boolean sleeping;

    /// @param nanos monotonic real time
    /// @param pausesMillis how long the JVM has stood still so far
    Watchdog(LongSupplier nanos, LongSupplier pausesMillis) {
        this.nanos = nanos;
        this.pausesMillis = pausesMillis;
    }

    static Watchdog shared() {
        return SHARED;
    }

    void loopStarted(SelectorEventLoop loop) {
        watch(loop);
        var current = thread;
        if (current == null) {
            start();
        } else if (sleeping || periodNanos(loop) < LONGEST_PERIOD_NANOS) {
            LockSupport.unpark(current); // else it may look too late for a short threshold
        }
    }

    /// Looks at `loop` too from now on.
    void watch(SelectorEventLoop loop) {
        running.put(loop, new Sighting());
    }

    void loopStopped(SelectorEventLoop loop) {
        running.remove(loop);
    }

    private synchronized void start() {
        if (thread == null) {
            thread = Thread.ofPlatform().daemon().name("jloop-watchdog").start(this);
        }
    }

    /// {@return what the watchdog's thread is doing; null where it was not started}
    Thread.@Nullable State threadState() {
        var current = thread;
        return current == null ? null : current.getState();
    }

    @Override
    public void run() {
        while (true) {
            sleeping = true;
            if (running.isEmpty()) {
                LockSupport.park(this);
                sleeping = false;
            } else {
                sleeping = false;
                LockSupport.parkNanos(this, periodNanos());
            }
            // Nobody has a reason to interrupt this thread, and a set flag would make it spin.
            Thread.interrupted();
            look();
        }
    }

    /// {@return how long to wait for the next look: what the shortest threshold asks for}
    long periodNanos() {
        var shortest = LONGEST_PERIOD_NANOS;
        for (var loop : running.keySet()) {
            shortest = Math.min(shortest, periodNanos(loop));
        }
        return shortest;
    }

    /// {@return a tenth of the loop's threshold, within limits} Each look takes the processor away
    /// from a loop that has only one.
    private static long periodNanos(SelectorEventLoop loop) {
        return Math.clamp(
                loop.stallThresholdNanos() / 10, SHORTEST_PERIOD_NANOS, LONGEST_PERIOD_NANOS);
    }

    /// Looks at each loop once.
    void look() {
        running.forEach(this::lookSafely);
    }

    /// One loop's trouble must not leave the others without a watchdog.
    private void lookSafely(SelectorEventLoop loop, Sighting sighting) {
        try {
            var now = nanos.getAsLong();
            loop.openLoop().seenRunning(now);
            look(loop, sighting, now);
        } catch (RuntimeException | Error failure) {
            couldNotLook(loop, failure);
        }
    }

    private static void couldNotLook(SelectorEventLoop loop, Throwable failure) {
        try {
            LOG.error("the watchdog could not look at {}", loop, failure);
        } catch (RuntimeException | Error broken) {
            // The last resort: a log back end that fails must not end the watchdog.
            System.err.println("jloop: logging failed (" + broken + ") for: " + failure);
        }
    }

    private void look(SelectorEventLoop loop, Sighting sighting, long now) {
        var steps = loop.progress().steps();
        var busy = steps % 2 == 1;
        if (steps != sighting.steps) {
            sighting.steps = steps;
            sighting.sinceNanos = now;
            sighting.reported = false;
            if (busy) {
                sighting.pausesBeforeMillis = pausesMillis.getAsLong();
            }
        } else if (busy && !sighting.reported) {
            var stuckNanos = now - sighting.sinceNanos;
            // Asked only if it matters.
            if (stuckNanos >= loop.stallThresholdNanos()) {
                stuckNanos -= pausesSince(sighting);
            }
            if (stuckNanos >= loop.stallThresholdNanos()) {
                sighting.reported = true;
                report(loop, steps, stuckNanos);
            }
        }
    }

    private long pausesSince(Sighting sighting) {
        return TimeUnit.MILLISECONDS.toNanos(
                pausesMillis.getAsLong() - sighting.pausesBeforeMillis);
    }

    private static void report(SelectorEventLoop loop, long steps, long nanos) {
        var thread = loop.execution().busyThread();
        if (thread == null) {
            return;
        }
        var culprit = Descriptions.of(loop.running());
        var stack = new Throwable("stack of thread " + Threads.describe(thread));
        stack.setStackTrace(thread.getStackTrace());
        var lock = AwaitedLock.of(thread);
        if (loop.progress().steps() != steps) {
            return; // it went on while its stack was taken
        }
        FlightEvents.stalled(loop, culprit, nanos, stack.getStackTrace());
        LOG.warn(
                "{} is stuck: {} has kept it busy for {} ms and nothing else can run; {}",
                loop,
                culprit,
                TimeUnit.NANOSECONDS.toMillis(nanos),
                lock == null ? "move blocking work to Offload.toThread" : lock.describe(),
                stack);
    }
}

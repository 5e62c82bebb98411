package dev.jloop.core;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// Looks at the running loops of this JVM from a thread of its own, and logs one that is stuck in a
/// callback, with the stack of the culprit while it is still there: once for each stall.
final class Watchdog implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(EventLoop.class);
    private static final long PERIOD_NANOS = Duration.ofMillis(25).toNanos();
    private static final Watchdog SHARED = new Watchdog();

    /// What was seen of a loop last.
    private static final class Sighting {
        private long steps;
        private long sinceNanos;
        private boolean reported;
    }

    private final Map<SelectorEventLoop, Sighting> running = new ConcurrentHashMap<>();
    private volatile @Nullable Thread thread;

    private Watchdog() {}

    static Watchdog shared() {
        return SHARED;
    }

    void loopStarted(SelectorEventLoop loop) {
        running.put(loop, new Sighting());
        var current = thread;
        if (current == null) {
            start();
        } else if (running.size() == 1) {
            LockSupport.unpark(current);
        }
    }

    void loopStopped(SelectorEventLoop loop) {
        running.remove(loop);
    }

    private synchronized void start() {
        if (thread == null) {
            thread = Thread.ofPlatform().daemon().name("jloop-watchdog").start(this);
        }
    }

    @Override
    public void run() {
        while (true) {
            if (running.isEmpty()) {
                LockSupport.park(this);
            } else {
                LockSupport.parkNanos(this, PERIOD_NANOS);
            }
            // Nobody has a reason to interrupt this thread, and a set flag would make it spin.
            Thread.interrupted();
            running.forEach(this::lookSafely);
        }
    }

    /// One loop's trouble must not leave the others without a watchdog.
    private void lookSafely(SelectorEventLoop loop, Sighting sighting) {
        try {
            look(loop, sighting);
        } catch (RuntimeException | Error failure) {
            LOG.error("the watchdog could not look at {}", loop, failure);
        }
    }

    private void look(SelectorEventLoop loop, Sighting sighting) {
        var now = System.nanoTime();
        var steps = loop.progress().steps();
        if (steps != sighting.steps) {
            sighting.steps = steps;
            sighting.sinceNanos = now;
            sighting.reported = false;
        } else if (steps % 2 == 1
                && !sighting.reported
                && now - sighting.sinceNanos >= loop.stallThresholdNanos()) {
            sighting.reported = true;
            report(loop, steps, now - sighting.sinceNanos);
        }
    }

    private static void report(SelectorEventLoop loop, long steps, long nanos) {
        var thread = loop.execution().busyThread();
        if (thread == null) {
            return;
        }
        var culprit = Descriptions.of(loop.progress().current());
        var stack = new Throwable("stack of thread " + Threads.describe(thread));
        stack.setStackTrace(thread.getStackTrace());
        if (loop.progress().steps() == steps) {
            LOG.warn(
                    "{} is stuck: {} has kept it busy for {} ms and nothing else can run;"
                            + " move blocking work to Offload.toThread",
                    loop,
                    culprit,
                    TimeUnit.NANOSECONDS.toMillis(nanos),
                    stack);
        }
    }
}

package dev.jloop.core;

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
    private volatile boolean started;

    private Watchdog() {}

    static Watchdog shared() {
        return SHARED;
    }

    void loopStarted(SelectorEventLoop loop) {
        running.put(loop, new Sighting());
        if (!started) {
            start();
        }
    }

    void loopStopped(SelectorEventLoop loop) {
        running.remove(loop);
    }

    private synchronized void start() {
        if (!started) {
            started = true;
            Thread.ofPlatform().daemon().name("jloop-watchdog").start(this);
        }
    }

    @Override
    public void run() {
        while (true) {
            LockSupport.parkNanos(this, PERIOD_NANOS);
            Thread.interrupted(); // nobody has a reason to interrupt it, and a set flag would
            // make it spin
            running.forEach(this::look);
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
        var culprit = String.valueOf(loop.progress().current());
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

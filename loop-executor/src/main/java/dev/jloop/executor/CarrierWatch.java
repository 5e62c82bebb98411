package dev.jloop.executor;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/// Looks at the bodies that run on virtual threads, from a thread of its own.
///
/// A body that computes does not let go of the carrier it is on. On the baton engine the loop needs
/// a carrier as well, and as many such bodies as there are processors would stop it. So for each of
/// them, and for who waits behind them, the JVM gets one more carrier while that lasts; and one
/// that computes for a second is logged, once, with its stack: it belongs into [Offload#compute].
final class CarrierWatch implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(Offload.class);
    private static final long PERIOD_NANOS = Duration.ofMillis(20).toNanos();

    /// Looks without work before it sleeps: to be woken costs the next body more than some looks.
    private static final int EMPTY_LOOKS = 50;

    /// Seen busy for this long, a body is taken to compute.
    private static final long HOLDS_NANOS = Duration.ofMillis(15).toNanos();

    private static final long WARNING_NANOS = Duration.ofSeconds(1).toNanos();
    private static final int MOST_ADDED = 64;

    private static final CarrierWatch SHARED = new CarrierWatch(System::nanoTime, Carriers.ofJdk());

    /// A body as it was seen last.
    private static final class Sighting {
        private final Thread thread;
        private boolean busy;
        private long busySinceNanos;
        private boolean reported;

        Sighting(Thread thread) {
            this.thread = thread;
        }
    }

    private final LongSupplier nanos;
    private final Carriers carriers;
    private final Map<OffloadedCall<?>, Sighting> bodies = new ConcurrentHashMap<>();
    private volatile @Nullable Thread thread;

    /// Written before it looks whether there are bodies, so that one that starts after that look
    /// sees it.
    private volatile boolean sleeping;

    /// Those that this has added and not taken away. Thread of the watch.
    private int added;

    /// @param nanos monotonic real time
    CarrierWatch(LongSupplier nanos, Carriers carriers) {
        this.nanos = nanos;
        this.carriers = carriers;
    }

    static CarrierWatch shared() {
        return SHARED;
    }

    /// On the thread of the body, as it starts.
    void started(OffloadedCall<?> call, Thread worker) {
        if (!worker.isVirtual()) {
            return;
        }
        watch(call, worker);
        var current = thread;
        if (current == null) {
            start();
        } else if (sleeping) {
            LockSupport.unpark(current);
        }
    }

    /// Looks at a body from now on.
    void watch(OffloadedCall<?> call, Thread worker) {
        bodies.put(call, new Sighting(worker));
    }

    void ended(OffloadedCall<?> call) {
        bodies.remove(call);
    }

    private synchronized void start() {
        if (thread == null) {
            thread = Thread.ofPlatform().daemon().name("jloop-carrier-watch").start(this);
        }
    }

    @Override
    public void run() {
        var emptyLooks = 0;
        while (true) {
            if (bodies.isEmpty()) {
                emptyLooks++;
            } else {
                emptyLooks = 0;
            }
            sleeping = emptyLooks > EMPTY_LOOKS;
            if (sleeping && bodies.isEmpty()) {
                LockSupport.park(this);
            } else {
                LockSupport.parkNanos(this, PERIOD_NANOS);
            }
            // Nobody has a reason to interrupt this thread, and a set flag would make it spin.
            Thread.interrupted();
            lookSafely();
        }
    }

    /// Trouble once must not end the watch.
    private void lookSafely() {
        try {
            look();
        } catch (RuntimeException | Error failure) {
            LOG.error("the watch over virtual threads failed", failure);
        }
    }

    /// Looks at each body once.
    void look() {
        var now = nanos.getAsLong();
        var computing = 0;
        for (var body : bodies.entrySet()) {
            if (look(body.getKey(), body.getValue(), now)) {
                computing++;
            }
        }
        provideFor(computing);
    }

    /// {@return whether the body computes, or could go on and has waited for a carrier as long} To
    /// tell them apart takes a stack, for which a busy thread has to be stopped; that may last
    /// longer than all else here, and is done for a report only.
    private boolean look(OffloadedCall<?> call, Sighting sighting, long now) {
        if (sighting.thread.getState() != Thread.State.RUNNABLE) {
            sighting.busy = false;
            return false;
        }
        if (!sighting.busy) {
            sighting.busy = true;
            sighting.busySinceNanos = now;
            return false;
        }
        var busyNanos = now - sighting.busySinceNanos;
        if (busyNanos >= WARNING_NANOS && !sighting.reported) {
            sighting.reported = true;
            report(call, sighting.thread, busyNanos);
        }
        return busyNanos >= HOLDS_NANOS;
    }

    /// A thread that may go on, and is on no carrier, counts as runnable too.
    private static boolean waitsForCarrier(StackTraceElement[] stack) {
        return stack.length == 0 || stack[0].getClassName().equals("java.lang.VirtualThread");
    }

    /// A call of the operating system for a file holds its carrier, and computes nothing.
    private static boolean isInFileSystem(StackTraceElement[] stack) {
        return stack[0].isNativeMethod()
                && List.of("java.io.", "sun.nio.").stream()
                        .anyMatch(stack[0].getClassName()::startsWith);
    }

    /// Gives back only when no body computes any more: those that have just begun are not counted
    /// yet, and would be left without a carrier.
    private void provideFor(int computing) {
        // Who waits for a carrier may compute as well, and should not stand in the loop's way.
        var waiting = computing == 0 ? 0 : carriers.waiting();
        var wanted =
                computing == 0 ? 0 : Math.max(added, Math.min(computing + waiting, MOST_ADDED));
        if ((wanted != added || waiting > 0) && carriers.change(wanted - added)) {
            added = wanted;
        }
    }

    private static void report(OffloadedCall<?> call, Thread thread, long nanos) {
        var frames = thread.getStackTrace();
        if (waitsForCarrier(frames) || isInFileSystem(frames)) {
            return;
        }
        var stack = new Throwable("stack of thread '" + thread.getName() + "'");
        stack.setStackTrace(frames);
        LOG.warn(
                "{} has computed for {} ms on a virtual thread, which holds a carrier that other"
                        + " virtual threads wait for; move work that computes to Offload.compute",
                call,
                TimeUnit.NANOSECONDS.toMillis(nanos),
                stack);
    }
}

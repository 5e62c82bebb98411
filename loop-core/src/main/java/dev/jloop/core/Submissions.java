package dev.jloop.core;

import dev.jloop.core.spi.Poller;
import dev.jloop.core.spi.ReadyQueue;

import org.jspecify.annotations.Nullable;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicBoolean;

/// Callbacks that any thread hands to the loop, in order, and the wake-up that goes with them.
///
/// Producers push onto a stack whose links are the callbacks themselves; the loop takes the whole
/// stack at once and reverses it. A wake-up costs a system call, so a producer makes one only if
/// the loop has said that it is about to sleep.
final class Submissions {
    private static final VarHandle NEWEST =
            FieldHandle.of(MethodHandles.lookup(), "newest", Submission.class);

    private final Poller poller;

    /// Written through NEWEST. Looked at for each callback, so that a box of its own would show.
    private volatile @Nullable Submission newest;

    private final AtomicBoolean loopSleeps = new AtomicBoolean();

    Submissions(Poller poller) {
        this.poller = poller;
    }

    /// Any thread.
    void submit(Submission submission) {
        Submission before;
        do {
            before = newest;
            submission.linkTo(before);
        } while (!NEWEST.compareAndSet(this, before, submission));
        // Plain read first: while the loop is busy nobody writes the flag, and the line stays
        // shared.
        if (loopSleeps.get() && loopSleeps.compareAndSet(true, false)) {
            poller.wakeup();
        }
    }

    /// Moves everything submitted so far to the ready queue. Loop thread.
    void moveTo(ReadyQueue ready) {
        if (newest != null) {
            take(ready);
        }
    }

    private void take(ReadyQueue ready) {
        Submission oldest = null;
        for (var link = takeNewest(); link != null; ) {
            var next = link.next();
            link.linkTo(oldest);
            oldest = link;
            link = next;
        }
        for (var link = oldest; link != null; ) {
            var next = unlink(link);
            ready.add(link);
            link = next;
        }
    }

    private @Nullable Submission takeNewest() {
        return (Submission) NEWEST.getAndSet(this, null);
    }

    /// Leaves `link` on its own: who keeps a handle must not keep what was submitted after it.
    private static @Nullable Submission unlink(Submission link) {
        var next = link.next();
        link.linkTo(null);
        return next;
    }

    /// Says that the loop is about to wait. Loop thread.
    ///
    /// @return false if something was submitted and the loop must not wait
    boolean prepareToSleep() {
        loopSleeps.set(true);
        // Submitters push first and look at the flag second, the loop the other way round: one sees
        // the other.
        if (newest == null) {
            return true;
        }
        loopSleeps.set(false);
        return false;
    }

    /// Says that the loop no longer waits. Loop thread.
    void awake() {
        loopSleeps.set(false);
    }

    void clear() {
        for (var link = takeNewest(); link != null; ) {
            link = unlink(link);
        }
    }
}

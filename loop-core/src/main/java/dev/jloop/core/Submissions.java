package dev.jloop.core;

import dev.jloop.core.spi.Poller;
import dev.jloop.core.spi.ReadyQueue;

import org.jspecify.annotations.Nullable;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicBoolean;

/// Callbacks that any thread hands to the loop, in order, and the wake-up that goes with them.
///
/// Producers push onto a linked stack; the loop takes the whole stack at once and reverses it. A
/// wake-up costs a system call, so a producer makes one only if the loop has said that it is about
/// to sleep.
final class Submissions {
    private static final class Node {
        final Runnable callback;

        @Nullable Node next;

        Node(Runnable callback) {
            this.callback = callback;
        }
    }

    private static final VarHandle NEWEST =
            FieldHandle.of(MethodHandles.lookup(), "newest", Node.class);

    private final Poller poller;

    /// Written through NEWEST. Looked at for each callback, so that a box of its own would show.
    private volatile @Nullable Node newest;

    private final AtomicBoolean loopSleeps = new AtomicBoolean();

    Submissions(Poller poller) {
        this.poller = poller;
    }

    /// Any thread.
    void submit(Runnable callback) {
        var node = new Node(callback);
        Node before;
        do {
            before = newest;
            node.next = before;
        } while (!NEWEST.compareAndSet(this, before, node));
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
        Node oldest = null;
        for (var node = (Node) NEWEST.getAndSet(this, null); node != null; ) {
            var next = node.next;
            node.next = oldest;
            oldest = node;
            node = next;
        }
        for (var node = oldest; node != null; node = node.next) {
            ready.add(node.callback);
        }
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
        newest = null;
    }
}

package dev.jloop.examples.kv;

import dev.jloop.core.sync.AsyncEvent;

import java.util.function.BooleanSupplier;

/// Lets coroutines wait for a change of loop-owned state. Unlike a condition it needs no lock,
/// since nothing else runs between two await points.
final class Changes {
    private AsyncEvent next = new AsyncEvent();

    /// Lets all that wait look again.
    void announce() {
        var reached = next;
        next = new AsyncEvent();
        reached.set();
    }

    /// Waits until `reached` holds. **Suspends**, unless it does already.
    void await(BooleanSupplier reached) {
        while (!reached.getAsBoolean()) {
            next.await();
        }
    }
}

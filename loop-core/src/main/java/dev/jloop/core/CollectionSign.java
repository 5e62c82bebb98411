package dev.jloop.core;

import java.lang.ref.WeakReference;

/// Tells whether the garbage collector has run. Confined to one thread.
final class CollectionSign {
    private WeakReference<Object> sign = new WeakReference<>(new Object());

    /// {@return whether it has run since this was true last} Costs one look at memory.
    boolean wasGiven() {
        if (!sign.refersTo(null)) {
            return false;
        }
        sign = new WeakReference<>(new Object());
        return true;
    }
}

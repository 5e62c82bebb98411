package dev.jloop.core;

import org.jspecify.annotations.Nullable;

/// A callback that runs each time something is ready, until it is stopped. One object serves for
/// all runs, so that readiness costs no allocation.
final class RepeatedCallback implements Runnable {
    private final SelectorEventLoop loop;
    private final Context context = Context.copyCurrent();
    private final String role;
    private final Object owner;
    private @Nullable Runnable callback;

    RepeatedCallback(SelectorEventLoop loop, Runnable callback, String role, Object owner) {
        this.loop = loop;
        this.callback = callback;
        this.role = role;
        this.owner = owner;
    }

    @Override
    public void run() {
        var current = callback;
        if (current != null) {
            loop.execution().run(current, context, this);
        }
    }

    void stop() {
        callback = null;
    }

    @Override
    public String toString() {
        return role + " of " + owner;
    }
}

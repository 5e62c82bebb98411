package dev.jloop.core;

import org.jspecify.annotations.Nullable;

/// A callback in the ready queue, or on its way to it.
sealed class ScheduledCallback implements Handle, Runnable permits ScheduledTimer {
    private enum State {
        PENDING,
        RUNNING,
        ENDED,
        CANCELLED
    }

    private final SelectorEventLoop loop;
    private final Context context;
    private final @Nullable Throwable createdAt;

    /// Null once cancelled. Kept when it has run, so that reports can name it.
    private @Nullable Runnable callback;

    private State state = State.PENDING;

    ScheduledCallback(SelectorEventLoop loop, Runnable callback, Context context) {
        this.loop = loop;
        this.callback = callback;
        this.context = loop.withMdc(context);
        this.createdAt = loop.creationSite(callback);
    }

    /// Called by the loop in a turn.
    @Override
    public void run() {
        var current = callback;
        if (current == null) {
            return; // cancelled after it had become ready
        }
        state = State.RUNNING;
        try {
            if (loop.running() == this) {
                loop.execution().run(current, this);
            } else { // a user's queue has wrapped it
                loop.execution().run(current, context, this);
            }
        } finally {
            state = State.ENDED;
        }
    }

    boolean isRunning() {
        return state == State.RUNNING;
    }

    @Override
    public boolean cancel() {
        loop.checkThread("cancel");
        if (state != State.PENDING) {
            return false;
        }
        state = State.CANCELLED;
        callback = null;
        return true;
    }

    @Override
    public boolean isCancelled() {
        return state == State.CANCELLED;
    }

    @Override
    public Context context() {
        return context;
    }

    @Nullable Throwable createdAt() {
        return createdAt;
    }

    @Override
    public String toString() {
        return "Handle[" + describe() + "]";
    }

    final String describe() {
        return switch (state) {
            case PENDING -> Descriptions.of(callback);
            case RUNNING, ENDED -> "started: " + Descriptions.of(callback);
            case CANCELLED -> "cancelled";
        };
    }
}

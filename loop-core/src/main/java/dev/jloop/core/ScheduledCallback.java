package dev.jloop.core;

import org.jspecify.annotations.Nullable;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// A callback in the ready queue, or on its way to it.
sealed class ScheduledCallback implements Handle, Runnable
        permits ScheduledTimer, SubmittedCallback {
    private enum State {
        PENDING,
        STARTED,
        CANCELLED
    }

    private static final VarHandle CONTEXT = ContextCopy.fieldOf(MethodHandles.lookup());

    private final SelectorEventLoop loop;

    /// Its values alone until somebody asks for the context. Most never do, and an object less for
    /// each callback is a fifth of what it takes to schedule and run one. Any thread may ask: read
    /// and replaced through CONTEXT.
    @SuppressWarnings("UnusedVariable") // read through CONTEXT
    private ContextCopy context;

    private final @Nullable Throwable createdAt;

    /// Null once cancelled. Kept when it has run, so that reports can name it.
    private @Nullable Runnable callback;

    private State state = State.PENDING;

    ScheduledCallback(SelectorEventLoop loop, Runnable callback, ContextCopy context) {
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
        state = State.STARTED;
        var execution = loop.execution();
        if (execution.callback() == this) {
            execution.run(current, this);
        } else { // a user's queue has wrapped it
            execution.run(current, context(), this);
        }
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
        return ContextCopy.wholeOf(CONTEXT, this);
    }

    /// {@return the context, or its values alone as long as nobody has asked for it}
    ContextCopy contextCopy() {
        return (ContextCopy) CONTEXT.getAcquire(this);
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
            case STARTED -> "started: " + Descriptions.of(callback);
            case CANCELLED -> "cancelled";
        };
    }
}

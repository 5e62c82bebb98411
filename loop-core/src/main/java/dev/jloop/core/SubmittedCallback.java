package dev.jloop.core;

import org.jspecify.annotations.Nullable;

/// A callback that another thread has scheduled.
final class SubmittedCallback extends ScheduledCallback implements Submission {
    /// Null except on the way to the loop.
    private @Nullable Submission next;

    SubmittedCallback(SelectorEventLoop loop, Runnable callback, ContextCopy context) {
        super(loop, callback, context);
    }

    @Override
    public @Nullable Submission next() {
        return next;
    }

    @Override
    public void linkTo(@Nullable Submission other) {
        next = other;
    }
}

package dev.jloop.core;

import org.jspecify.annotations.Nullable;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// What a loop is doing, written by the loop without cost worth speaking of and read by the
/// watchdog.
final class Progress {
    private static final VarHandle STEPS;

    static {
        try {
            STEPS = MethodHandles.lookup().findVarHandle(Progress.class, "steps", long.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    /// Odd while a callback runs, and another number for each.
    @SuppressWarnings("UnusedVariable") // read and written through STEPS
    private long steps;

    private @Nullable Runnable current;

    void begin(Runnable callback) {
        current = callback;
        STEPS.setOpaque(this, (steps + 1) | 1);
    }

    void end() {
        current = null; // an idle loop must not keep its last task
        STEPS.setOpaque(this, (steps + 1) & ~1);
    }

    /// Any thread. {@return the number of the callback that runs, or an even number between
    /// callbacks}
    long steps() {
        return (long) STEPS.getOpaque(this);
    }

    /// Any thread. {@return how many callbacks have ended}
    long callbackCount() {
        return steps() / 2;
    }

    /// Any thread. {@return what runs; exact while the loop is stuck, which is when it matters}
    @Nullable Runnable current() {
        return current;
    }
}

package dev.jloop.core;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// How far a loop has come, written by the loop without cost worth speaking of and read by the
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

    void begin() {
        STEPS.setOpaque(this, (steps + 1) | 1);
    }

    void end() {
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
}

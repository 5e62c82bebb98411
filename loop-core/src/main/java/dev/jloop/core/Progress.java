package dev.jloop.core;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// How far a loop has come, written by the loop without cost worth speaking of and read by the
/// watchdog.
final class Progress {
    private static final VarHandle STEPS =
            FieldHandle.of(MethodHandles.lookup(), "steps", long.class);

    /// Odd in a turn, and another number for each callback; even between turns.
    @SuppressWarnings("UnusedVariable") // read and written through STEPS
    private long steps;

    /// Says that a callback begins, and with it the turn if it is the first.
    void begin() {
        STEPS.setOpaque(this, (steps + 1) | 1);
    }

    /// Says that the turn ends.
    void end() {
        STEPS.setOpaque(this, (steps + 1) & ~1);
    }

    /// Any thread. {@return the number of the callback that runs, or an even number between turns}
    long steps() {
        return (long) STEPS.getOpaque(this);
    }

    /// Any thread. {@return how many callbacks have ended}
    long callbackCount() {
        return steps() / 2;
    }
}

package dev.jloop.core.spi;

import org.jspecify.annotations.Nullable;

/// The callbacks that are ready to run, and so the scheduling policy of a loop. The loop's own
/// queue is first in, first out; a test may permute what is ready.
///
/// A turn runs exactly what was ready when it began: [#startTurn()] fixes that set, [#next()] hands
/// it out, and what is added meanwhile waits for the turn after.
///
/// **Threading:** loop thread only.
///
/// @since 0.1
public interface ReadyQueue {
    /// Adds a callback, for the next turn to be started.
    ///
    /// @param callback what to run, never inside this call
    void add(Runnable callback);

    /// Begins a turn with all that is queued now, including what an earlier turn has left.
    void startTurn();

    /// {@return the next callback of the current turn, removed from the queue, or null when the
    /// turn has none left}
    @Nullable Runnable next();

    /// {@return the number of callbacks queued, for this turn and for the next}
    int size();

    /// Drops everything.
    void clear();

    /// Called after a garbage collection, between callbacks: a queue may give up memory that would
    /// grow old, as references are written more cheaply into young objects. By default nothing
    /// happens.
    default void renew() {}
}

package dev.jloop.streams;

import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopFuture;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;

/// Coroutines that wait until writing goes on: one after the other, in the order in which they
/// came.
///
/// When writing goes on, the first gets its turn, which nobody can take from it any more, so that
/// of several that write again and again none waits for ever. It passes the turn on if writing is
/// still not paused when it runs.
///
/// **Threading:** loop thread only.
final class WriteTurns {
    private final EventLoop loop;
    private final ArrayDeque<LoopFuture<@Nullable Void>> waiting = new ArrayDeque<>(1);
    private boolean paused;

    WriteTurns(EventLoop loop) {
        this.loop = loop;
    }

    void pause() {
        paused = true;
    }

    void resume() {
        paused = false;
        giveTurn();
    }

    boolean isPaused() {
        return paused;
    }

    /// {@return whether someone who has written waits: while writing is paused, and while others
    /// who came before are still to go on}
    boolean isQueueing() {
        return paused || !waiting.isEmpty();
    }

    /// Suspends until it is this coroutine's turn, or nobody needs to wait any more.
    void await() {
        LoopFuture<@Nullable Void> turn = loop.createFuture("the turn to write");
        waiting.addLast(turn);
        try {
            turn.await();
        } finally {
            waiting.remove(turn);
            if (!paused) {
                giveTurn(); // also a turn that came too late for a coroutine that was cancelled
            }
        }
    }

    private void giveTurn() {
        var first = waiting.peekFirst();
        if (first != null && !first.isDone()) {
            first.setResult(null);
        }
    }

    /// Lets all go on: there will be no writing any more.
    void endAll() {
        for (var turn : waiting) {
            if (!turn.isDone()) {
                turn.setResult(null);
            }
        }
    }
}

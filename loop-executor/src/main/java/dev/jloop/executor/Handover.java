package dev.jloop.executor;

import dev.jloop.core.EventLoop;

/// What other threads hand to a loop that may be closing.
final class Handover {
    private Handover() {}

    /// Runs `callback` on the loop; drops it where the loop was closed, which has ended whoever
    /// would have cared. Any thread.
    static void submitUnlessClosed(EventLoop loop, Runnable callback) {
        if (loop.isClosed()) {
            return;
        }
        try {
            loop.callSoonThreadsafe(callback);
        } catch (IllegalStateException refused) {
            if (!loop.isClosed()) {
                throw refused;
            }
        }
    }
}

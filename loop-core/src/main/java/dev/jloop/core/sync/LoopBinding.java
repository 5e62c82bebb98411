package dev.jloop.core.sync;

import dev.jloop.core.EventLoop;

import org.jspecify.annotations.Nullable;

/// The loop that one primitive belongs to: that of the first coroutine that had to wait. Until then
/// it belongs to nobody, so that it may be made anywhere, in a static field too.
final class LoopBinding {
    private @Nullable EventLoop loop;

    /// Binds to the current loop, for a coroutine that is about to wait.
    ///
    /// @param purpose what it waits for
    /// @return the loop
    /// @throws IllegalStateException if the caller is no coroutine, or one of another loop
    EventLoop bind(Object purpose) {
        var current = EventLoop.current();
        if (loop != null && loop != current) {
            throw new IllegalStateException(
                    "coroutines of "
                            + loop
                            + " have waited for "
                            + purpose
                            + ", and now one of "
                            + current
                            + " would; make one such object for each loop");
        }
        if (current.currentTask() == null) {
            throw new IllegalStateException(
                    "only a coroutine can wait for "
                            + purpose
                            + ", and this is a callback of "
                            + current
                            + "; start a coroutine with createTask");
        }
        loop = current;
        return current;
    }

    /// Refuses a call from a wrong thread, in debug mode.
    void checkThread(String method) {
        if (loop != null) {
            loop.checkThread(method);
        }
    }
}

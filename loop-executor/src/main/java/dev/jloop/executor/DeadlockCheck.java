package dev.jloop.executor;

import dev.jloop.core.EventLoop;
import dev.jloop.core.SelectorEventLoop;
import dev.jloop.core.TaskTree;
import dev.jloop.core.TaskTree.StuckIn;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// Whether a loop, for which a thread of its own work waits, will ever answer.
///
/// What a loop blocks for cannot be seen. But one that blocks in one and the same place without a
/// limit of time, while its work waits for it, most likely waits for that work; and if not, it is
/// stopped all the same.
final class DeadlockCheck {
    private final EventLoop loop;
    private volatile boolean answered = true;
    private List<StackTraceElement> seen = List.of();

    DeadlockCheck(EventLoop loop) {
        this.loop = loop;
    }

    /// Looks once. Asks the loop for a sign first, which costs it a callback; looks into it only
    /// where that did not come until the next time; and wants to see it at the same place twice.
    ///
    /// @return what the loop blocks in; null if it is not known to be stuck
    @Nullable StuckIn look() {
        if (answered) {
            answered = false;
            seen = List.of();
            Handover.submitUnlessClosed(loop, () -> answered = true);
            return null;
        }
        var stuckIn = stuckIn();
        if (stuckIn == null || !blocksWithoutLimit(stuckIn.frames())) {
            seen = List.of();
            return null;
        }
        var again = stuckIn.frames().equals(seen);
        seen = stuckIn.frames();
        return again ? stuckIn : null;
    }

    private @Nullable StuckIn stuckIn() {
        return loop instanceof SelectorEventLoop && loop.isRunning()
                ? TaskTree.capture(loop).loops().getFirst().stuckIn().orElse(null)
                : null;
    }

    /// `Thread.join` is not among them: where it waits on a monitor, a stack does not tell whether
    /// it has a limit.
    private static boolean blocksWithoutLimit(List<StackTraceElement> frames) {
        return frames.stream()
                .takeWhile(frame -> frame.getClassName().startsWith("java."))
                .map(frame -> frame.getClassName() + "." + frame.getMethodName())
                .anyMatch(method ->
                        switch (method) {
                            case "java.util.concurrent.locks.LockSupport.park",
                                    "java.util.concurrent.ExecutorService.close",
                                    "java.util.concurrent.ThreadPerTaskExecutor.close" ->
                                    true;
                            default -> false;
                        });
    }
}

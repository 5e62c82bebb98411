package dev.jloop.testkit;

import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopFuture;
import dev.jloop.core.ThrowingRunnable;

import org.jspecify.annotations.Nullable;

import java.time.Duration;

/// AssertJ assertions for futures, tasks, loops and time, for a static import.
///
/// ```java
/// assertThat(task).isCancelledBy("the user left");
/// assertThat(loop).hasTime(Duration.ofSeconds(3));
/// assertTakes(Duration.ofSeconds(3), () -> retry(request));
/// assertDoesNotYield(() -> cache.put(key, value));
/// ```
///
/// Failures show the tasks of the loop, what each awaits and where.
///
/// Needs AssertJ, which is optional for the rest of the testkit.
///
/// **Threading:** the thread that owns the loop.
///
/// The two about yielding are those of Trio's `assert_checkpoints`.
///
/// @since 0.1
public final class LoopAssert {
    private LoopAssert() {}

    /// {@return assertions about a future or a task}
    ///
    /// @param actual the future
    /// @param <T> the type of its result
    public static <T extends @Nullable Object> LoopFutureAssert<T> assertThat(
            @Nullable LoopFuture<T> actual) {
        return new LoopFutureAssert<>(actual);
    }

    /// {@return assertions about a loop}
    ///
    /// @param actual the loop
    public static VirtualTimeLoopAssert assertThat(@Nullable VirtualTimeLoop actual) {
        return new VirtualTimeLoopAssert(actual);
    }

    /// Runs `body` in the current coroutine or callback, and fails unless exactly `expected` of
    /// virtual time has passed meanwhile. Suspends where the body does.
    ///
    /// @param expected to the nanosecond
    /// @param body what to run
    /// @param <X> what it may throw
    /// @throws X whatever it fails with, after whatever time
    /// @throws AssertionError if it took another time
    /// @throws IllegalStateException if no [VirtualTimeLoop] runs on this thread
    public static <X extends Throwable> void assertTakes(
            Duration expected, ThrowingRunnable<X> body) throws X {
        var loop = currentLoop("assertTakes");
        var start = loop.time();
        body.run();
        var taken = Duration.ofNanos(loop.time() - start);
        if (!taken.equals(expected)) {
            throw failure(
                    "the body was to take " + expected + " of virtual time, and took " + taken,
                    loop);
        }
    }

    /// Runs `body` in the current coroutine, and fails unless it has suspended at least once, so
    /// that others could run and a cancellation could be delivered.
    ///
    /// @param body what to run
    /// @param <X> what it may throw
    /// @throws X whatever it fails with
    /// @throws AssertionError if it did not suspend
    /// @throws IllegalStateException if no [VirtualTimeLoop] runs on this thread
    public static <X extends Throwable> void assertYields(ThrowingRunnable<X> body) throws X {
        var loop = currentLoop("assertYields");
        var before = loop.turns();
        body.run();
        if (loop.turns() == before) {
            throw failure(
                    "the body was to suspend, and has run from beginning to end without it", loop);
        }
    }

    /// Runs `body` in the current coroutine, and fails if it has suspended, so that others could
    /// run in the middle of it.
    ///
    /// @param body what to run
    /// @param <X> what it may throw
    /// @throws X whatever it fails with
    /// @throws AssertionError if it suspended
    /// @throws IllegalStateException if no [VirtualTimeLoop] runs on this thread
    public static <X extends Throwable> void assertDoesNotYield(ThrowingRunnable<X> body) throws X {
        var loop = currentLoop("assertDoesNotYield");
        var before = loop.turns();
        var start = loop.time();
        body.run();
        if (loop.turns() != before) {
            throw failure(
                    "the body was not to suspend, and has let the loop go on for "
                            + (loop.turns() - before)
                            + " turns and "
                            + Duration.ofNanos(loop.time() - start),
                    loop);
        }
    }

    private static VirtualTimeLoop currentLoop(String method) {
        if (EventLoop.currentOrNull() instanceof VirtualTimeLoop loop) {
            return loop;
        }
        throw new IllegalStateException(
                method
                        + " works in code that runs on a VirtualTimeLoop, and here runs "
                        + EventLoop.currentOrNull());
    }

    private static AssertionError failure(String message, EventLoop loop) {
        return new AssertionError(message + tasksOf(loop));
    }

    /// {@return the tasks of the loop, on lines of their own}
    static String tasksOf(EventLoop loop) {
        return System.lineSeparator()
                + "Tasks of the loop:"
                + System.lineSeparator()
                + TaskDump.treeOf(loop);
    }
}

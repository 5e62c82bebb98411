package dev.jloop.testkit;

import org.jspecify.annotations.Nullable;
import org.opentest4j.TestAbortedException;

/// How a test went under one schedule, with everything around it.
///
/// @param failure what it failed with, or null
/// @param nanos how long it took in real time
record RunOutcome(LoopRun run, @Nullable Throwable failure, long nanos) {
    /// {@return whether the program has failed} Otherwise it passed, or somebody has ended it, or
    /// it tells of another one.
    boolean isFailure() {
        return failure != null
                && !(failure instanceof TestAbortedException)
                && !(failure instanceof StrayFailure)
                && !(failure instanceof InterruptedException);
    }

    /// {@return whether the same has happened in both: up to the end of the body if that has
    /// failed, and all otherwise}
    boolean happensLike(RunOutcome other) {
        return (run.bodyFailed() || other.run.bodyFailed())
                ? run.hashOfBody() == other.run.hashOfBody()
                : run.hash() == other.run.hash();
    }

    /// {@return whether the other one has failed in the same way, see [Likeness]}
    boolean failsLike(RunOutcome other) {
        return failure != null
                && other.failure != null
                && Likeness.of(failure).equals(Likeness.of(other.failure));
    }
}

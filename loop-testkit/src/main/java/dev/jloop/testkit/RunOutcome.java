package dev.jloop.testkit;

import org.jspecify.annotations.Nullable;
import org.opentest4j.TestAbortedException;

import java.util.Arrays;

/// How a test went under one schedule, with everything around it.
///
/// @param failure what it failed with, or null
/// @param nanos how long it took in real time
record RunOutcome(LoopRun run, @Nullable Throwable failure, long nanos) {
    /// {@return whether the program has failed} Otherwise it passed, or somebody has ended it.
    boolean isFailure() {
        return failure != null
                && !(failure instanceof TestAbortedException)
                && !(failure instanceof InterruptedException);
    }

    long hash() {
        return run.loop().trace().hash();
    }

    /// {@return whether the other one has failed in the same way: with the same kind of exception,
    /// thrown from the same line of the program}
    boolean failsLike(RunOutcome other) {
        return failure != null
                && other.failure != null
                && failure.getClass() == other.failure.getClass()
                && origin(failure).equals(origin(other.failure));
    }

    private static String origin(Throwable failure) {
        return Arrays.stream(failure.getStackTrace())
                .filter(frame -> frame.getLineNumber() > 0 && !isTool(frame.getClassName()))
                .map(frame -> frame.getClassName() + ":" + frame.getLineNumber())
                .findFirst()
                .orElse("");
    }

    private static boolean isTool(String className) {
        return className.startsWith("java.")
                || className.startsWith("jdk.")
                || className.startsWith("org.junit.")
                || className.startsWith("org.assertj.")
                || className.startsWith("org.opentest4j.");
    }
}

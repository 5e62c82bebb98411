package dev.jloop.testkit;

import dev.jloop.core.EventLoop;
import dev.jloop.core.ExceptionHandler;
import dev.jloop.core.LoopException;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/// Collects the failures that reach the exception handler of a loop.
final class FailureReports implements ExceptionHandler {
    private final List<LoopException> reports = new ArrayList<>();
    private @Nullable Consumer<LoopException> late;

    @Override
    public synchronized void handle(EventLoop loop, LoopException report) {
        if (late == null) {
            reports.add(report);
        } else {
            late.accept(report);
        }
    }

    /// Ends the collection.
    ///
    /// @param stray takes those that come later
    /// @return an error with all of them, or null if there are none
    synchronized @Nullable AssertionError end(Consumer<LoopException> stray) {
        late = stray;
        if (reports.isEmpty()) {
            return null;
        }
        var text =
                reports.stream()
                        .map(report -> "    " + report)
                        .collect(
                                Collectors.joining(
                                        System.lineSeparator(),
                                        "failures reached the exception handler of the loop:"
                                                + System.lineSeparator(),
                                        ""));
        var failure = new AssertionError(text);
        for (var report : reports) {
            attach(report.exception(), failure);
        }
        return failure;
    }

    static void attach(@Nullable Throwable exception, AssertionError failure) {
        if (exception == null) {
            return;
        }
        if (failure.getCause() == null) {
            failure.initCause(exception);
        } else {
            failure.addSuppressed(exception);
        }
    }
}

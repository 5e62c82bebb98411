package dev.jloop.testkit;

import dev.jloop.core.EventLoop;
import dev.jloop.core.ExceptionHandler;
import dev.jloop.core.LoopException;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;

/// Collects the failures that reach the exception handler of a loop.
final class FailureReports implements ExceptionHandler {
    private final List<LoopException> reports = new CopyOnWriteArrayList<>();

    @Override
    public void handle(EventLoop loop, LoopException report) {
        reports.add(report);
    }

    /// {@return an error with all of them, or null if there are none}
    @Nullable AssertionError asFailure() {
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

    private static void attach(@Nullable Throwable exception, AssertionError failure) {
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

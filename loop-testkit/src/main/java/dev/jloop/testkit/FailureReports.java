package dev.jloop.testkit;

import dev.jloop.core.EventLoop;
import dev.jloop.core.ExceptionHandler;
import dev.jloop.core.LoopException;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/// Collects the failures that reach the exception handler of a loop.
final class FailureReports implements ExceptionHandler {
    private static final String LINE = System.lineSeparator();
    private static final String DETAIL = LINE + "        ";

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
                        .map(FailureReports::describe)
                        .collect(
                                Collectors.joining(
                                        LINE,
                                        "failures reached the exception handler of the loop:"
                                                + LINE,
                                        ""));
        var failure = new KitFailure(text, firstException(reports), likeness());
        suppressOtherExceptions(reports, failure);
        return failure;
    }

    /// {@return what is the cause of a failure that tells of these reports, or null}
    static @Nullable Throwable firstException(List<LoopException> reports) {
        var exceptions = exceptions(reports);
        return exceptions.isEmpty() ? null : exceptions.getFirst();
    }

    /// Adds those that are not its cause.
    static void suppressOtherExceptions(List<LoopException> reports, Throwable failure) {
        exceptions(reports).stream().skip(1).forEach(failure::addSuppressed);
    }

    private static List<Throwable> exceptions(List<LoopException> reports) {
        return reports.stream().map(LoopException::exception).filter(Objects::nonNull).toList();
    }

    static String describe(LoopException report) {
        var text = new StringBuilder("    ").append(report.message());
        if (report.exception() != null) {
            text.append(DETAIL).append(report.exception());
        }
        var site = report.createdAt();
        report.details()
                .forEach((key, value) -> {
                    if (site.isEmpty() || site.get() != value) {
                        text.append(DETAIL).append(key).append(": ").append(describe(value));
                    }
                });
        site.ifPresent(place -> text.append(LINE).append(CreationSite.describe(place)));
        return text.toString();
    }

    /// A `toString` of the user may do whatever it likes, and the report is needed all the same.
    private static String describe(Object detail) {
        try {
            return detail.toString();
        } catch (RuntimeException broken) {
            return "a " + detail.getClass().getName() + " whose toString failed with " + broken;
        }
    }

    /// {@return where what a report is about was made, or, where nobody knows, what its message
    /// says before it names anything: the rest has values in it, which differ from run to run}
    private static String kindOf(LoopException report) {
        var message = report.message();
        var end = message.indexOf(':');
        var kind = end < 0 ? message : message.substring(0, end);
        return report.createdAt()
                .map(site -> kind + " at " + Likeness.place(List.of(site.getStackTrace())))
                .orElse(kind);
    }

    /// {@return what those without an exception are about; the others are told apart by theirs}
    private String likeness() {
        return reports.stream()
                .filter(report -> report.exception() == null)
                .map(FailureReports::kindOf)
                .distinct()
                .sorted()
                .collect(Collectors.joining("|"));
    }
}

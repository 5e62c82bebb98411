package dev.jloop.testkit;

import dev.jloop.core.LoopException;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// Failures that reached the exception handler of a loop when its test had ended already. They fail
/// the next test of the class that ends well, with the name of the test they came from, else the
/// class itself. What comes after the end of the class fails nobody, and is logged as an error.
///
/// **Threading:** any.
final class Strays implements AutoCloseable {
    private static final ExtensionContext.Namespace NAMESPACE =
            ExtensionContext.Namespace.create(Strays.class);

    private static final Logger LOG = LoggerFactory.getLogger(Strays.class);

    private static final String LINE = System.lineSeparator();

    /// @param test whose loop has reported it
    private record Stray(String test, LoopException report) {}

    private final List<Stray> strays = new ArrayList<>();

    /// The class has ended.
    private boolean closed;

    /// {@return those of the class of a test} JUnit closes them after its last test.
    static Strays of(ExtensionContext test) {
        return test.getParent()
                .orElseThrow()
                .getStore(NAMESPACE)
                .computeIfAbsent(Strays.class, _ -> new Strays(), Strays.class);
    }

    synchronized void add(String test, LoopException report) {
        if (closed) {
            LOG.error(
                    "when the test {} and its class were over, this reached the exception handler"
                            + " of its loop:{}{}",
                    test,
                    LINE,
                    FailureReports.describe(report),
                    report.exception());
        } else {
            strays.add(new Stray(test, report));
        }
    }

    /// {@return an error with all there are, which are then told, or null if there are none}
    synchronized @Nullable StrayFailure takeAsFailure() {
        if (strays.isEmpty()) {
            return null;
        }
        var text =
                strays.stream()
                        .map(stray ->
                                LINE
                                        + stray.test
                                        + ":"
                                        + LINE
                                        + FailureReports.describe(stray.report))
                        .collect(
                                Collectors.joining(
                                        "",
                                        "failures reached the exception handler of a loop when its"
                                                + " test was over already; what is named here is"
                                                + " to blame, and not what fails now:",
                                        ""));
        var told = strays.stream().map(Stray::report).toList();
        var failure = new StrayFailure(text, FailureReports.firstException(told));
        FailureReports.suppressOtherExceptions(told, failure);
        strays.clear();
        return failure;
    }

    /// At the end of the class.
    ///
    /// @throws AssertionError if there are any that no test has told of
    @Override
    public synchronized void close() {
        closed = true;
        var failure = takeAsFailure();
        if (failure != null) {
            throw failure;
        }
    }
}

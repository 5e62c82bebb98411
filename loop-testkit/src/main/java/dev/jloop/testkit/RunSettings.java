package dev.jloop.testkit;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// What holds for each run of one test.
///
/// @param timeout of the run, in real time
/// @param virtualLimit how far virtual time may go
/// @param realSockets whether real channels are allowed
/// @param realSleeps whether the loop may sleep in real time
/// @param allowThreads how the names of threads begin that may outlive the test
/// @param alone whether no other test can run meanwhile, to which a thread could belong
record RunSettings(
        Duration timeout,
        Optional<Duration> virtualLimit,
        boolean realSockets,
        boolean realSleeps,
        List<String> allowThreads,
        boolean alone) {
    private static final String PARALLEL = "junit.jupiter.execution.parallel.enabled";

    private static final String ALLOW_THREADS = "jloop.allowThreads";

    static RunSettings of(LoopTest settings, ExtensionContext context) {
        return new RunSettings(
                // As nanoseconds, so that it can be compared with the clock.
                Duration.ofNanos(TimeUnit.MILLISECONDS.toNanos(settings.timeoutMillis())),
                limit(settings, context),
                settings.realSockets(),
                settings.realSleeps(),
                allowThreads(settings, context),
                !context.getConfigurationParameter(PARALLEL, Boolean::parseBoolean).orElse(false));
    }

    /// {@return the same, with a timeout of at most `most`}
    RunSettings within(Duration most) {
        return timeout.compareTo(most) <= 0
                ? this
                : new RunSettings(most, virtualLimit, realSockets, realSleeps, allowThreads, alone);
    }

    private static List<String> allowThreads(LoopTest settings, ExtensionContext context) {
        var everywhere = context.getConfigurationParameter(ALLOW_THREADS).orElse("");
        return Stream.concat(
                        Arrays.stream(settings.allowThreads()),
                        Arrays.stream(everywhere.split(",")))
                .map(String::strip)
                .filter(prefix -> !prefix.isEmpty())
                .toList();
    }

    private static Optional<Duration> limit(LoopTest settings, ExtensionContext context) {
        var text = settings.virtualLimit();
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            var limit = Duration.parse(text);
            if (limit.isPositive()) {
                return Optional.of(limit);
            }
            throw badLimit(text, context, null);
        } catch (DateTimeParseException malformed) {
            throw badLimit(text, context, malformed);
        }
    }

    private static ExtensionConfigurationException badLimit(
            String text, ExtensionContext context, @Nullable Throwable cause) {
        return new ExtensionConfigurationException(
                "@LoopTest's virtualLimit must be a positive ISO-8601 duration such as PT24H, was '"
                        + text
                        + "' on "
                        + context.getRequiredTestMethod(),
                cause);
    }
}

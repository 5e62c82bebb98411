package dev.jloop.testkit;

import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.opentest4j.TestAbortedException;

import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.LongStream;

/// Under which schedules a test runs, and for how long.
///
/// @param seeds one for each run; empty for the schedule that is first in, first out
/// @param timeout of each run, in real time
record TestPlan(List<OptionalLong> seeds, Duration timeout) {
    private static final String SEED_PROPERTY = "jloop.seed";

    static TestPlan of(ExtensionContext context) {
        var method = context.getRequiredTestMethod();
        var settings = method.getAnnotation(LoopTest.class);
        if (settings == null) {
            throw new ExtensionConfigurationException(
                    "the extension of @LoopTest works on methods with this annotation only, and is"
                            + " on "
                            + method);
        }
        if (settings.seeds() < 1 || settings.timeoutMillis() < 1) {
            throw new ExtensionConfigurationException(
                    "@LoopTest needs at least 1 seed and 1 ms, and has seeds = "
                            + settings.seeds()
                            + ", timeoutMillis = "
                            + settings.timeoutMillis()
                            + " on "
                            + method);
        }
        var timeout = Duration.ofMillis(settings.timeoutMillis());
        var replayed = seedToReplay(context);
        if (replayed.isPresent()) {
            return new TestPlan(List.of(replayed), timeout);
        }
        if (settings.seeds() == 1) {
            return new TestPlan(List.of(OptionalLong.empty()), timeout);
        }
        var seeds = LongStream.rangeClosed(1, settings.seeds()).mapToObj(OptionalLong::of).toList();
        return new TestPlan(seeds, timeout);
    }

    private static OptionalLong seedToReplay(ExtensionContext context) {
        var text =
                context.getConfigurationParameter(SEED_PROPERTY)
                        .orElseGet(() -> System.getProperty(SEED_PROPERTY, ""));
        if (text.isEmpty()) {
            return OptionalLong.empty();
        }
        try {
            return OptionalLong.of(Long.parseLong(text));
        } catch (NumberFormatException malformed) {
            throw new ExtensionConfigurationException(
                    "the property " + SEED_PROPERTY + " must be a whole number, was '" + text + "'",
                    malformed);
        }
    }

    boolean isRepeated() {
        return seeds.size() > 1;
    }

    LoopRun firstRun() {
        return runWith(seeds.getFirst());
    }

    LoopRun runWith(OptionalLong seed) {
        return new LoopRun(seed, timeout);
    }

    /// {@return what to throw for a failure under `seed`: a message that says how to see it again}
    Throwable explain(Throwable failure, OptionalLong seed) {
        if (seed.isEmpty() || failure instanceof TestAbortedException) {
            return failure;
        }
        var number = seed.getAsLong();
        return new AssertionError(
                "failed under the schedule of seed "
                        + number
                        + (isRepeated() ? " of " + seeds.size() : "")
                        + "; run it alone with -D"
                        + SEED_PROPERTY
                        + "="
                        + number
                        + ": "
                        + failure,
                failure);
    }
}

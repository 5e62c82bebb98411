package dev.jloop.testkit;

import org.junit.jupiter.api.extension.ExtensionContext;
import org.opentest4j.TestAbortedException;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// What helps to understand why a run has failed, for its failure: which fault points did what, and
/// a picture.
final class RunNotes {
    private static final Path DIRECTORY = Path.of("target", "jloop-timelines");
    private static final Pattern INVOCATION = Pattern.compile("-invocation:#(\\d+)\\]");
    private static final String LINE = System.lineSeparator();

    private RunNotes() {}

    /// {@return `failure`, or one with more in its message where there is more to say}
    static Throwable addTo(Throwable failure, LoopRun run, ExtensionContext context) {
        if (failure instanceof TestAbortedException || failure instanceof StrayFailure) {
            return failure;
        }
        if (run.isAbandoned()) {
            return failure; // what goes on in another thread cannot be looked at
        }
        var notes = new ArrayList<String>();
        var faults = run.loop().faults();
        if (faults.hasRules()) {
            notes.add("Fault points:" + LINE + faults.report());
        }
        addTimeline(run, context, failure, notes);
        return notes.isEmpty()
                ? failure
                : new AssertionError(failure + LINE + String.join(LINE, notes), failure);
    }

    private static void addTimeline(
            LoopRun run, ExtensionContext context, Throwable failure, List<String> notes) {
        var recorder = run.loop().recorderOrNull();
        if (recorder == null) {
            return;
        }
        var test =
                context.getRequiredTestClass().getName()
                        + "."
                        + context.getRequiredTestMethod().getName();
        var seed = run.schedule().seed();
        var name =
                test.replaceAll("[^A-Za-z0-9._-]", "_")
                        + parameters(context)
                        + invocations(context).stream()
                                .map(number -> "-invocation" + number)
                                .collect(Collectors.joining())
                        + (seed.isPresent() ? "-seed" + seed.getAsLong() : "");
        var file = DIRECTORY.resolve(name + ".svg");
        try {
            recorder.write(file, test);
            notes.add("Timeline: " + file);
        } catch (IOException | RuntimeException notWritten) {
            failure.addSuppressed(notWritten);
            notes.add("Timeline: could not be written to " + file + ": " + notWritten);
        }
    }

    /// {@return the types of the test's parameters if it shares its name with another method}
    private static String parameters(ExtensionContext context) {
        var test = context.getRequiredTestMethod();
        var namesakes =
                Arrays.stream(context.getRequiredTestClass().getDeclaredMethods())
                        .filter(method -> method.getName().equals(test.getName()))
                        .filter(method -> !method.isSynthetic())
                        .count();
        return namesakes < 2
                ? ""
                : Arrays.stream(test.getParameterTypes())
                        .map(type -> "-" + type.getSimpleName().replace("[]", "s"))
                        .collect(Collectors.joining());
    }

    /// {@return the numbers of the invocations of templates that a test is one of, the outermost
    /// first; empty if it is none}
    static List<String> invocations(ExtensionContext context) {
        return INVOCATION
                .matcher(context.getUniqueId())
                .results()
                .map(found -> found.group(1))
                .toList();
    }
}

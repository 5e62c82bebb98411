package dev.jloop.testkit;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/// Tells failures of one bug from those of another: by the kind of exception and the line of the
/// user's code that it comes from, of what it was caused by too. Messages do not count, since they
/// have values in them.
final class Likeness {
    /// Of causes, and of what failures consist of.
    private static final int DEEPEST = 8;

    private static final List<String> TOOLS =
            List.of(
                    "java.",
                    "jdk.",
                    "org.junit.",
                    "org.assertj.",
                    "org.hamcrest.",
                    "org.opentest4j.");

    private Likeness() {}

    /// {@return a text that is the same for two failures of the same bug}
    static String of(Throwable failure) {
        return describe(failure, DEEPEST);
    }

    private static String describe(@Nullable Throwable failure, int depth) {
        if (failure == null || depth == 0) {
            return "";
        }
        var text = failure.getClass().getName() + " at " + origin(failure);
        var cause = describe(failure.getCause(), depth - 1);
        // What was suppressed counts if there is nothing else: a group has its members there.
        return hasOrigin(failure) && !isGroup(failure)
                ? text + "(" + cause + ")"
                : text + "(" + cause + ")" + suppressed(failure, depth);
    }

    private static String suppressed(Throwable failure, int depth) {
        return Arrays.stream(failure.getSuppressed())
                .map(part -> describe(part, depth - 1))
                .distinct()
                .sorted() // another schedule may have had them in another order
                .collect(Collectors.joining("|", "[", "]"));
    }

    private static boolean isGroup(Throwable failure) {
        return failure instanceof dev.jloop.core.ExceptionGroup;
    }

    private static boolean hasOrigin(Throwable failure) {
        return !(failure instanceof KitFailure)
                && Arrays.stream(failure.getStackTrace()).anyMatch(Likeness::isOfProgram);
    }

    private static String origin(Throwable failure) {
        return switch (failure) {
            case DeadlockException deadlock -> deadlock.places();
            case KitFailure found -> found.likeness();
            default -> place(Arrays.asList(failure.getStackTrace()));
        };
    }

    /// {@return the innermost line of the program in `stack`, or of jloop where there is none}
    static String place(List<StackTraceElement> stack) {
        return stack.stream()
                .filter(Likeness::isOfProgram)
                .findFirst()
                .or(() -> stack.stream().filter(frame -> !isOfTool(frame)).findFirst())
                .map(frame -> frame.getClassName() + ":" + frame.getLineNumber())
                .orElse("");
    }

    private static boolean isOfProgram(StackTraceElement frame) {
        return frame.getLineNumber() > 0 && !isOfTool(frame) && CreationSite.isOfUser(frame);
    }

    private static boolean isOfTool(StackTraceElement frame) {
        return TOOLS.stream().anyMatch(frame.getClassName()::startsWith);
    }
}

package dev.jloop.benchmarks.sidebyside;

import dev.jloop.core.ThrowingSupplier;
import dev.jloop.core.TimedOutException;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// What cannot be measured, and why: said at once, and kept for the report.
final class Missing {
    private final List<String> reasons = new ArrayList<>();
    private final Consumer<String> shown;

    /// @param shown is told at once
    Missing(Consumer<String> shown) {
        this.shown = shown;
    }

    /// Something that may fail where another goes on.
    @FunctionalInterface
    interface Attempt {
        /// Does it. May suspend.
        void run() throws IOException;
    }

    /// @param what is missing, and why
    void add(String what) {
        reasons.add(what);
        shown.accept(what);
    }

    /// {@return all so far, in their order}
    List<String> reasons() {
        return List.copyOf(reasons);
    }

    /// Runs something, and adds it here if it fails as programs and machines do: with input and
    /// output, with patience, or with a native library. Suspends as it does.
    ///
    /// @param name what it is about
    /// @return whether it went well
    boolean tryAdd(String name, Attempt attempt) {
        return tryGet(
                        name,
                        () -> {
                            attempt.run();
                            return true;
                        })
                .isPresent();
    }

    /// {@return what something gives, or nothing where it failed} As [#tryAdd(String, Attempt)].
    <T> Optional<T> tryGet(String name, ThrowingSupplier<T, IOException> attempt) {
        try {
            return Optional.of(attempt.get());
        } catch (IOException
                | UncheckedIOException
                | TimedOutException
                | IllegalArgumentException
                | IllegalStateException
                | LinkageError failure) {
            add(name + ": " + reason(failure));
            return Optional.empty();
        }
    }

    /// In one line.
    private static String reason(Throwable failure) {
        var message = failure.getMessage();
        return message == null
                ? failure.getClass().getSimpleName()
                : message.strip().replaceAll("\\s*\\R\\s*", " / ");
    }
}

package dev.jloop.examples.cli;

import dev.jloop.core.ExceptionGroup;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletionException;

/// Tells the user of a failure: in one line where the world is to blame, with the stack where jloop
/// is.
final class FailureReport implements IExecutionExceptionHandler {
    private static final int BUG = 70;

    @Override
    public int handleExecutionException(
            Exception failure, CommandLine command, ParseResult result) {
        var name = command.getCommandSpec().qualifiedName();
        var input = inputOrOutputFailure(failure);
        if (input != null) {
            command.getErr().println(name + ": " + messageOf(input));
            return ExitCode.SOFTWARE;
        }
        command.getErr().println(name + ": this is a bug in jloop:");
        failure.printStackTrace(command.getErr());
        return BUG;
    }

    /// {@return the failure that is to blame; of several the first one, as the others are often due
    /// to the same}
    private static @Nullable IOException inputOrOutputFailure(Throwable failure) {
        return switch (failure) {
            case IOException direct -> direct;
            case UncheckedIOException wrapped -> wrapped.getCause();
            case CompletionException wrapped when wrapped.getCause() instanceof IOException cause ->
                    cause;
            case ExceptionGroup several ->
                    several.split(IOException.class).rest().isPresent()
                            ? null
                            : inputOrOutputFailure(several.exceptions().getFirst());
            default -> null;
        };
    }

    private static String messageOf(IOException failure) {
        return failure.getMessage() == null
                ? failure.getClass().getSimpleName()
                : failure.getMessage();
    }
}

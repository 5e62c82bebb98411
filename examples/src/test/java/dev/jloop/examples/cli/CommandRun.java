package dev.jloop.examples.cli;

import java.io.PrintWriter;
import java.io.StringWriter;

/// One run of the command line in this JVM.
///
/// @param exitCode the exit code
/// @param output what went to standard output
/// @param errors what went to standard error
record CommandRun(int exitCode, String output, String errors) {
    static CommandRun of(String... arguments) {
        var output = new StringWriter();
        var errors = new StringWriter();
        int exitCode =
                Jloop.commandLine()
                        .setOut(new PrintWriter(output, true))
                        .setErr(new PrintWriter(errors, true))
                        .execute(arguments);
        return new CommandRun(exitCode, output.toString(), errors.toString());
    }
}

package dev.jloop.executor;

import java.io.IOException;
import java.io.Serial;
import java.util.List;

/// A child process has ended with an exit code other than 0. The message has the command, the code
/// and the end of what the child wrote.
///
/// @since 0.1
public class ProcessFailedException extends IOException {
    @Serial private static final long serialVersionUID = 1L;

    private final transient List<String> command;
    private final transient Subprocess.Output output;

    /// A failure of a command.
    ///
    /// @param command the program and its arguments
    /// @param output how it has ended, and all that it wrote
    public ProcessFailedException(List<String> command, Subprocess.Output output) {
        super(
                CommandText.of(command)
                        + " ended with exit code "
                        + output.exitCode()
                        + CommandText.tail(output));
        this.command = List.copyOf(command);
        this.output = output;
    }

    /// {@return the program and its arguments}
    public List<String> command() {
        return command;
    }

    /// {@return the exit code}
    public int exitCode() {
        return output.exitCode();
    }

    /// {@return all that it wrote}
    public Subprocess.Output output() {
        return output;
    }
}

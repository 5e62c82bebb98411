package dev.jloop.executor;

import java.io.IOException;
import java.io.Serial;
import java.time.Duration;
import java.util.List;

/// The time of a [Subprocesses#run(RunOptions, String...)] was over, and its child process was
/// ended. The message has the command and the end of what the child wrote.
///
/// @since 0.1
public class ProcessTimeoutException extends IOException {
    @Serial private static final long serialVersionUID = 1L;

    private final transient List<String> command;
    private final transient Subprocess.Output output;

    /// A command that took too long.
    ///
    /// @param command the program and its arguments
    /// @param timeout how long it was allowed to take
    /// @param output how it has ended, and what it wrote until then
    public ProcessTimeoutException(
            List<String> command, Duration timeout, Subprocess.Output output) {
        super(
                CommandText.of(command)
                        + " took longer than "
                        + timeout
                        + " and was ended"
                        + CommandText.tail(output));
        this.command = List.copyOf(command);
        this.output = output;
    }

    /// {@return the program and its arguments}
    public List<String> command() {
        return command;
    }

    /// {@return how it has ended, and what it wrote until then}
    public Subprocess.Output output() {
        return output;
    }
}

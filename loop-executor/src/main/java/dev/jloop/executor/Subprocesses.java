package dev.jloop.executor;

import dev.jloop.core.CancelledError;

import java.io.File;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/// Starts child processes.
///
/// ```java
/// var log = Subprocesses.run("git", "log", "-1").stdoutText();    // waits for the end
///
/// try (var child = Subprocesses.exec("tail", "-F", file)) {       // works with it
///     for (var line : child.stdout().lines()) {
///         show(line);
///     }
/// }
/// ```
///
/// Starting a process blocks for some milliseconds, and so is done by a thread, in the default
/// executor of the loop: see [Offload]. All methods suspend. Cancelled while it starts, a child is
/// killed.
///
/// **Threading:** coroutines of a loop only.
///
/// The semantics are those of `asyncio.create_subprocess_exec` and its kin in Python; `run` is that
/// of Python's `subprocess` and Trio's `run_process`.
///
/// @since 0.1
public final class Subprocesses {
    private static final boolean IS_WINDOWS = File.separatorChar == '\\';

    private Subprocesses() {}

    /// Starts a program, with pipes for its input and both outputs.
    ///
    /// @param command the program, looked for as the operating system does, and its arguments,
    ///   handed over as they are
    /// @return the child, which runs; to be closed
    /// @throws IOException if it cannot be started, for instance as there is no such program
    /// @throws IllegalArgumentException if the command is empty, or has a zero character
    /// @throws CancelledError if the task was cancelled; then no child is left
    public static Subprocess exec(String... command) throws IOException {
        return exec(ProcessOptions.DEFAULTS, command);
    }

    /// Starts a program.
    ///
    /// @param options environment, folder, where its input and outputs are
    /// @param command the program, and its arguments
    /// @return the child, which runs; to be closed
    /// @throws IOException if it cannot be started, for instance as there is no such program or
    ///   folder, or a file for an output cannot be opened
    /// @throws IllegalArgumentException if the command is empty, or has a zero character
    /// @throws CancelledError if the task was cancelled; then no child is left
    public static Subprocess exec(ProcessOptions options, String... command) throws IOException {
        return ChildProcess.start(options, checked(command));
    }

    /// Starts a command of the shell: `/bin/sh`, or `cmd.exe` on Windows.
    ///
    /// What is put into the command from outside has to be quoted; [#exec(String...)] needs no
    /// quoting. To end what the shell has started as well, use [Subprocess#killTree()].
    ///
    /// @param command a line of the shell's language
    /// @return the child, which is the shell; to be closed
    /// @throws IOException if the shell cannot be started. A program that it does not find is an
    ///   exit code, 127 as a rule
    /// @throws IllegalArgumentException if the command has a zero character
    /// @throws CancelledError if the task was cancelled; then no child is left
    public static Subprocess shell(String command) throws IOException {
        return shell(ProcessOptions.DEFAULTS, command);
    }

    /// Starts a command of the shell: see [#shell(String)].
    ///
    /// @param options environment, folder, where its input and outputs are
    /// @param command a line of the shell's language
    /// @return the child, which is the shell; to be closed
    /// @throws IOException if the shell cannot be started
    /// @throws IllegalArgumentException if the command has a zero character
    /// @throws CancelledError if the task was cancelled; then no child is left
    public static Subprocess shell(ProcessOptions options, String command) throws IOException {
        Objects.requireNonNull(command, "command");
        return IS_WINDOWS
                ? exec(options, "cmd.exe", "/c", command)
                : exec(options, "/bin/sh", "-c", command);
    }

    /// Runs a program without input to its end, and gives what it wrote.
    ///
    /// @param command the program, and its arguments
    /// @return its outputs; the exit code is 0
    /// @throws ProcessFailedException if the exit code is not 0
    /// @throws IOException if it cannot be started
    /// @throws IllegalArgumentException if the command is empty, or has a zero character
    /// @throws CancelledError if the task was cancelled; then the child was told to end, and killed
    ///   if it took longer than 5 seconds
    public static Subprocess.Output run(String... command) throws IOException {
        return run(RunOptions.DEFAULTS, command);
    }

    /// Runs a program to its end, and gives what it wrote.
    ///
    /// Cancelled, or when the time is over, it sends `SIGTERM` to the child, and `SIGKILL` when the
    /// time of grace is over too; it waits until the child has exited. A cancellation during the
    /// time of grace ends that at once.
    ///
    /// @param options input, limit of time, whether an exit code other than 0 is a failure
    /// @param command the program, and its arguments
    /// @return its exit code and its outputs, as far as they are pipes
    /// @throws ProcessFailedException if the exit code is not 0, unless the options allow that
    /// @throws ProcessTimeoutException if the time was over
    /// @throws IOException if it cannot be started
    /// @throws IllegalArgumentException if the command is empty, or has a zero character
    /// @throws IllegalStateException if there is input, and the options make `stdin` no pipe
    /// @throws CancelledError if the task was cancelled
    public static Subprocess.Output run(RunOptions options, String... command) throws IOException {
        return ProcessRun.run(options, checked(command));
    }

    /// {@return the program and its arguments}
    private static List<String> checked(String... command) {
        for (var index = 0; index < command.length; index++) {
            var part = Objects.requireNonNull(command[index], "element " + index + " of a command");
            var zero = part.indexOf('\0');
            if (zero >= 0) {
                throw new IllegalArgumentException(
                        "element "
                                + index
                                + " of a command may have no zero character, as it has at index "
                                + zero
                                + ": "
                                + Arrays.toString(command).replace("\0", "\\0"));
            }
        }
        if (command.length == 0 || command[0].isEmpty()) {
            throw new IllegalArgumentException(
                    "the command names no program; it is "
                            + Arrays.toString(command)
                            + ", and its first element should be one");
        }
        return List.of(command);
    }
}

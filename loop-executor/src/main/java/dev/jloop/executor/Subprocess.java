package dev.jloop.executor;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.jloop.streams.StreamReader;
import dev.jloop.streams.StreamWriter;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.List;

/// A child process, started by [Subprocesses].
///
/// ```java
/// try (var sort = Subprocesses.exec("sort", "-n")) {
///     var sorted = sort.communicate(numbers).stdout();
/// }
/// ```
///
/// **Pipes** hold back whoever is faster. A child whose output nobody reads stops when the pipe and
/// the reader are full, and so may never end: read it, send it elsewhere with [ProcessOptions], or
/// use [#communicate(byte\[\])].
///
/// **The end of the child is not the end of its pipes.** [#waitFor()] returns when the child has
/// exited, even if a process that it has started holds a pipe; a reader ends when everybody has
/// closed the pipe. Of the child's own output nothing is lost, but what others write to a pipe
/// after its end may be, since the JDK closes the pipe then: see
/// [dev.jloop.transports.Net#connectReadPipe(java.util.function.Supplier, java.io.InputStream)].
///
/// **The loop's end.** A loop that is closed while the child runs kills it, and reports it to the
/// exception handler. A JVM that ends leaves it alone.
///
/// **Virtual time.** A child is real: on a virtual clock no time passes while it runs, so that a
/// timeout does not come before its end.
///
/// **Threading:** loop thread only, methods that suspend in coroutines only; but [#pid()],
/// [#command()], [#isAlive()], [#terminate()] and [#kill()] may be called by any thread.
///
/// The semantics are those of Python's `asyncio.subprocess.Process`, with the end as in `uvloop`.
///
/// @since 0.1
public sealed interface Subprocess extends AutoCloseable permits ChildProcess {
    /// How a child has ended, and what it wrote.
    ///
    /// @param exitCode the exit code; where a signal has ended the child, 128 and its number
    /// @param stdout what it wrote to its standard output; empty where that is no pipe
    /// @param stderr what it wrote to its standard error; empty where that is no pipe, or goes to
    ///   its standard output
    @SuppressWarnings("ArrayRecordComponent") // bytes as they came; nobody compares outputs
    record Output(int exitCode, byte[] stdout, byte[] stderr) {
        /// {@return the standard output as UTF-8}
        public String stdoutText() {
            return new String(stdout, UTF_8);
        }

        /// {@return the standard error as UTF-8}
        public String stderrText() {
            return new String(stderr, UTF_8);
        }

        @Override
        public String toString() {
            return "Output[exit code "
                    + exitCode
                    + ", "
                    + stdout.length
                    + " bytes of stdout, "
                    + stderr.length
                    + " bytes of stderr]";
        }
    }

    /// {@return the number of the process}
    long pid();

    /// {@return the program and its arguments}
    List<String> command();

    /// {@return what the child reads as its standard input} To end it, close the writer. After the
    /// end of the child writing throws.
    ///
    /// @throws IllegalStateException if the options made it no pipe
    StreamWriter stdin();

    /// {@return the standard output of the child}
    ///
    /// @throws IllegalStateException if the options made it no pipe
    StreamReader stdout();

    /// {@return the standard error of the child}
    ///
    /// @throws IllegalStateException if the options made it no pipe, or merged it into `stdout`
    StreamReader stderr();

    /// Suspends until the child has exited. Any number of coroutines may wait; one that is
    /// cancelled leaves the child and the others alone. For a limit of time write
    /// `Async.withTimeout(limit, child::waitFor)`.
    ///
    /// @return the exit code; where a signal has ended the child, 128 and its number, as in a shell
    int waitFor();

    /// Sends `input` to the child and closes its input, reads both outputs to their end, and waits
    /// for the child. Suspends.
    ///
    /// A child that closes its input early is no failure. All output is kept in memory. The outputs
    /// end when everybody has closed them, also what the child has started: see
    /// [RunOptions#withTimeout(Duration)] for a limit. Cancelled it leaves the child running; what
    /// was read is lost.
    ///
    /// @param input all of the input; null or empty only closes it
    /// @return the exit code, and what was not read before
    /// @throws IOException if an output cannot be read
    /// @throws IllegalStateException if there is input, and `stdin` is no pipe or was closed by
    ///   this side; or another coroutine reads an output
    Output communicate(byte @Nullable [] input) throws IOException;

    /// Sends a signal. One that has exited already gets none, and that is no error.
    ///
    /// Signals other than `TERM` and `KILL` are sent by `/bin/sh`, as the JDK knows only these two;
    /// it makes sure that the number still is that of a child of this JVM. **Suspends** until such
    /// a signal was sent, in a coroutine; cancelled meanwhile it sends it all the same. In a
    /// callback it returns at once, and reports a failure to the loop's exception handler.
    ///
    /// @param name with or without `SIG`, such as `HUP` or `SIGINT`
    /// @throws IllegalArgumentException if there is no such signal
    /// @throws UnsupportedOperationException on Windows, for others than `TERM` and `KILL`
    /// @throws java.io.UncheckedIOException if the signal could not be sent; for instance, the
    ///   child has become another user
    void signal(String name);

    /// Asks the child to end, by `SIGTERM`. Does nothing if it has exited.
    void terminate();

    /// Ends the child, by `SIGKILL`. Does nothing if it has exited.
    void kill();

    /// Ends the child and all that it has started, and that these have started, by `SIGKILL`.
    /// **Suspends** until the signals were sent; cancelled meanwhile it sends them all the same.
    ///
    /// What is started at this very moment may be missed, and so is what was left behind by a
    /// process that has exited: it has another parent then. After the child itself has exited
    /// nothing is done.
    void killTree();

    /// {@return whether the child still runs} It may have exited a moment before the loop learns of
    /// it, and [#waitFor()] returns.
    boolean isAlive();

    /// Kills the child if it still runs, **suspends** until it has exited, and gives the pipes
    /// back. What was not read is dropped, and input that was not written yet. A child that has
    /// exited is left alone. In a callback it does not wait. A second call waits too.
    @Override
    void close();
}

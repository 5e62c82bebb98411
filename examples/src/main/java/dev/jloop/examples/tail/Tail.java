package dev.jloop.examples.tail;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.jloop.executor.ProcessOptions;
import dev.jloop.executor.Subprocess;
import dev.jloop.executor.Subprocesses;
import dev.jloop.streams.LimitOverrunException;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.time.InstantSource;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;

/// Runs a program and shows what it writes, line by line, with the time at which it came.
///
/// @param filter which lines to show
/// @param show takes the lines, with their times
/// @param clock what time it is
public record Tail(Predicate<String> filter, Consumer<String> show, InstantSource clock) {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss.SSS");

    /// {@return the command that follows a file, also one that is replaced or not there yet}
    ///
    /// @param lines how many of those that are there already
    /// @param file its path
    public static List<String> follow(int lines, String file) {
        return List.of("tail", "-n", Integer.toString(lines), "-F", "--", file);
    }

    /// Runs a program until it ends, or the task is cancelled, which ends the program. Suspends.
    ///
    /// @param command the program and its arguments
    /// @return its exit code
    /// @throws IOException if it cannot be started
    public int run(List<String> command) throws IOException {
        var options = ProcessOptions.DEFAULTS.withMergedStderr(true).withStdin(Redirect.DISCARD);
        try (var child = Subprocesses.exec(options, command.toArray(String[]::new))) {
            while (showLine(child)) {}
            return child.waitFor();
        }
    }

    /// {@return false at the end}
    private boolean showLine(Subprocess child) throws IOException {
        try {
            var line = new String(child.stdout().readLine(), UTF_8);
            if (line.isEmpty()) {
                return false;
            }
            var text = line.stripTrailing();
            if (filter.test(text)) {
                show(text);
            }
        } catch (LimitOverrunException tooLong) {
            show("(" + tooLong.consumed() + " bytes of a line were left out: it is too long)");
        }
        return true;
    }

    private void show(String text) {
        var time = LocalTime.ofInstant(clock.instant(), ZoneId.systemDefault());
        show.accept(TIME.format(time) + "  " + text);
    }
}

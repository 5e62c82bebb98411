package dev.jloop.examples.tail;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.jloop.executor.ProcessOptions;
import dev.jloop.executor.Subprocesses;
import dev.jloop.streams.IncompleteReadException;
import dev.jloop.streams.LimitOverrunException;
import dev.jloop.streams.StreamReader;

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
    private static final byte[] LINE_FEED = {'\n'};
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
            while (showLine(child.stdout())) {}
            return child.waitFor();
        }
    }

    /// {@return false at the end}
    private boolean showLine(StreamReader output) throws IOException {
        var leftOut = 0L;
        while (true) {
            try {
                return showLine(nextLine(output), leftOut);
            } catch (LimitOverrunException tooLong) {
                leftOut += output.readExactly(tooLong.consumed()).length;
            }
        }
    }

    /// {@return the next line with its line feed, which the last one may lack; empty at the end}
    private static byte[] nextLine(StreamReader output) throws IOException {
        try {
            return output.readUntil(LINE_FEED);
        } catch (IncompleteReadException atEnd) {
            return atEnd.partial();
        }
    }

    /// @param leftOut how many bytes have come before these, of a line that is too long
    private boolean showLine(byte[] line, long leftOut) {
        var text = new String(line, UTF_8).stripTrailing();
        if (leftOut > 0) {
            show("(" + (leftOut + line.length) + " bytes of a line were left out: it is too long)");
        } else if (line.length > 0 && filter.test(text)) {
            show(text);
        }
        return leftOut + line.length > 0;
    }

    private void show(String text) {
        var time = LocalTime.ofInstant(clock.instant(), ZoneId.systemDefault());
        show.accept(TIME.format(time) + "  " + text);
    }
}

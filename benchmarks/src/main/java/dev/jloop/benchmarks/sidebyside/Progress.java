package dev.jloop.benchmarks.sidebyside;

import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;

/// Tells on standard error what is being measured: on a terminal in one line that changes,
/// elsewhere a line for each kind of load.
final class Progress {
    private final PrintStream out = System.err;
    private final boolean terminal = isTerminal();
    private final Instant begin = Instant.now();
    private String shown = "";

    @SuppressWarnings("SystemConsoleNull") // it does return null
    private static boolean isTerminal() {
        var console = System.console();
        return console != null && console.isTerminal();
    }

    /// @param what the load
    /// @param step what is done for it
    void step(String what, String step) {
        if (terminal) {
            out.printf("\r\033[K%s  %s: %s", elapsed(), what, step);
            out.flush();
        } else if (!shown.equals(what)) {
            out.printf("%s  %s%n", elapsed(), what);
        }
        shown = what;
    }

    /// Says something that stays.
    void note(String line) {
        clear();
        out.println(line);
    }

    /// Makes room for what comes after.
    void clear() {
        if (terminal) {
            out.print("\r\033[K");
            out.flush();
        }
    }

    private String elapsed() {
        var passed = Duration.between(begin, Instant.now());
        return String.format("%d:%02d", passed.toMinutes(), passed.toSecondsPart());
    }
}

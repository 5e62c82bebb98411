package dev.jloop.examples.cli;

import dev.jloop.examples.crawl.LiveProgress;
import dev.jloop.examples.crawl.PlainProgress;
import dev.jloop.examples.crawl.ProgressDisplay;

import java.io.PrintWriter;
import java.util.Map;

/// What the output can show.
///
/// @param live whether a line can be written over
/// @param colour whether colours are wanted
/// @param unicode whether it shows more than ASCII
record Terminal(boolean live, boolean colour, boolean unicode) {
    /// {@return what standard output can show}
    @SuppressWarnings(
            "SystemConsoleNull") // the console of java.base, the default of JDK 25, is null
    static Terminal detect() {
        var console = System.console();
        return of(
                console != null && console.isTerminal(),
                System.getenv(),
                System.out.charset().newEncoder().canEncode('█'));
    }

    /// {@return what an output can show}
    ///
    /// @param isTerminal whether it is a terminal
    /// @param environment the environment, where `TERM=dumb` forbids writing over, and `NO_COLOR`
    ///   colours
    /// @param unicode whether it shows more than ASCII
    static Terminal of(boolean isTerminal, Map<String, String> environment, boolean unicode) {
        boolean live = isTerminal && !"dumb".equals(environment.get("TERM"));
        boolean colour = live && environment.getOrDefault("NO_COLOR", "").isEmpty();
        return new Terminal(live, colour, unicode);
    }

    ProgressDisplay progress(PrintWriter out, int total) {
        return live ? new LiveProgress(out, total, colour, unicode) : new PlainProgress(out, total);
    }
}

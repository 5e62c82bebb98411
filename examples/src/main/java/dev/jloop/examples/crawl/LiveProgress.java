package dev.jloop.examples.crawl;

import java.io.PrintWriter;
import java.util.Locale;

/// One line on a terminal that is written over again and again.
public final class LiveProgress implements ProgressDisplay {
    private static final int BAR_WIDTH = 30;
    private static final String GREEN = "\u001B[32m";
    private static final String RED = "\u001B[31m";
    private static final String RESET = "\u001B[0m";

    private final PrintWriter out;
    private final int total;
    private final boolean colour;
    private final String full;
    private final String empty;
    private int widthBefore;

    /// Makes a display.
    ///
    /// @param out a terminal
    /// @param total the pages expected; where more are found, those count
    /// @param colour whether to use colours
    /// @param unicode whether the terminal can show block elements
    public LiveProgress(PrintWriter out, int total, boolean colour, boolean unicode) {
        this.out = out;
        this.total = total;
        this.colour = colour;
        this.full = unicode ? "█" : "#";
        this.empty = unicode ? "░" : ".";
    }

    @Override
    public void show(CrawlStatus status) {
        var counts = counts(status);
        // Blanks over what the line before has left.
        int width = BAR_WIDTH + counts.length();
        out.print("\r" + bar(status) + counts + " ".repeat(Math.max(0, widthBefore - width)));
        out.flush();
        widthBefore = width;
    }

    @Override
    public void finish(CrawlStatus status) {
        show(status);
        out.println();
    }

    private String bar(CrawlStatus status) {
        int filled = (int) ((long) BAR_WIDTH * status.ended() / pages(status));
        var bar = full.repeat(filled);
        var paint = status.failed() == 0 ? GREEN : RED;
        return (colour ? paint + bar + RESET : bar) + empty.repeat(BAR_WIDTH - filled);
    }

    private String counts(CrawlStatus status) {
        return String.format(
                Locale.ROOT,
                " %d/%d pages, %s, %d in flight, %d failed",
                status.ended(),
                pages(status),
                Units.bytes(status.wireBytes()),
                status.inFlight(),
                status.failed());
    }

    private int pages(CrawlStatus status) {
        return Math.max(1, Math.max(total, status.found()));
    }
}

package dev.jloop.examples.crawl;

import java.io.PrintWriter;

/// A line for about each tenth of the pages, for logs and pipes.
public final class PlainProgress implements ProgressDisplay {
    private final PrintWriter out;
    private final int total;
    private int nextTenth;

    /// Makes a display.
    ///
    /// @param out where to print
    /// @param total the pages expected; where more are found, those count
    public PlainProgress(PrintWriter out, int total) {
        this.out = out;
        this.total = total;
    }

    @Override
    public void show(CrawlStatus status) {
        int pages = Math.max(1, Math.max(total, status.found()));
        int tenth = (int) (10L * status.ended() / pages);
        if (tenth >= nextTenth) {
            nextTenth = tenth + 1;
            out.println(
                    status.ended()
                            + " of "
                            + pages
                            + " pages, "
                            + Units.bytes(status.wireBytes())
                            + ", "
                            + status.inFlight()
                            + " in flight, "
                            + status.failed()
                            + " failed");
            out.flush();
        }
    }

    @Override
    public void finish(CrawlStatus status) {
        show(status);
    }
}

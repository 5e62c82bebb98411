package dev.jloop.examples.cli;

import dev.jloop.core.Async;
import dev.jloop.core.CancelledError;
import dev.jloop.examples.crawl.CrawlStatus;
import dev.jloop.examples.crawl.Crawler;
import dev.jloop.examples.crawl.ProgressDisplay;

import java.io.PrintWriter;
import java.net.URI;
import java.time.Duration;
import java.util.Collection;

/// Runs a crawl with its progress on display.
///
/// @param display shows the progress
/// @param out told what was cancelled, if the crawl is
record CrawlSession(ProgressDisplay display, PrintWriter out) {
    private static final Duration REFRESH = Duration.ofMillis(100);

    /// Suspends until the crawl has ended.
    void run(Crawler crawler, Collection<URI> pages) {
        try {
            crawlOnDisplay(crawler, pages);
        } catch (CancelledError cancelled) {
            display.finish(crawler.status());
            reportCancelled(crawler.status());
            throw cancelled;
        }
        display.finish(crawler.status());
    }

    private void crawlOnDisplay(Crawler crawler, Collection<URI> pages) {
        var refresher = Async.createTask(() -> refresh(crawler), "progress display");
        try {
            crawler.crawl(pages);
        } finally {
            refresher.cancel();
        }
    }

    private void refresh(Crawler crawler) {
        while (true) {
            display.show(crawler.status());
            Async.sleep(REFRESH);
        }
    }

    private void reportCancelled(CrawlStatus status) {
        out.printf(
                "Cancelled: %d %s under way, and %d not begun yet. %d of the %d pages known so far"
                        + " had been done.%n",
                status.cancelled(),
                status.cancelled() == 1 ? "fetch" : "fetches",
                status.waiting(),
                status.ended(),
                status.found());
        out.flush();
    }
}

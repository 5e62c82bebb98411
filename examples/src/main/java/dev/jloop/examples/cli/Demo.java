package dev.jloop.examples.cli;

import dev.jloop.core.Async;
import dev.jloop.core.CancelledError;
import dev.jloop.examples.crawl.AtomicFile;
import dev.jloop.examples.crawl.CrawlOptions;
import dev.jloop.examples.crawl.CrawlSummary;
import dev.jloop.examples.crawl.Crawler;
import dev.jloop.examples.crawl.FetchRecord;
import dev.jloop.examples.crawl.LoopMeter;
import dev.jloop.examples.crawl.SvgTimeline;
import dev.jloop.examples.crawl.Units;
import dev.jloop.examples.site.DelayRange;
import dev.jloop.examples.site.DemoSite;
import dev.jloop.examples.site.JdkCatalog;
import dev.jloop.examples.site.SiteServer;
import dev.jloop.executor.Offload;

import picocli.CommandLine.ExitCode;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// The demo: a web site and its crawler on one loop.
///
/// @param options how to crawl
/// @param delays how long the site's answers wait
/// @param output where to draw the timeline
/// @param meter measures the loop that the demo runs on
/// @param terminal what the output can show
/// @param out where to print
record Demo(
        CrawlOptions options,
        DelayRange delays,
        Path output,
        LoopMeter meter,
        Terminal terminal,
        PrintWriter out) {
    /// Runs the demo. Suspends.
    ///
    /// @return the exit code
    /// @throws IOException if no port can be listened on, or the picture cannot be written
    int run() throws IOException {
        var site = prepare();
        int total = site.pages().size();
        try (var server = SiteServer.start(site, delays)) {
            out.println(
                    "A site of "
                            + total
                            + " pages is served at "
                            + server.frontPage()
                            + "; crawling it, up to "
                            + options.connections()
                            + " pages at once");
            var crawler = new Crawler(options);
            crawl(crawler, server.frontPage(), total);
            var complaints = DemoCheck.complaints(site, server.bytesByPath(), crawler.records());
            report(total, crawler.records(), complaints);
            draw(crawler.records());
            return complaints.isEmpty() ? ExitCode.OK : ExitCode.SOFTWARE;
        }
    }

    private DemoSite prepare() throws IOException {
        try {
            return Offload.toThread(() -> DemoSite.of(JdkCatalog.read()));
        } catch (CancelledError cancelled) {
            out.println("Cancelled before the crawl began.");
            throw cancelled;
        }
    }

    private void crawl(Crawler crawler, URI frontPage, int total) {
        Async.yieldNow(); // a new step: what this one has loaded so far is no stall of the crawl
        meter.forgetStalls();
        try {
            new CrawlSession(terminal.progress(out, total), out).run(crawler, List.of(frontPage));
        } catch (CancelledError cancelled) {
            out.println("No picture was written.");
            throw cancelled;
        }
    }

    private void report(int total, List<FetchRecord> records, List<String> complaints) {
        var summary = CrawlSummary.of(records);
        complaints.forEach(out::println);
        if (complaints.isEmpty()) {
            out.println(
                    "Every page was fetched, and every byte count matches what the server sent.");
        }
        line("pages", summary.pages() + " of " + total);
        line("bytes", summary.wireBytes() + " (" + Units.bytes(summary.wireBytes()) + ")");
        line("words", String.valueOf(summary.words()));
        line("wall time", summary.times());
        line("server delays", Units.duration(waited(records)) + " of these, waited on purpose");
        line(
                "longest stall",
                Units.duration(meter.longestStall()) + " (" + meter.longestStallName() + ")");
        line("tasks created", String.valueOf(meter.tasksCreated()));
    }

    private Duration waited(List<FetchRecord> records) {
        return records.stream()
                .map(fetch -> delays.of(fetch.uri().getRawPath()))
                .reduce(Duration.ZERO, Duration::plus);
    }

    private void draw(List<FetchRecord> records) throws IOException {
        var summary = CrawlSummary.of(records);
        var title =
                summary.pages() + " pages on one thread in " + Units.duration(summary.wallTime());
        var subtitle =
                summary.times()
                        + ", longest loop stall "
                        + Units.duration(meter.longestStall())
                        + ", "
                        + meter.tasksCreated()
                        + " tasks";
        Offload.toThread(() -> {
            AtomicFile.write(output, SvgTimeline.draw(title, subtitle, records));
            return output;
        });
        line("picture", output.toString());
        out.flush();
    }

    private void line(String name, String value) {
        out.println("  %-15s%s".formatted(name, value));
    }
}

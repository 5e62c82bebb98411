package dev.jloop.examples.cli;

import dev.jloop.core.Async;
import dev.jloop.examples.crawl.AtomicFile;
import dev.jloop.examples.crawl.CrawlSummary;
import dev.jloop.examples.crawl.Crawler;
import dev.jloop.examples.crawl.FetchRecord;
import dev.jloop.examples.crawl.SvgTimeline;
import dev.jloop.executor.Offload;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.Callable;

@Command(
        name = "scrape",
        mixinStandardHelpOptions = true,
        versionProvider = VersionInfo.class,
        description = {
            "Fetches pages, all at once on one thread, and counts their words.",
            "Up to 5 redirects of each are followed. Exits with 1 if any page failed."
        })
final class ScrapeCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CrawlSettings settings;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "draw the timeline into this SVG file")
    private @Nullable Path output;

    @Parameters(
            arity = "1..*",
            paramLabel = "URL",
            converter = PageAddressConverter.class,
            description = "the pages, such as http://localhost:8080/index.html")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private List<URI> pages;

    @Override
    public Integer call() {
        var options = settings.options();
        return Async.run(() -> scrape(new Crawler(options)));
    }

    private int scrape(Crawler crawler) throws IOException {
        var out = spec.commandLine().getOut();
        var each = new LinkedHashSet<>(pages);
        new CrawlSession(Terminal.detect().progress(out, each.size()), out).run(crawler, each);
        FetchTable.lines(List.copyOf(each), crawler.records()).forEach(out::println);
        var summary = CrawlSummary.of(crawler.records());
        out.printf("%d of %d pages came, in %s%n", summary.pages(), each.size(), summary.times());
        draw(summary, crawler.records());
        out.flush();
        return summary.failed() == 0 ? ExitCode.OK : ExitCode.SOFTWARE;
    }

    private void draw(CrawlSummary summary, List<FetchRecord> records) throws IOException {
        var target = output;
        if (target != null) {
            var title = summary.pages() + " of " + records.size() + " pages came";
            Offload.toThread(() -> {
                AtomicFile.write(target, SvgTimeline.draw(title, summary.times(), records));
                return target;
            });
        }
    }
}

package dev.jloop.examples.cli;

import dev.jloop.examples.crawl.FetchOutcome;
import dev.jloop.examples.crawl.FetchRecord;
import dev.jloop.examples.crawl.Units;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/// A table of fetches, one line each.
final class FetchTable {
    private static final String FORMAT = "%-8s%10s%10s%12s  %s";

    private FetchTable() {}

    /// {@return the heading and a line for each page, in the order given}
    ///
    /// @param pages the pages
    /// @param records one record for each, in any order
    static List<String> lines(List<URI> pages, List<FetchRecord> records) {
        Map<URI, FetchRecord> byPage =
                records.stream().collect(Collectors.toMap(FetchRecord::uri, Function.identity()));
        var lines = new ArrayList<String>();
        lines.add(FORMAT.formatted("STATUS", "BYTES", "WORDS", "TIME", "PAGE"));
        for (var page : pages) {
            var fetch = byPage.get(page);
            if (fetch != null) {
                lines.add(line(fetch));
            }
        }
        return lines;
    }

    private static String line(FetchRecord fetch) {
        var time = Units.duration(fetch.duration());
        return switch (fetch.outcome()) {
            case FetchOutcome.Fetched page ->
                    FORMAT.formatted(
                                    page.status(),
                                    page.wireBytes(),
                                    page.words(),
                                    time,
                                    fetch.uri())
                            + redirects(page.redirects());
            case FetchOutcome.Failed failed ->
                    FORMAT.formatted(
                            "FAILED", "-", "-", time, fetch.uri() + ": " + failed.reason());
            case FetchOutcome.Cancelled _ ->
                    FORMAT.formatted("CANCELLED", "-", "-", time, fetch.uri());
        };
    }

    private static String redirects(int number) {
        return switch (number) {
            case 0 -> "";
            case 1 -> " (1 redirect)";
            default -> " (" + number + " redirects)";
        };
    }
}

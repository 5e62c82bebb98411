package dev.jloop.examples.crawl;

import java.time.Duration;
import java.util.List;
import java.util.Locale;

/// What a crawl came to.
///
/// @param pages the pages that came
/// @param failed the pages that did not
/// @param wireBytes the bytes received for the pages that came
/// @param words the words on them
/// @param wallTime from the first fetch to the end of the last
/// @param responseTime the sum of all response times: what one fetch after the other would have
///   taken
public record CrawlSummary(
        int pages,
        int failed,
        long wireBytes,
        long words,
        Duration wallTime,
        Duration responseTime) {
    /// {@return the summary of the fetches}
    ///
    /// @param records the fetches, in any order
    public static CrawlSummary of(List<FetchRecord> records) {
        int pages = 0;
        int failed = 0;
        long wireBytes = 0;
        long words = 0;
        long wallNanos = 0;
        var responseTime = Duration.ZERO;
        for (var each : records) {
            switch (each.outcome()) {
                case FetchOutcome.Fetched page -> {
                    pages++;
                    wireBytes += page.wireBytes();
                    words += page.words();
                }
                case FetchOutcome.Failed _, FetchOutcome.Cancelled _ -> failed++;
            }
            wallNanos = Math.max(wallNanos, each.endNanos());
            responseTime = responseTime.plus(each.duration());
        }
        return new CrawlSummary(
                pages, failed, wireBytes, words, Duration.ofNanos(wallNanos), responseTime);
    }

    /// {@return by how much the response times exceed the wall time: how many fetches were under
    /// way on average}
    public double overlap() {
        return wallTime.isZero() ? 1 : (double) responseTime.toNanos() / wallTime.toNanos();
    }

    /// {@return the wall time beside the sum of all response times, in words}
    public String times() {
        return Units.duration(wallTime)
                + "; all response times add up to "
                + Units.duration(responseTime)
                + String.format(Locale.ROOT, ", %.1f times as much", overlap());
    }
}

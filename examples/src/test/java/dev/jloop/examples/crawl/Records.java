package dev.jloop.examples.crawl;

import java.net.URI;
import java.time.Duration;

/// Makes records for tests; times in milliseconds.
public final class Records {
    private Records() {}

    public static FetchRecord fetched(String path, int depth, long startMillis, long endMillis) {
        return record(
                path,
                depth,
                startMillis,
                endMillis,
                new FetchOutcome.Fetched(200, 1000, 900, 100, 0));
    }

    public static FetchRecord record(
            String path, int depth, long startMillis, long endMillis, FetchOutcome outcome) {
        return new FetchRecord(
                URI.create("http://host" + path),
                depth,
                Duration.ofMillis(startMillis).toNanos(),
                Duration.ofMillis(endMillis).toNanos(),
                outcome);
    }
}

package dev.jloop.examples.crawl;

import java.net.URI;
import java.time.Duration;

/// One fetch that has ended. Times are in nanoseconds since the crawl began.
///
/// @param uri the address
/// @param depth how many links it is away from where the crawl began
/// @param startNanos when its connection was begun
/// @param endNanos when its last byte was there, or when it failed
/// @param outcome how it ended
public record FetchRecord(
        URI uri, int depth, long startNanos, long endNanos, FetchOutcome outcome) {
    /// {@return the response time}
    public Duration duration() {
        return Duration.ofNanos(endNanos - startNanos);
    }
}

package dev.jloop.examples.crawl;

import java.time.Duration;

/// Settings of a crawl. Immutable; start from [#DEFAULTS].
///
/// @param connections how many connections may be open at once, at least 1
/// @param timeout how long one page may take, more than zero
/// @param followLinks whether links to the same host and port are followed
/// @param mostPages where following links stops, at least 1
public record CrawlOptions(int connections, Duration timeout, boolean followLinks, int mostPages) {
    /// 200 connections, 10 seconds, no links followed, 10000 pages.
    public static final CrawlOptions DEFAULTS =
            new CrawlOptions(200, Duration.ofSeconds(10), false, 10_000);

    /// Checks the values.
    public CrawlOptions {
        if (connections < 1) {
            throw new IllegalArgumentException(
                    "connections must be at least 1, was " + connections);
        }
        if (!timeout.isPositive()) {
            throw new IllegalArgumentException("timeout must be more than zero, was " + timeout);
        }
        if (mostPages < 1) {
            throw new IllegalArgumentException("mostPages must be at least 1, was " + mostPages);
        }
    }

    /// {@return these settings with another number of connections}
    ///
    /// @param number how many may be open at once, at least 1
    public CrawlOptions withConnections(int number) {
        return new CrawlOptions(number, timeout, followLinks, mostPages);
    }

    /// {@return these settings with another timeout}
    ///
    /// @param perPage how long one page may take, more than zero
    public CrawlOptions withTimeout(Duration perPage) {
        return new CrawlOptions(connections, perPage, followLinks, mostPages);
    }

    /// {@return these settings with links followed, or not}
    ///
    /// @param follow true to follow them
    public CrawlOptions withFollowLinks(boolean follow) {
        return new CrawlOptions(connections, timeout, follow, mostPages);
    }
}

package dev.jloop.examples.crawl;

/// Shows how far a crawl is.
public interface ProgressDisplay {
    /// Shows the status, or nothing where nothing worth a line has changed.
    ///
    /// @param status how far the crawl is
    void show(CrawlStatus status);

    /// Leaves the last status behind, so that what is printed next begins on a line of its own.
    ///
    /// @param status how far the crawl came
    void finish(CrawlStatus status);
}

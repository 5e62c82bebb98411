package dev.jloop.examples.crawl;

/// How far a crawl is: a snapshot.
///
/// @param found pages known so far
/// @param waiting pages whose fetch has not begun
/// @param inFlight pages being fetched
/// @param fetched pages that came
/// @param failed pages that did not come
/// @param cancelled pages that were being fetched when the crawl was cancelled
/// @param wireBytes bytes received for the pages that came
public record CrawlStatus(
        int found,
        int waiting,
        int inFlight,
        int fetched,
        int failed,
        int cancelled,
        long wireBytes) {
    /// {@return the pages whose fetch has ended by itself}
    public int ended() {
        return fetched + failed;
    }
}

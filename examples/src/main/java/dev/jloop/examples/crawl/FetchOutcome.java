package dev.jloop.examples.crawl;

/// How a fetch ended.
public sealed interface FetchOutcome {
    /// The page came.
    ///
    /// @param status the status code, below 400
    /// @param wireBytes the bytes received: heads, framing and bodies, those of redirects included
    /// @param bodyBytes the bytes of the page itself
    /// @param words the words on the page
    /// @param redirects how many redirects were followed to it
    record Fetched(int status, long wireBytes, int bodyBytes, long words, int redirects)
            implements FetchOutcome {}

    /// The page did not come.
    ///
    /// @param reason what happened, in words for the user
    record Failed(String reason) implements FetchOutcome {}

    /// The crawl was cancelled while the fetch was under way.
    record Cancelled() implements FetchOutcome {}
}

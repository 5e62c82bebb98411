package dev.jloop.examples.intro;

import dev.jloop.core.Async;
import dev.jloop.examples.http.HttpClient;
import dev.jloop.examples.http.HttpLimits;

import java.io.IOException;
import java.net.URI;
import java.util.List;

/// Fetches several pages at once: a task for each, and `gather` for all of them.
public final class ConcurrentFetch {
    private ConcurrentFetch() {}

    /// A page that was fetched.
    ///
    /// @param address of the page
    /// @param status the status code, such as 200
    /// @param bytes how long the page is
    public record Page(URI address, int status, int bytes) {}

    /// Fetches them. Suspends for as long as the slowest one takes.
    ///
    /// @param addresses of the pages
    /// @return the pages, in the order of their addresses
    /// @throws java.util.concurrent.CompletionException if one of them cannot be fetched; its cause
    ///   is the [IOException]. The others are cancelled then
    public static List<Page> fetchAll(List<URI> addresses) {
        var tasks =
                addresses.stream()
                        .map(address -> Async.createTask(() -> fetch(address), "fetch " + address))
                        .toList();
        try {
            return Async.gather(tasks).await();
        } finally {
            tasks.forEach(task -> task.cancel("another page cannot be fetched"));
        }
    }

    private static Page fetch(URI address) throws IOException {
        var response = new HttpClient(HttpLimits.DEFAULTS).get(address);
        return new Page(address, response.status(), response.body().length);
    }
}

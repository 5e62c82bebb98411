package dev.jloop.examples.crawl;

import dev.jloop.examples.http.HttpClient;
import dev.jloop.examples.http.HttpLimits;
import dev.jloop.examples.http.HttpResponse;

import java.io.IOException;
import java.net.URI;

/// Fetches a page and follows its redirects.
final class PageFetcher {
    private static final int MOST_REDIRECTS = 5;

    /// A page that came.
    ///
    /// @param uri where it was found in the end
    /// @param response the last answer
    /// @param wireBytes the bytes of all answers
    /// @param redirects how many redirects were followed
    record Result(URI uri, HttpResponse response, long wireBytes, int redirects) {}

    private final HttpClient client = new HttpClient(HttpLimits.DEFAULTS);

    /// Suspends.
    ///
    /// @throws PageRefusedException if the server answers with an error, or with too many redirects
    /// @throws IOException if no acceptable answer comes
    Result fetch(URI start) throws IOException {
        var uri = start;
        long wireBytes = 0;
        for (int redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
            var response = client.get(uri);
            wireBytes += response.wireBytes();
            var location = response.headers().first("Location");
            if (response.status() >= 400) {
                throw new PageRefusedException(
                        "answered " + (response.status() + " " + response.reason()).strip());
            }
            if (!isRedirect(response.status()) || location.isEmpty()) {
                return new Result(uri, response, wireBytes, redirects);
            }
            uri = redirected(uri, location.get());
        }
        throw new PageRefusedException(
                "redirected more than " + MOST_REDIRECTS + " times, at last to " + uri);
    }

    private static boolean isRedirect(int status) {
        return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
    }

    private static URI redirected(URI from, String location) throws PageRefusedException {
        return PageAnalysis.resolve(from, location)
                .orElseThrow(() ->
                        new PageRefusedException(
                                "redirected to '" + location + "', which is no http address"));
    }
}

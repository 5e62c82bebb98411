package dev.jloop.examples.cli;

import dev.jloop.examples.crawl.FetchOutcome;
import dev.jloop.examples.crawl.FetchRecord;
import dev.jloop.examples.site.DemoSite;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Compares what the crawler got with what the server sent.
final class DemoCheck {
    private DemoCheck() {}

    /// {@return a line for each page that did not come, or not whole; none if all is well}
    ///
    /// @param site the pages that should have come
    /// @param sentByPath the bytes that the server sent, by path
    /// @param records the fetches of the crawl
    static List<String> complaints(
            DemoSite site, Map<String, Long> sentByPath, List<FetchRecord> records) {
        var recordsByPath = new HashMap<String, FetchRecord>();
        var complaints = new ArrayList<String>();
        for (var each : records) {
            var path = each.uri().getRawPath();
            if (recordsByPath.put(path, each) != null) {
                complaints.add(path + " was fetched more than once");
            } else if (site.page(path).isEmpty()) {
                complaints.add(path + " is linked to but is no page of the site");
            }
        }
        for (var page : site.pages()) {
            var path = page.path();
            var fetch = recordsByPath.get(path);
            if (fetch == null) {
                complaints.add(path + " was never found");
            } else {
                complaint(path, fetch.outcome(), sentByPath.getOrDefault(path, 0L), complaints);
            }
        }
        return complaints;
    }

    private static void complaint(
            String path, FetchOutcome outcome, long sent, List<String> complaints) {
        switch (outcome) {
            case FetchOutcome.Fetched page -> {
                if (page.wireBytes() != sent) {
                    complaints.add(
                            path
                                    + ": the server sent "
                                    + sent
                                    + " bytes, but "
                                    + page.wireBytes()
                                    + " came");
                }
            }
            case FetchOutcome.Failed failed -> complaints.add(path + " failed: " + failed.reason());
            case FetchOutcome.Cancelled _ -> complaints.add(path + " was cancelled");
        }
    }
}

package dev.jloop.examples.crawl;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// The books of a crawl. Confined to the loop's thread.
final class CrawlRecords {
    private final List<FetchRecord> records = new ArrayList<>();
    private int found;
    private int begun;
    private int fetched;
    private int failed;
    private int cancelled;
    private long wireBytes;

    void pageFound() {
        found++;
    }

    void fetchBegun() {
        begun++;
    }

    void fetchEnded(FetchRecord record) {
        records.add(record);
        switch (record.outcome()) {
            case FetchOutcome.Fetched page -> {
                fetched++;
                wireBytes += page.wireBytes();
            }
            case FetchOutcome.Failed _ -> failed++;
            case FetchOutcome.Cancelled _ -> cancelled++;
        }
    }

    List<FetchRecord> records() {
        return Collections.unmodifiableList(records);
    }

    CrawlStatus status() {
        return new CrawlStatus(
                found,
                found - begun,
                begun - records.size(),
                fetched,
                failed,
                cancelled,
                wireBytes);
    }
}

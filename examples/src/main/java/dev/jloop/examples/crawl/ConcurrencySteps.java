package dev.jloop.examples.crawl;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/// How many fetches were under way, as a staircase over time.
///
/// @param steps where the number changes, by time
/// @param peak the highest number
record ConcurrencySteps(List<Step> steps, int peak) {
    /// From a time on, a number.
    record Step(long atNanos, int count) {}

    static ConcurrencySteps of(List<FetchRecord> records) {
        var changes = new TreeMap<Long, Integer>();
        for (var fetch : records) {
            changes.merge(fetch.startNanos(), 1, Integer::sum);
            changes.merge(fetch.endNanos(), -1, Integer::sum);
        }
        var steps = new ArrayList<Step>();
        int count = 0;
        int peak = 0;
        for (var change : changes.entrySet()) {
            count += change.getValue();
            peak = Math.max(peak, count);
            steps.add(new Step(change.getKey(), count));
        }
        return new ConcurrencySteps(List.copyOf(steps), peak);
    }
}

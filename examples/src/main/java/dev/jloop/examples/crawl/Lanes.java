package dev.jloop.examples.crawl;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.TreeSet;
import java.util.stream.IntStream;

/// Fetches laid out in lanes, so that no two in one lane overlap.
///
/// @param bars the fetches by their start, each with its lane
/// @param count the number of lanes
record Lanes(List<Bar> bars, int count) {
    /// A fetch in its lane.
    record Bar(FetchRecord fetch, int lane) {}

    /// Gives each fetch a lane of its own, in the order of their starts.
    static Lanes oneEach(List<FetchRecord> records) {
        var fetches = byStart(records);
        var bars =
                IntStream.range(0, fetches.size())
                        .mapToObj(i -> new Bar(fetches.get(i), i))
                        .toList();
        return new Lanes(bars, fetches.size());
    }

    /// Gives each fetch, in the order of their starts, the lowest lane that is free by then.
    static Lanes packed(List<FetchRecord> records) {
        var bars = new ArrayList<Bar>(records.size());
        var busy = new PriorityQueue<Bar>(Comparator.comparingLong(bar -> bar.fetch().endNanos()));
        var free = new TreeSet<Integer>();
        int count = 0;
        for (var fetch : byStart(records)) {
            while (!busy.isEmpty() && busy.element().fetch().endNanos() <= fetch.startNanos()) {
                free.add(busy.remove().lane());
            }
            int lane = free.isEmpty() ? count++ : free.removeFirst();
            var bar = new Bar(fetch, lane);
            busy.add(bar);
            bars.add(bar);
        }
        return new Lanes(List.copyOf(bars), count);
    }

    private static List<FetchRecord> byStart(List<FetchRecord> records) {
        return records.stream()
                .sorted(
                        Comparator.comparingLong(FetchRecord::startNanos)
                                .thenComparingLong(FetchRecord::endNanos))
                .toList();
    }
}

package dev.jloop.benchmarks.sidebyside;

import java.util.List;

/// Figures of several rounds: their median, and the least and the greatest.
///
/// @param median the middle one, or the mean of the two in the middle
/// @param least the smallest
/// @param greatest the largest
public record Summary(double median, double least, double greatest) {
    static Summary of(List<Double> figures) {
        if (figures.isEmpty()) {
            throw new IllegalArgumentException("no figures to sum up");
        }
        var sorted = figures.stream().sorted().toList();
        var upper = sorted.size() / 2;
        var lower = (sorted.size() - 1) / 2;
        return new Summary(
                (sorted.get(lower) + sorted.get(upper)) / 2, sorted.getFirst(), sorted.getLast());
    }
}

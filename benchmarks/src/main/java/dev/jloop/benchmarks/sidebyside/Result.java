package dev.jloop.benchmarks.sidebyside;

import com.fasterxml.jackson.annotation.JsonIgnore;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Objects;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/// What was seen of one server under one kind of load.
///
/// @param peer the server's name
/// @param rounds in the order in which they were measured; at the same place those of other servers
///   were measured at about the same time
/// @param cpuRatio the processor time for each request as a multiple of the baseline's in the same
///   round
/// @param systemCalls for each request; null where it was not counted
public record Result(
        String peer, List<Round> rounds, Summary cpuRatio, @Nullable Double systemCalls) {
    static Result of(
            String peer, List<Round> rounds, List<Round> baseline, @Nullable Double systemCalls) {
        var ratios =
                IntStream.range(0, rounds.size())
                        .mapToObj(i -> rounds.get(i).cpuNanos() / baseline.get(i).cpuNanos())
                        .toList();
        return new Result(peer, List.copyOf(rounds), Summary.of(ratios), systemCalls);
    }

    /// {@return one figure of all rounds}
    Summary summary(ToDoubleFunction<Round> figure) {
        return Summary.of(rounds.stream().mapToDouble(figure).boxed().toList());
    }

    /// {@return bytes allocated for each request, or null where that is not known}
    @JsonIgnore
    @Nullable Double allocatedBytes() {
        var known = rounds.stream().map(Round::allocatedBytes).toList();
        return known.contains(null)
                ? null
                : summary(round -> Objects.requireNonNull(round.allocatedBytes())).median();
    }
}

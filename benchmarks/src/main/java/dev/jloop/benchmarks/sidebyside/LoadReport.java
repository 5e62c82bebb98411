package dev.jloop.benchmarks.sidebyside;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/// What a load generator says at its end: names and numbers in turn, as in `requests 12 nanos 34`.
/// Times are in nanoseconds.
record LoadReport(Map<String, Long> figures) {
    /// The line begins with it, and its number follows.
    static final String FIRST_WORD = "requests";

    private static final double NANOS_PER_MICRO = 1000;

    /// @param rest the line after [#FIRST_WORD]
    static LoadReport parse(String rest) {
        var words = (FIRST_WORD + " " + rest).split(" ", -1);
        if (words.length % 2 != 0) {
            throw new IllegalArgumentException("no names and numbers: " + Arrays.toString(words));
        }
        var figures = new HashMap<String, Long>();
        for (var i = 0; i < words.length; i += 2) {
            figures.put(words[i], Long.parseLong(words[i + 1]));
        }
        return new LoadReport(figures);
    }

    long requests() {
        return figure(FIRST_WORD);
    }

    /// {@return the number with that name}
    ///
    /// @throws IllegalArgumentException if there is none
    long figure(String name) {
        var figure = figures.get(name);
        if (figure == null) {
            throw new IllegalArgumentException("the load told no " + name + ": " + figures);
        }
        return figure;
    }

    double perSecond() {
        return requests() * 1e9 / figure("nanos");
    }

    /// @param cpuNanos the server's processor time for `answered` requests
    /// @param answered how many requests the processor time and the allocations are for
    /// @param allocatedBefore what the server had allocated before them, if that is known
    /// @param allocatedAfter and after them
    Round round(
            long cpuNanos,
            double answered,
            @Nullable Long allocatedBefore,
            @Nullable Long allocatedAfter) {
        return new Round(
                perSecond(),
                figure("p50") / NANOS_PER_MICRO,
                figure("p99") / NANOS_PER_MICRO,
                figure("p999") / NANOS_PER_MICRO,
                cpuNanos / answered,
                allocatedBefore == null
                        ? null
                        : (Objects.requireNonNull(allocatedAfter) - allocatedBefore) / answered);
    }
}

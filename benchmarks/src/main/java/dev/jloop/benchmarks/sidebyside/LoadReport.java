package dev.jloop.benchmarks.sidebyside;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/// What a load generator says at its end: names and numbers in turn, as in `requests 12 nanos 34`.
/// Each of its own names the unit.
record LoadReport(Map<String, Long> figures) {
    /// The line begins with it, and its number follows.
    static final String FIRST_WORD = "requests";

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

    /// @param cpuNanos the server's processor time meanwhile
    /// @param micros how long it was
    /// @param perMicro how many units of its latencies make a microsecond
    /// @param allocatedBefore what the server had allocated when it began, if that is known
    /// @param allocatedAfter and when it had ended
    Round round(
            long cpuNanos,
            double micros,
            double perMicro,
            @Nullable Long allocatedBefore,
            @Nullable Long allocatedAfter) {
        return new Round(
                requests() * 1e6 / micros,
                figure("p50") / perMicro,
                figure("p99") / perMicro,
                figure("p999") / perMicro,
                (double) cpuNanos / requests(),
                allocatedBefore == null
                        ? null
                        : (Objects.requireNonNull(allocatedAfter) - allocatedBefore)
                                / (double) requests());
    }
}

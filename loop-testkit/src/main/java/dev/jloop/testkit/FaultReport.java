package dev.jloop.testkit;

import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Which fault points a run has come to, and what happened there.
///
/// @param points those that were reached, by name
/// @param neverReached the names that a rule speaks of and the run has not come to, in order; often
///   a slip of the pen
/// @since 0.1
public record FaultReport(List<Point> points, List<String> neverReached) {
    /// One fault point.
    ///
    /// @param name its name
    /// @param reached how often the code has come to it
    /// @param fired how often it fired
    /// @param delayed how often it made a coroutine wait
    /// @since 0.1
    public record Point(String name, int reached, int fired, int delayed) {
        /// Checks the name.
        public Point {
            Objects.requireNonNull(name, "name");
        }

        /// {@return such as `disk.write: reached 5 times, fired 2 times, delayed 0 times`}
        @Override
        public String toString() {
            return "%s: reached %s, fired %s, delayed %s"
                    .formatted(name, times(reached), times(fired), times(delayed));
        }

        private static String times(int count) {
            return count == 1 ? "once" : count + " times";
        }
    }

    /// Copies the lists.
    public FaultReport {
        points = List.copyOf(points);
        neverReached = List.copyOf(neverReached);
    }

    /// {@return the report as text, one point a line, indented} Lines are separated as the system
    /// does it.
    @Override
    public String toString() {
        var reached = points.stream().map(point -> "    " + point).toList();
        var missed = neverReached.stream().map(name -> "    " + name + ": never reached").toList();
        if (reached.isEmpty() && missed.isEmpty()) {
            return "    no fault point was reached";
        }
        return Stream.concat(reached.stream(), missed.stream())
                .collect(Collectors.joining(System.lineSeparator()));
    }
}

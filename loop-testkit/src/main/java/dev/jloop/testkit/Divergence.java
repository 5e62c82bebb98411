package dev.jloop.testkit;

import dev.jloop.testkit.Trace.Event;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// Tells where two runs that should be the same part.
final class Divergence {
    private static final String LINE = System.lineSeparator();

    /// How many events are shown, of those in common and of those after.
    private static final int CONTEXT = 8;

    private Divergence() {}

    /// {@return an error that shows where the two part, or null if they do not}
    static @Nullable AssertionError between(RunOutcome first, RunOutcome second) {
        if (first.happensLike(second) && second.failure() == null) {
            return null;
        }
        var error =
                new AssertionError(
                        "the test is not deterministic: two runs under the schedule of "
                                + first.run().schedule().name()
                                + (first.happensLike(second)
                                        ? sameTrace(first)
                                        : hashes(first, second))
                                + (second.failure() == null
                                        ? ""
                                        : ", and the second one failed with " + second.failure())
                                + describe(first, second));
        if (second.failure() != null) {
            error.initCause(second.failure());
        }
        return error;
    }

    private static String sameTrace(RunOutcome first) {
        return " have the same trace, with hash "
                + Trace.inHex(first.run().hashOfBody())
                + " at the end of the body, and another outcome: the first one passed";
    }

    private static String hashes(RunOutcome first, RunOutcome second) {
        return " have the trace hashes "
                + Trace.inHex(first.run().hash())
                + " and "
                + Trace.inHex(second.run().hash());
    }

    /// {@return lines about the first difference; both have to have been watched closely}
    static String describe(RunOutcome first, RunOutcome second) {
        var one = first.run().loop().trace();
        var other = second.run().loop().trace();
        var common = one.commonWith(other);
        var text = new StringBuilder();
        if (common == one.kept().size() && common == other.kept().size()) {
            return text.append(LINE)
                    .append("The first ")
                    .append(common)
                    .append(" events are the same")
                    .append(one.size() > common ? ", and no more were kept." : ".")
                    .append(LINE)
                    .append(causes(null, null))
                    .toString();
        }
        text.append(LINE).append("They part at event ").append(common).append(". In common:");
        list(text, one.kept().subList(Math.max(0, common - CONTEXT), common));
        text.append(LINE).append("then in the first run:");
        list(text, after(one, common));
        text.append(LINE).append("and in the second:");
        list(text, after(other, common));
        return text.append(LINE).append(causes(at(one, common), at(other, common))).toString();
    }

    private static List<Event> after(Trace trace, int common) {
        return trace.kept().subList(common, Math.min(common + CONTEXT, trace.kept().size()));
    }

    private static @Nullable Event at(Trace trace, int place) {
        return place < trace.kept().size() ? trace.kept().get(place) : null;
    }

    private static void list(StringBuilder text, List<Event> events) {
        for (var event : events) {
            text.append(LINE).append("    ").append(event);
        }
        if (events.isEmpty()) {
            text.append(LINE).append("    (nothing)");
        }
    }

    private static String causes(@Nullable Event one, @Nullable Event other) {
        var order =
                "the order of a HashMap or HashSet whose keys have no hashCode of their own (use a"
                        + " LinkedHashMap or LinkedHashSet)";
        var clock =
                "real time (System.nanoTime, Instant.now; use the loop's time()), a Random without"
                        + " a seed or a random UUID (take a Random as a parameter of the test)";
        var threads = "real threads that hand something to the loop";
        var state = "static state that an earlier run has left behind";
        var timing = one != null && other != null && !one.time().equals(other.time());
        var ordered =
                timing
                        ? List.of(clock, threads, order, state)
                        : List.of(order, state, clock, threads);
        return "Likely causes, the likeliest first: " + String.join("; ", ordered) + ".";
    }
}

package dev.jloop.testkit;

import dev.jloop.testkit.RunSchedule.Watch;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;

/// What is found out about a failure after it, by more runs: whether it comes again, and which
/// choices of the schedule are needed for it.
///
/// The choices are left out in ever smaller groups, after Zeller and Hildebrandt, "Simplifying and
/// isolating failure-inducing input" (2002).
final class FollowUp {
    private static final String LINE = System.lineSeparator();
    private static final long MOST_NANOS = Duration.ofSeconds(10).toNanos();

    /// A run that takes longer is not repeated.
    private static final long LONGEST_RUN_NANOS = Duration.ofSeconds(1).toNanos();

    /// More choices are counted and not listed.
    private static final int MOST_LISTED = 50;

    private final BiFunction<RunSchedule, Duration, RunOutcome> runner;
    private final RunOutcome failed;
    private final RunSchedule schedule;
    private final int mostRuns;
    private final long start = System.nanoTime();
    private int runs;

    /// Somebody wants the thread of the test back.
    private boolean interrupted;

    private FollowUp(
            RunOutcome failed, int mostRuns, BiFunction<RunSchedule, Duration, RunOutcome> runner) {
        this.failed = failed;
        this.mostRuns = mostRuns;
        this.runner = runner;
        schedule =
                failed.run()
                        .schedule()
                        .watched(
                                failed.failure() instanceof DeadlockException
                                        ? Watch.FOR_DEADLOCK
                                        : Watch.CLOSELY);
    }

    /// {@return lines about the failure, each with a line break before it; empty if it is not
    /// looked into}
    ///
    /// @param mostRuns how many runs it may take; with 0 nothing is looked into
    /// @param runner runs the test once, for so long in real time at most
    static String of(
            RunOutcome failed, int mostRuns, BiFunction<RunSchedule, Duration, RunOutcome> runner) {
        var worthIt =
                failed.isFailure()
                        && failed.run().hasRunBody()
                        && failed.nanos() < LONGEST_RUN_NANOS;
        if (!worthIt || mostRuns < 1) {
            return "";
        }
        var followUp = new FollowUp(failed, mostRuns, runner);
        var findings = followUp.findings();
        if (followUp.interrupted) {
            Thread.currentThread().interrupt();
            return LINE + "It was not looked into further, because the test was interrupted.";
        }
        return findings;
    }

    private String findings() {
        var replay = run(schedule);
        if (!replay.happensLike(failed) || !failsAgain(replay)) {
            return LINE + notTheSame(replay);
        }
        var again = LINE + "It was replayed at once, and failed again with the same trace.";
        return schedule.isPlain() ? again : again + LINE + shortest(replay);
    }

    private String notTheSame(RunOutcome replay) {
        var text =
                "It is not exactly repeatable: run again under the same schedule, the test "
                        + (replay.failure() == null ? "passed" : "failed with " + replay.failure())
                        + ", with trace hash "
                        + Trace.inHex(replay.run().hash())
                        + ". It depends on more than the seed.";
        if (!goesOn()) {
            return text;
        }
        // Of the failed run itself too little was kept, so two more are compared.
        var another = failed.run().schedule().closely() ? failed : run(schedule);
        return another.happensLike(replay)
                ? text + " Two runs after it are the same: static state may be the reason."
                : text + " Of two runs:" + Divergence.describe(another, replay);
    }

    private String shortest(RunOutcome replay) {
        if (!replay.run().loop().choices().isComplete()) {
            return "Its schedule has too many choices to be shortened.";
        }
        var fifo = run(schedule.with(RecordedChoices.of(List.of())));
        if (failsAgain(fifo)) {
            return "It fails in the same way first in, first out: "
                    + TestPlan.replayOptions(fifo.run().schedule());
        }
        var needed = merge(shorten(replay.run().loop().choices().entries()));
        var text =
                new StringBuilder("The shortest failing schedule found in ")
                        .append(runs)
                        .append(" runs differs from first in, first out in ")
                        .append(needed.size())
                        .append(" of ")
                        .append(replay.run().loop().choices().entries().size())
                        .append(" choices; run it with ")
                        .append(TestPlan.replayOptions(schedule.with(RecordedChoices.of(needed))));
        needed.stream()
                .limit(MOST_LISTED)
                .forEach(entry -> text.append(LINE).append("    ").append(entry));
        if (needed.size() > MOST_LISTED) {
            text.append(LINE)
                    .append("    ... and ")
                    .append(needed.size() - MOST_LISTED)
                    .append(" more");
        }
        return text.toString();
    }

    private List<ChoiceLog.Entry> shorten(List<ChoiceLog.Entry> all) {
        var needed = all;
        var groups = 2;
        while (needed.size() > 1) {
            var size = Math.ceilDiv(needed.size(), groups);
            var before = needed;
            for (var from = 0; from < needed.size() && goesOn(); ) {
                var rest = new ArrayList<>(needed.subList(0, from));
                rest.addAll(needed.subList(Math.min(from + size, needed.size()), needed.size()));
                var outcome = run(schedule.with(RecordedChoices.of(rest)));
                if (failsAgain(outcome)) {
                    needed = outcome.run().loop().choices().entries(); // some may not come up now
                } else {
                    from += size;
                }
            }
            if (!goesOn() || (size == 1 && needed == before)) {
                break;
            }
            groups = Math.min(needed.size(), groups * 2);
        }
        return needed;
    }

    /// A task that has to go before one other may have gone before several, which then had to be
    /// chosen themselves. So of two choices in a row only the second is tried, in place of the
    /// first.
    private List<ChoiceLog.Entry> merge(List<ChoiceLog.Entry> all) {
        var needed = all;
        for (var i = 0; i + 1 < needed.size() && goesOn(); ) {
            var first = needed.get(i);
            var second = needed.get(i + 1);
            if (second.choice() != first.choice() + 1) {
                i++;
                continue;
            }
            var merged = new ArrayList<>(needed);
            merged.subList(i, i + 2).clear();
            merged.add(second.inPlaceOf(first));
            var outcome = run(schedule.with(RecordedChoices.of(merged)));
            var left = outcome.run().loop().choices().entries();
            if (failsAgain(outcome) && left.size() < needed.size()) {
                needed = left;
                i = Math.max(0, i - 1);
            } else {
                i++;
            }
        }
        return needed;
    }

    private boolean goesOn() {
        return !interrupted && runs < mostRuns && left() > 0;
    }

    private long left() {
        return MOST_NANOS - (System.nanoTime() - start);
    }

    /// {@return whether that was the same failure} One that was cut short counts for nothing.
    private boolean failsAgain(RunOutcome outcome) {
        return left() > 0 && outcome.failsLike(failed);
    }

    private RunOutcome run(RunSchedule next) {
        runs++;
        var outcome = runner.apply(next, Duration.ofNanos(Math.max(1, left())));
        interrupted |= outcome.failure() instanceof InterruptedException;
        return outcome;
    }
}

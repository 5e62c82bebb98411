package dev.jloop.testkit;

import org.jspecify.annotations.Nullable;

import java.util.OptionalLong;

/// All that fixes the order in which a run of a program happens.
///
/// @param seed of the schedule, and of random numbers in general; empty for none
/// @param depth what a schedule of priorities looks for, see [LoopTest#depth()]
/// @param length how many choices a run is expected to have; 0 if nobody knows
/// @param choices the choices to be made instead of those by the seed, or null
/// @param watch how the run is watched, which makes no difference to its order
record RunSchedule(
        OptionalLong seed,
        Schedule schedule,
        int depth,
        int length,
        @Nullable RecordedChoices choices,
        Watch watch) {
    enum Watch {
        LIGHTLY,
        /// The run is kept in full, for a comparison with another one.
        CLOSELY,
        /// Closely too, and a deadlock is called one soon, because it has been one before.
        FOR_DEADLOCK
    }

    static final int DEFAULT_DEPTH = 3;
    static final int LARGEST_DEPTH = 100;

    /// First in, first out.
    static final RunSchedule FIFO =
            new RunSchedule(
                    OptionalLong.empty(), Schedule.RANDOM, DEFAULT_DEPTH, 0, null, Watch.LIGHTLY);

    static RunSchedule seeded(long seed, Schedule schedule, int depth) {
        return new RunSchedule(OptionalLong.of(seed), schedule, depth, 0, null, Watch.LIGHTLY);
    }

    RunSchedule watchedClosely() {
        return watched(Watch.CLOSELY);
    }

    RunSchedule watched(Watch how) {
        return new RunSchedule(seed, schedule, depth, length, choices, how);
    }

    boolean closely() {
        return watch != Watch.LIGHTLY;
    }

    /// {@return the same for runs of about as many choices as one has had, unless that is known}
    RunSchedule forLength(int seen) {
        return length > 0 ? this : new RunSchedule(seed, schedule, depth, seen, choices, watch);
    }

    /// {@return the same with these choices, and first in, first out apart from them}
    RunSchedule with(RecordedChoices recorded) {
        return new RunSchedule(seed, schedule, depth, length, recorded, watch);
    }

    /// {@return the same in the order that `text` describes, as [#order()] does}
    ///
    /// @throws IllegalArgumentException if it describes none
    RunSchedule as(String text) {
        if (text.equals("random")) {
            return new RunSchedule(seed, Schedule.RANDOM, depth, 0, null, watch);
        }
        var parts = text.split(":", -1);
        if (parts[0].equals("pct") && parts.length <= 3) {
            var newDepth = parts.length > 1 ? Integer.parseInt(parts[1]) : depth;
            var newLength = parts.length > 2 ? Integer.parseInt(parts[2]) : 0;
            if (newDepth < 1 || newDepth > LARGEST_DEPTH || newLength < 0) {
                throw new IllegalArgumentException("'" + text + "' is out of range");
            }
            return new RunSchedule(seed, Schedule.PCT, newDepth, newLength, null, watch);
        }
        return with(RecordedChoices.parse(text));
    }

    /// {@return the same with a seed if the order comes from one and there is none}
    RunSchedule seededIfNeeded() {
        return seed.isEmpty() && choices == null
                ? new RunSchedule(OptionalLong.of(1), schedule, depth, length, null, watch)
                : this;
    }

    /// {@return how the order comes about, in a word}
    String order() {
        if (choices != null) {
            return choices.toString();
        }
        return switch (schedule) {
            case RANDOM -> "random";
            case PCT -> "pct:" + depth + (length == 0 ? "" : ":" + length);
        };
    }

    /// {@return whether it is first in, first out, by no choice of anybody}
    boolean isPlain() {
        return seed.isEmpty() && choices == null;
    }

    /// {@return whether a test that says so gets this order from the seed alone}
    boolean isWhatItsSeedGives(Schedule declared) {
        return choices == null && schedule == Schedule.RANDOM && declared == Schedule.RANDOM;
    }

    /// {@return what reports call it}
    String name() {
        if (isPlain()) {
            return "first in, first out";
        }
        return seed.isPresent() ? "seed " + seed.getAsLong() : order();
    }

    Chooser chooser() {
        if (choices != null) {
            return choices;
        }
        if (seed.isEmpty()) {
            return Chooser.FIFO;
        }
        var number = seed.getAsLong();
        return switch (schedule) {
            case RANDOM -> new RandomChooser(number);
            case PCT -> new PriorityChooser(number, depth, length);
        };
    }
}

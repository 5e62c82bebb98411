package dev.jloop.testkit;

import org.jspecify.annotations.Nullable;

import java.util.Random;

/// Each task has a priority drawn once, and so have the callbacks together; the highest goes first.
/// At a few choices drawn before, the one that would go first falls behind all that have not
/// fallen.
///
/// After Burckhardt, Kothari, Musuvathi, Nagarakatte: "A randomized scheduler with probabilistic
/// guarantees of finding bugs" (ASPLOS 2010). The places of the falls are equally likely, for which
/// one has to know the length of a run. Where nobody does, short and long runs of many scales are
/// taken for equally likely.
final class PriorityChooser implements Chooser {
    /// Of unknown length, a run is taken to have no more than 2 to this power of choices.
    private static final int LARGEST_SCALE = 14;

    private final Random random;
    private final int[] falls;

    /// Priorities are from 0 to 1, and negative after a fall.
    private double ofCallbacks;

    /// @param depth how many orders have to be right for a bug to show; one fall less
    /// @param length how many choices a run has; 0 if nobody knows
    PriorityChooser(long seed, int depth, int length) {
        random = Seeds.random(seed);
        ofCallbacks = random.nextDouble();
        falls = new int[depth - 1];
        for (var i = 0; i < falls.length; i++) {
            falls[i] = length > 0 ? random.nextInt(length) : placeOfAnyScale();
        }
    }

    private int placeOfAnyScale() {
        var scale = 1 << random.nextInt(LARGEST_SCALE);
        return scale - 1 + random.nextInt(scale);
    }

    @Override
    public int choose(int choice, ReadyChoices ready) {
        var first = highest(ready);
        for (var i = 0; i < falls.length; i++) {
            if (falls[i] == choice) {
                // Drawn with the place, so that a later fall may end above an earlier one.
                setPriority(ready.at(first).task(), -(i + 1));
                first = highest(ready);
            }
        }
        return first;
    }

    private int highest(ReadyChoices ready) {
        var best = 0;
        var bestPriority = priority(ready.at(0).task());
        for (var i = 1; i < ready.count(); i++) {
            var priority = priority(ready.at(i).task());
            if (priority > bestPriority) {
                best = i;
                bestPriority = priority;
            }
        }
        return best;
    }

    private double priority(@Nullable TaskLabel task) {
        if (task == null) {
            return ofCallbacks;
        }
        if (!task.hasPriority()) {
            task.setPriority(random.nextDouble());
        }
        return task.priority();
    }

    private void setPriority(@Nullable TaskLabel task, double priority) {
        if (task == null) {
            ofCallbacks = priority;
        } else {
            task.setPriority(priority);
        }
    }
}

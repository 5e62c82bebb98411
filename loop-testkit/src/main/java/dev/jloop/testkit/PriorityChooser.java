package dev.jloop.testkit;

import org.jspecify.annotations.Nullable;

import java.util.Random;
import java.util.WeakHashMap;

/// Each task has a priority drawn once, and so have the callbacks together; the highest goes first.
/// At a few choices drawn before, the one that would go first falls behind all others.
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

    /// By task; those of tasks that are gone may go. Priorities are from 0 to 1, and negative after
    /// a fall.
    private final WeakHashMap<TaskLabel, Double> priorities = new WeakHashMap<>();

    private double ofCallbacks;
    private int fallen;

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
        for (var fall : falls) {
            if (fall == choice) {
                fallen++;
                setPriority(ready.at(first).task(), -fallen);
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
        return task == null
                ? ofCallbacks
                : priorities.computeIfAbsent(task, _ -> random.nextDouble());
    }

    private void setPriority(@Nullable TaskLabel task, double priority) {
        if (task == null) {
            ofCallbacks = priority;
        } else {
            priorities.put(task, priority);
        }
    }
}

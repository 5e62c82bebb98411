package dev.jloop.testkit;

import java.util.ArrayList;
import java.util.List;

/// The choices of a run: how many there were, and which were not first in, first out.
final class ChoiceLog {
    /// A schedule with more is not looked at further.
    private static final int MOST = 100_000;

    /// @param choice how many choices there were before
    /// @param position what was chosen
    /// @param event the number of the event that follows from it
    /// @param chosen what was chosen, in words
    /// @param first what would have come first, in words
    record Entry(int choice, int position, long event, String chosen, String first) {
        /// {@return the choice of the same thing when `before` was made, just before this one in
        /// the same turn}
        Entry inPlaceOf(Entry before) {
            // What was chosen before is missing among the positions of this one.
            var shift = position >= before.position ? 1 : 0;
            return new Entry(before.choice, position + shift, before.event, chosen, before.first);
        }

        @Override
        public String toString() {
            return "choice " + choice + ": " + chosen + " goes before " + first;
        }
    }

    private final List<Entry> entries = new ArrayList<>();
    private final boolean closely;
    private int count;
    private boolean complete = true;

    /// @param closely whether choices are kept, or just counted
    ChoiceLog(boolean closely) {
        this.closely = closely;
    }

    /// {@return the number of a new choice}
    int next() {
        return count++;
    }

    /// {@return how many choices there were so far}
    int count() {
        return count;
    }

    void add(int choice, int position, long event, ReadyChoices ready) {
        if (!closely || position == 0) {
            return;
        }
        if (entries.size() == MOST) {
            complete = false;
            return;
        }
        entries.add(
                new Entry(
                        choice,
                        position,
                        event,
                        describe(ready.at(position)),
                        describe(ready.at(0))));
    }

    private static String describe(Arrival arrival) {
        return arrival.task() == null
                ? "callback " + arrival.place()
                : "task " + arrival.task().text();
    }

    List<Entry> entries() {
        return entries;
    }

    /// {@return whether all choices are there}
    boolean isComplete() {
        return complete;
    }
}

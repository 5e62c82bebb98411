package dev.jloop.testkit;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// What is known of one run, for a picture of it. Takes so much of each kind and counts the rest.
final class Recording {
    /// Something sent from one lane to another.
    ///
    /// @param deliveredNanos when it arrived, or null if it was lost
    record Message(
            String from, String to, long sentNanos, @Nullable Long deliveredNanos, String text) {}

    enum MarkKind {
        TIMER,
        NOTE,
        FAULT
    }

    /// Something that has happened at one moment.
    ///
    /// @param task in which; null for none
    record Mark(
            MarkKind kind, String lane, @Nullable RecordedTask task, long atNanos, String text) {}

    private static final int MOST_TASKS = 1000;
    private static final int MOST_MESSAGES = 2000;
    private static final int MOST_MARKS = 4000;

    private final Set<String> lanes = new LinkedHashSet<>();
    private final List<RecordedTask> tasks = new ArrayList<>();
    private final List<Message> messages = new ArrayList<>();
    private final List<Mark> marks = new ArrayList<>();
    private long endNanos;
    private int leftOut;

    /// {@return whether there was room for it}
    boolean add(RecordedTask task) {
        return add(task, tasks, MOST_TASKS, task.createdNanos(), task.lane());
    }

    void add(Message message) {
        var end = message.deliveredNanos() == null ? message.sentNanos() : message.deliveredNanos();
        add(message, messages, MOST_MESSAGES, end, message.from(), message.to());
    }

    void add(Mark mark) {
        add(mark, marks, MOST_MARKS, mark.atNanos(), mark.lane());
    }

    private <E> boolean add(E event, List<E> events, int most, long nanos, String... itsLanes) {
        reaches(nanos);
        if (events.size() == most) {
            leftOut++;
            return false;
        }
        lanes.addAll(List.of(itsLanes));
        events.add(event);
        return true;
    }

    void reaches(long nanos) {
        endNanos = Math.max(endNanos, nanos);
    }

    /// {@return in the order of their first event}
    List<String> lanes() {
        return List.copyOf(lanes);
    }

    List<RecordedTask> tasks() {
        return tasks;
    }

    List<Message> messages() {
        return messages;
    }

    List<Mark> marks() {
        return marks;
    }

    long endNanos() {
        return endNanos;
    }

    int leftOut() {
        return leftOut;
    }
}

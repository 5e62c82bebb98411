package dev.jloop.testkit;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// What is known of one run, for a picture of it. Takes so much of each kind and counts the rest:
/// the first tasks, since others refer to them, and the last of everything else, since a failure is
/// near the end.
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
    private final ArrayDeque<Message> messages = new ArrayDeque<>();
    private final ArrayDeque<Mark> marks = new ArrayDeque<>();
    private long endNanos;
    private int leftOut;

    /// {@return whether there was room for it}
    boolean add(RecordedTask task) {
        reaches(task.createdNanos());
        if (tasks.size() == MOST_TASKS) {
            leftOut++;
            return false;
        }
        lanes.add(task.lane());
        return tasks.add(task);
    }

    void add(Message message) {
        var end = message.deliveredNanos() == null ? message.sentNanos() : message.deliveredNanos();
        addLast(message, messages, MOST_MESSAGES);
        reaches(end);
        lanes.add(message.from());
        lanes.add(message.to());
    }

    void add(Mark mark) {
        addLast(mark, marks, MOST_MARKS);
        reaches(mark.atNanos());
        lanes.add(mark.lane());
    }

    private <E> void addLast(E event, ArrayDeque<E> events, int most) {
        if (events.size() == most) {
            leftOut++;
            events.remove();
        }
        events.add(event);
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

    Collection<Message> messages() {
        return messages;
    }

    Collection<Mark> marks() {
        return marks;
    }

    long endNanos() {
        return endNanos;
    }

    int leftOut() {
        return leftOut;
    }
}

package dev.jloop.testkit;

import dev.jloop.core.Task;

import java.util.ArrayList;
import java.util.List;

/// One task of a recorded run.
final class RecordedTask {
    enum Outcome {
        PENDING("pending at the end", "#f4d58d"),
        FINISHED("finished", "#a9cbe8"),
        FAILED("failed", "#e8919c"),
        CANCELLED("cancelled", "#cdd2d7");

        private final String words;
        private final String colour;

        Outcome(String words, String colour) {
            this.words = words;
            this.colour = colour;
        }

        String words() {
            return words;
        }

        String colour() {
            return colour;
        }
    }

    /// More could not be told apart in the picture.
    private static final int MOST_STEPS = 1000;

    private final Task<?> task;
    private final String lane;
    private final long createdNanos;
    private final List<Long> steps = new ArrayList<>();
    private long endedNanos = Long.MAX_VALUE;
    private Outcome outcome = Outcome.PENDING;

    RecordedTask(Task<?> task, String lane, long createdNanos) {
        this.task = task;
        this.lane = lane;
        this.createdNanos = createdNanos;
    }

    void ranAt(long nanos) {
        if (steps.size() < MOST_STEPS && (steps.isEmpty() || steps.getLast() != nanos)) {
            steps.add(nanos);
        }
    }

    void endedAt(long nanos) {
        endedNanos = nanos;
        outcome = outcomeOf(task);
    }

    private static Outcome outcomeOf(Task<?> task) {
        if (task.isCancelled()) {
            return Outcome.CANCELLED;
        }
        // To ask for the exception would count as retrieving it, and hide that nobody else does.
        return task.toString().startsWith("Task['" + task.name() + "', failed")
                ? Outcome.FAILED
                : Outcome.FINISHED;
    }

    String lane() {
        return lane;
    }

    String name() {
        return task.name();
    }

    long createdNanos() {
        return createdNanos;
    }

    /// {@return when it ended, `runEnd` if it has not}
    long endedNanos(long runEnd) {
        return Math.min(endedNanos, runEnd);
    }

    List<Long> steps() {
        return steps;
    }

    Outcome outcome() {
        return outcome;
    }
}

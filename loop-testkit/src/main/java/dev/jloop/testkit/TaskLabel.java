package dev.jloop.testkit;

import dev.jloop.core.Task;

/// By what a schedule and a trace know a task: a number on its loop, and its name. It does not hold
/// the task.
final class TaskLabel {
    private final long number;
    private String name;
    private String text;

    /// Negative infinity before it is known.
    private double priority = Double.NEGATIVE_INFINITY;

    TaskLabel(long number, Task<?> task) {
        this.number = number;
        name = task.name();
        text = describe();
    }

    boolean hasPriority() {
        return priority != Double.NEGATIVE_INFINITY;
    }

    /// {@return how far ahead it is in a schedule of priorities, once that has said so}
    double priority() {
        return priority;
    }

    void setPriority(double value) {
        priority = value;
    }

    private String describe() {
        return "#" + number + " " + name;
    }

    /// Looks whether the task has been renamed.
    void update(Task<?> task) {
        var now = task.name();
        if (!name.equals(now)) {
            name = now;
            text = describe();
        }
    }

    /// {@return the place of the task in the order in which tasks first became ready, from 1 on}
    long number() {
        return number;
    }

    String name() {
        return name;
    }

    /// {@return number and name}
    String text() {
        return text;
    }
}

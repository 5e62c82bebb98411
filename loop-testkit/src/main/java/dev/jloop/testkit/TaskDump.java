package dev.jloop.testkit;

import dev.jloop.core.EventLoop;
import dev.jloop.core.Task;
import dev.jloop.core.TaskTree;

import java.util.Collection;
import java.util.stream.Collectors;

/// Tasks as text: what each awaits, and where.
final class TaskDump {
    private static final String LINE = System.lineSeparator();

    private static final int INDENT = 4;

    private TaskDump() {}

    /// {@return the pending tasks of `loop` as a tree of who waits for whom, with the cycles on
    /// top, indented} On the thread of the loop, or while it does not run.
    static String treeOf(EventLoop loop) {
        return TaskTree.capture(loop).text().stripTrailing().indent(INDENT).stripTrailing();
    }

    /// {@return a paragraph for each task, indented}
    static String of(Collection<? extends Task<?>> tasks) {
        return tasks.isEmpty()
                ? "    no task is pending"
                : tasks.stream().map(TaskDump::describe).collect(Collectors.joining(LINE));
    }

    private static String describe(Task<?> task) {
        var stack = task.stack();
        var frames =
                stack.isEmpty()
                        ? "        (has not started)"
                        : stack.stream()
                                .map(frame -> "        at " + frame)
                                .collect(Collectors.joining(LINE));
        return "    " + task + LINE + frames;
    }
}

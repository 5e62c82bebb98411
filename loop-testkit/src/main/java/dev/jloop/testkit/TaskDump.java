package dev.jloop.testkit;

import dev.jloop.core.EventLoop;
import dev.jloop.core.Task;
import dev.jloop.core.TaskTree;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Tasks as text: what each awaits, and where.
final class TaskDump {
    private static final String LINE = System.lineSeparator();

    private static final int INDENT = 4;

    /// A line of a tree; its group is the name of the class, after those of module and loader.
    private static final Pattern FRAME =
            Pattern.compile("[ |]*at (?:[^(]*/)?([^(/]+)\\.[^.(]+\\(.*\\)");

    private static final Pattern MORE_FRAMES = Pattern.compile("[ |]*\\.\\.\\. \\d+ more");

    private TaskDump() {}

    /// {@return the pending tasks of `loop` as a tree of who waits for whom, with the cycles on
    /// top, indented} On the thread of the loop, or while it does not run.
    static String treeOf(EventLoop loop) {
        return withoutRunner(TaskTree.capture(loop).text()).indent(INDENT).stripTrailing();
    }

    /// {@return the same tree, in which the frames of a task end with the last of the user} Below
    /// it stands what runs a test.
    static String withoutRunner(String tree) {
        var kept = new ArrayList<String>();
        var sinceUser = new ArrayList<String>();
        for (var line : tree.lines().toList()) {
            var frame = FRAME.matcher(line);
            var isFrame = frame.matches();
            if (isFrame && CreationSite.isOfUser(frame.group(1))) {
                kept.addAll(sinceUser);
                sinceUser.clear();
                kept.add(line);
            } else if (isFrame || MORE_FRAMES.matcher(line).matches()) {
                sinceUser.add(line);
            } else {
                addUnlessBelowUser(kept, sinceUser);
                kept.add(line);
            }
        }
        addUnlessBelowUser(kept, sinceUser);
        return String.join(LINE, kept);
    }

    /// Where no frame is the user's, all of them tell something.
    private static void addUnlessBelowUser(List<String> kept, List<String> frames) {
        if (!kept.isEmpty() && !FRAME.matcher(kept.getLast()).matches()) {
            kept.addAll(frames);
        }
        frames.clear();
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
                        : upToUser(stack).stream()
                                .map(frame -> "        at " + frame)
                                .collect(Collectors.joining(LINE));
        return "    " + task + LINE + frames;
    }

    private static List<StackTraceElement> upToUser(List<StackTraceElement> stack) {
        for (var end = stack.size(); end > 0; end--) {
            if (CreationSite.isOfUser(stack.get(end - 1))) {
                return stack.subList(0, end);
            }
        }
        return stack;
    }
}

package dev.jloop.core;

import dev.jloop.core.TaskTree.LoopNode;
import dev.jloop.core.TaskTree.TaskNode;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/// Task trees drawn with ASCII characters.
final class TaskTreeText {
    private static final int DEEPEST = 1000;

    /// More nobody reads, and where many wait for the same many, the lines would be many times as
    /// many as the tasks.
    private static final int MOST_TASKS = 10_000;

    private final int maxFrames;
    private final StringBuilder out;
    private final AwaitGraph graph;

    /// Drawn in full already.
    private final Set<Long> shown = new HashSet<>();

    /// From a root to what is being drawn.
    private final Set<Long> path = new HashSet<>();

    /// In full or by name.
    private int drawn;

    private TaskTreeText(StringBuilder out, AwaitGraph graph, int maxFrames) {
        this.out = out;
        this.graph = graph;
        this.maxFrames = maxFrames;
    }

    static String of(List<LoopNode> loops, int depth, int frames) {
        if (depth < 1 || depth > DEEPEST) {
            throw new IllegalArgumentException(
                    "depth must be from 1 to " + DEEPEST + ", was " + depth);
        }
        if (frames < 0) {
            throw new IllegalArgumentException("frames must not be negative, was " + frames);
        }
        if (loops.isEmpty()) {
            return "no event loop is open\n";
        }
        var out = new StringBuilder();
        for (var loop : loops) {
            new TaskTreeText(out, new AwaitGraph(loop.tasks()), frames).draw(loop, depth);
        }
        return out.toString();
    }

    private void draw(LoopNode loop, int depth) {
        var count = loop.tasks().size();
        out.append(printable(loop.name()))
                .append(loop.running() ? " (running" : " (not running")
                .append(", engine ")
                .append(loop.engine())
                .append(count == 1 ? ", 1 task)\n" : ", " + count + " tasks)\n");
        loop.stuckIn()
                .ifPresent(stuckIn -> {
                    out.append("stuck in ").append(printable(stuckIn.callback())).append('\n');
                    drawFrames("", stuckIn.frames());
                });
        for (var cycle : graph.cycles()) {
            out.append("cycle: ")
                    .append(
                            cycle.stream()
                                    .map(TaskTreeText::label)
                                    .collect(Collectors.joining(" -> ")))
                    .append(" -> ")
                    .append(label(cycle.getFirst()))
                    .append('\n');
        }
        drawAll("", graph.roots(), depth);
        if (drawn > MOST_TASKS) {
            out.append("(too large to be drawn further: ")
                    .append(shown.size())
                    .append(" of ")
                    .append(count)
                    .append(" tasks are shown, and the JSON has all)\n");
        }
    }

    private void drawAll(String indent, List<TaskNode> tasks, int depth) {
        for (var i = 0; i < tasks.size() && drawn <= MOST_TASKS; i++) {
            if (++drawn > MOST_TASKS) {
                return;
            }
            var last = i == tasks.size() - 1;
            out.append(indent).append(last ? "`-- " : "|-- ");
            draw(indent + (last ? "    " : "|   "), tasks.get(i), depth);
        }
    }

    private void draw(String indent, TaskNode task, int depth) {
        out.append(label(task));
        if (path.contains(task.id())) {
            out.append(" (a cycle closes here: see above)\n");
            return;
        }
        if (!shown.add(task.id())) {
            out.append(" (see above)\n");
            return;
        }
        out.append(": ").append(activity(task)).append('\n');
        var awaited = graph.awaitedBy(task);
        drawFrames(awaited.isEmpty() ? indent + "    " : indent + "|   ", task.frames());
        if (depth > 1) {
            path.add(task.id());
            drawAll(indent, awaited, depth - 1);
            path.remove(task.id());
        } else if (!awaited.isEmpty()) {
            out.append(indent).append("`-- (and what it waits for)\n");
        }
    }

    private void drawFrames(String indent, List<StackTraceElement> frames) {
        for (var frame : frames.subList(0, Math.min(maxFrames, frames.size()))) {
            out.append(indent).append("    at ").append(printable(frame.toString())).append('\n');
        }
        if (frames.size() > maxFrames && maxFrames > 0) {
            out.append(indent)
                    .append("    ... ")
                    .append(frames.size() - maxFrames)
                    .append(" more\n");
        }
    }

    private static String label(TaskNode task) {
        return "#" + task.id() + " " + printable(task.name());
    }

    private static String activity(TaskNode task) {
        var time = task.since().map(since -> " " + TaskTreeText.describe(since)).orElse("");
        return switch (task.state()) {
            case QUEUED -> "has not begun" + (time.isEmpty() ? "" : ", created" + time + " ago");
            case RUNNING -> "is running";
            case READY ->
                    "is ready to go on" + (time.isEmpty() ? "" : ", suspended" + time + " ago");
            case WAITING -> "waits" + time + " for " + printable(task.awaits());
        };
    }

    /// {@return a time with two units or two digits, which is what one can take in}
    static String describe(Duration time) {
        if (time.toDays() > 0) {
            return time.toDays() + " d " + time.toHoursPart() + " h";
        }
        if (time.toHours() > 0) {
            return time.toHours() + " h " + time.toMinutesPart() + " min";
        }
        if (time.toMinutes() > 0) {
            return time.toMinutes() + " min " + time.toSecondsPart() + " s";
        }
        return time.toSeconds() > 0
                ? String.format(Locale.ROOT, "%.1f s", Math.floor(time.toMillis() / 100.0) / 10)
                : time.toMillis() + " ms";
    }

    /// Names come from anywhere, and must neither break the lines nor reach the terminal as
    /// commands.
    private static String printable(String text) {
        if (text.codePoints().noneMatch(TaskTreeText::isUnprintable)) {
            return text;
        }
        var safe = new StringBuilder();
        text.codePoints()
                .forEach(point -> {
                    if (isUnprintable(point)) {
                        safe.append(String.format(Locale.ROOT, "\\u%04x", point));
                    } else {
                        safe.appendCodePoint(point);
                    }
                });
        return safe.toString();
    }

    private static boolean isUnprintable(int point) {
        return switch (Character.getType(point)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR ->
                    true;
            default -> false;
        };
    }
}

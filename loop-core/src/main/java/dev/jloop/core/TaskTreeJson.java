package dev.jloop.core;

import dev.jloop.core.TaskTree.LoopNode;
import dev.jloop.core.TaskTree.StuckIn;
import dev.jloop.core.TaskTree.TaskNode;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// Task trees as JSON: flat lists of tasks that refer to each other by id, so that neither a long
/// chain nor a cycle is a difficulty for who reads it.
final class TaskTreeJson {
    private TaskTreeJson() {}

    static String of(List<LoopNode> loops) {
        return "{\"loops\":" + array(loops.stream().map(TaskTreeJson::of).toList()) + "}";
    }

    static String of(LoopNode loop) {
        var cycles =
                loop.cycles().stream()
                        .map(cycle -> array(cycle.stream().map(TaskNode::id).toList()))
                        .toList();
        return "{\"name\":"
                + string(loop.name())
                + ",\"running\":"
                + loop.running()
                + ",\"engine\":"
                + string(loop.engine())
                + ",\"stuckIn\":"
                + loop.stuckIn().map(TaskTreeJson::stuckIn).orElse("null")
                + ",\"cycles\":"
                + array(cycles)
                + ",\"tasks\":"
                + array(loop.tasks().stream().map(TaskTreeJson::task).toList())
                + "}";
    }

    private static String stuckIn(StuckIn stuckIn) {
        return "{\"callback\":"
                + string(stuckIn.callback())
                + ",\"stack\":"
                + stack(stuckIn.frames())
                + "}";
    }

    private static String task(TaskNode task) {
        return "{\"id\":"
                + task.id()
                + ",\"name\":"
                + string(task.name())
                + ",\"state\":"
                + string(task.state().name())
                + ",\"awaits\":"
                + string(task.awaits())
                + ",\"awaitedTasks\":"
                + array(task.awaitedTasks())
                + ",\"sinceNanos\":"
                + task.since().map(since -> Long.toString(since.toNanos())).orElse("null")
                + ",\"stack\":"
                + stack(task.frames())
                + "}";
    }

    private static String stack(List<StackTraceElement> frames) {
        return array(frames.stream().map(frame -> string(frame.toString())).toList());
    }

    private static String array(List<?> elements) {
        return elements.stream().map(Object::toString).collect(Collectors.joining(",", "[", "]"));
    }

    /// Everything but ASCII is escaped, unpaired surrogates with the rest: it survives any
    /// encoding.
    private static String string(String text) {
        var out = new StringBuilder("\"");
        for (var i = 0; i < text.length(); i++) {
            var character = text.charAt(i);
            if (character == '"' || character == '\\') {
                out.append('\\').append(character);
            } else if (character < ' ' || character > '~') {
                out.append(String.format(Locale.ROOT, "\\u%04x", (int) character));
            } else {
                out.append(character);
            }
        }
        return out.append('"').toString();
    }
}

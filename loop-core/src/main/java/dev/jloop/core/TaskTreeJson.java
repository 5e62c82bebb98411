package dev.jloop.core;

import dev.jloop.core.TaskTree.LoopNode;
import dev.jloop.core.TaskTree.StuckIn;
import dev.jloop.core.TaskTree.TaskNode;

import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;

/// Task trees as JSON: flat lists of tasks that refer to each other by id, so that neither a long
/// chain nor a cycle is a difficulty for who reads it. Written into one buffer, as the trees of
/// large programs take tens of megabytes.
final class TaskTreeJson {
    private static final HexFormat HEX = HexFormat.of();

    private final StringBuilder out = new StringBuilder();

    private TaskTreeJson() {}

    static String of(List<LoopNode> loops) {
        var json = new TaskTreeJson();
        json.out.append("{\"loops\":");
        json.array(loops, json::loop);
        return json.out.append('}').toString();
    }

    static String of(LoopNode loop) {
        var json = new TaskTreeJson();
        json.loop(loop);
        return json.out.toString();
    }

    private void loop(LoopNode loop) {
        out.append("{\"name\":");
        string(loop.name());
        out.append(",\"running\":").append(loop.running()).append(",\"engine\":");
        string(loop.engine());
        out.append(",\"stuckIn\":");
        loop.stuckIn().ifPresentOrElse(this::stuckIn, () -> out.append("null"));
        out.append(",\"cycles\":");
        array(loop.cycles(), cycle -> array(cycle, task -> out.append(task.id())));
        out.append(",\"tasks\":");
        array(loop.tasks(), this::task);
        out.append('}');
    }

    private void stuckIn(StuckIn stuckIn) {
        out.append("{\"callback\":");
        string(stuckIn.callback());
        out.append(",\"stack\":");
        stack(stuckIn.frames());
        out.append('}');
    }

    private void task(TaskNode task) {
        out.append("{\"id\":").append(task.id()).append(",\"name\":");
        string(task.name());
        out.append(",\"state\":");
        string(task.state().name());
        out.append(",\"awaits\":");
        string(task.awaits());
        out.append(",\"awaitedTasks\":");
        array(task.awaitedTasks(), out::append);
        out.append(",\"sinceNanos\":");
        task.since()
                .ifPresentOrElse(since -> out.append(since.toNanos()), () -> out.append("null"));
        out.append(",\"stack\":");
        stack(task.frames());
        out.append('}');
    }

    private void stack(List<StackTraceElement> frames) {
        array(frames, frame -> string(frame.toString()));
    }

    private <E> void array(List<E> elements, Consumer<? super E> writer) {
        out.append('[');
        for (var i = 0; i < elements.size(); i++) {
            if (i > 0) {
                out.append(',');
            }
            writer.accept(elements.get(i));
        }
        out.append(']');
    }

    /// Everything but ASCII is escaped, unpaired surrogates with the rest: it survives any
    /// encoding.
    private void string(String text) {
        out.append('"');
        for (var i = 0; i < text.length(); i++) {
            var character = text.charAt(i);
            if (character == '"' || character == '\\') {
                out.append('\\').append(character);
            } else if (character < ' ' || character > '~') {
                out.append("\\u").append(HEX.toHexDigits(character));
            } else {
                out.append(character);
            }
        }
        out.append('"');
    }
}

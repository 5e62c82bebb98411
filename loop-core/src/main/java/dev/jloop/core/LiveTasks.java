package dev.jloop.core;

import org.jspecify.annotations.Nullable;

import java.util.LinkedHashSet;
import java.util.Set;

/// The tasks of a loop that are not done, in the order of their creation. It holds them strongly,
/// so that a task nobody refers to does not vanish. A linked list through the tasks themselves: no
/// allocation.
final class LiveTasks {
    private @Nullable CoroutineTask<?> first;
    private @Nullable CoroutineTask<?> last;

    void add(CoroutineTask<?> task) {
        task.previousLive = last;
        if (last == null) {
            first = task;
        } else {
            last.nextLive = task;
        }
        last = task;
    }

    void remove(CoroutineTask<?> task) {
        var before = task.previousLive;
        var after = task.nextLive;
        if (before == null) {
            first = after;
        } else {
            before.nextLive = after;
        }
        if (after == null) {
            last = before;
        } else {
            after.previousLive = before;
        }
        task.previousLive = null;
        task.nextLive = null;
    }

    boolean isEmpty() {
        return first == null;
    }

    Set<CoroutineTask<?>> snapshot() {
        var tasks = new LinkedHashSet<CoroutineTask<?>>();
        for (var task = first; task != null; task = task.nextLive) {
            tasks.add(task);
        }
        return tasks;
    }
}

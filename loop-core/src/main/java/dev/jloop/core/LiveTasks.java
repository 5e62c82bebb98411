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
    private int size;

    void add(CoroutineTask<?> task) {
        task.previousLive = last;
        if (last == null) {
            first = task;
        } else {
            last.nextLive = task;
        }
        last = task;
        size++;
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
        size--;
        task.previousLive = null;
        task.nextLive = null;
    }

    boolean isEmpty() {
        return first == null;
    }

    /// Any thread.
    int size() {
        return size;
    }

    /// Any thread. While the loop changes the list, another one may get a part of it only: from a
    /// task that has just ended no way leads on. It comes to an end, because each task is added
    /// once and leads to younger ones.
    Set<CoroutineTask<?>> snapshot() {
        var tasks = new LinkedHashSet<CoroutineTask<?>>();
        for (var task = first; task != null; task = task.nextLive) {
            tasks.add(task);
        }
        return tasks;
    }
}

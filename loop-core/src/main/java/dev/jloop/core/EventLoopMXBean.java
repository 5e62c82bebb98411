package dev.jloop.core;

import java.util.List;

/// A loop as JMX shows it, under `dev.jloop:type=EventLoop,name=...`.
///
/// A loop is there once it has run for about a second, and until it is closed. The attributes cost
/// nothing to read. The operations take a [TaskTree], which costs some microseconds for each task.
///
/// @since 0.1
public interface EventLoopMXBean {
    /// A task as open data, from [TaskTree.TaskNode].
    ///
    /// @param id a number for it, which no other task of its loop has or gets
    /// @param name its name
    /// @param state `QUEUED`, `RUNNING`, `READY` or `WAITING`: see [TaskTree.TaskState]
    /// @param awaits what it awaits, in words; empty unless it is waiting
    /// @param awaitedTasks the ids of the tasks it waits for
    /// @param sinceMillis how long ago, in milliseconds of the loop's clock, it was suspended, or
    ///   created if it is queued; -1 while it runs
    /// @param stack where it is, innermost frame first
    /// @since 0.1
    record TaskInfo(
            long id,
            String name,
            String state,
            String awaits,
            List<Long> awaitedTasks,
            long sinceMillis,
            List<String> stack) {
        /// Copies the lists.
        public TaskInfo {
            awaitedTasks = List.copyOf(awaitedTasks);
            stack = List.copyOf(stack);
        }
    }

    /// {@return the loop's name}
    String getName();

    /// {@return whether it is running}
    boolean isRunning();

    /// {@return whether it is in debug mode}
    boolean isDebug();

    /// {@return the name of its coroutine engine}
    String getEngine();

    /// {@return how many of its tasks are not done}
    int getTaskCount();

    /// {@return how many turns it has begun}
    long getTurnCount();

    /// {@return how many callbacks and steps of tasks it has run}
    long getCallbackCount();

    /// {@return its tasks that are not done, in the order they were created}
    List<TaskInfo> tasks();

    /// {@return the tree of its tasks as text, as [TaskTree#text()] gives it}
    String taskTree();

    /// {@return the tree of its tasks as JSON: one of the objects that [TaskTree#json()] lists
    /// under `loops`}
    String taskTreeJson();
}

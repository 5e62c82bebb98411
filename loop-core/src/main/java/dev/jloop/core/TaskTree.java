package dev.jloop.core;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/// Who waits for whom: the tasks of the running loops at one moment, what each awaits, since when,
/// and where in the code it is.
///
/// ```java
/// System.err.println(TaskTree.capture());
/// ```
///
/// ```
/// SelectorEventLoop-1 (running, engine mounted, 3 tasks)
/// `-- #1 main: waits 1.2 s for gather of 2 futures, 2 pending
///     |       at app.Shop.main(Shop.java:12)
///     |-- #2 fetch prices: waits 1.2 s for sleep
///     |           at app.Shop.fetch(Shop.java:31)
///     `-- #3 fetch stock: is ready to go on, suspended 1 ms ago
///                 at app.Shop.fetch(Shop.java:33)
/// ```
///
/// A task waits for another if it awaits it, be it by way of a gather, a shield, a wait for
/// several, or something that the other one holds, such as a lock; and if it has started it in a
/// task group that is still open, since the group cannot end before.
///
/// **Threading:** any thread may capture, at any time, and the result is immutable. A loop that
/// runs on another thread is asked, between two of its callbacks; that takes it less than a
/// microsecond for each task. The frames are read after that, while the loop goes on, so those of a
/// task that went on meanwhile show where it is then. If the loop does not answer within a fifth of
/// a second, it is stuck in a callback, and the tree says in which and where.
///
/// The same can be had from outside: by `jloop ps` and `jloop pstree`, and by [EventLoopMXBean].
///
/// @since 0.1
public final class TaskTree {
    private static final Duration PATIENCE = Duration.ofMillis(200);
    private static final int DEFAULT_DEPTH = 100;
    private static final int DEFAULT_FRAMES = 20;

    /// What a task is doing.
    ///
    /// @since 0.1
    public enum TaskState {
        /// It was created, and its body has not begun.
        QUEUED,
        /// It runs at this moment, or has made its loop wait with it.
        RUNNING,
        /// What it awaited is there, and it will go on in one of the next turns.
        READY,
        /// It awaits something.
        WAITING
    }

    /// One task.
    ///
    /// @param id a number for it, which no other task of its loop has or gets
    /// @param name its name
    /// @param state what it is doing
    /// @param awaits what it awaits, in words; empty unless it is waiting
    /// @param awaitedTasks the ids of the tasks it waits for
    /// @param since how long ago, on the loop's clock, it was suspended, or created if it is
    ///   queued; empty while it runs. The loop looks at its clock when it polls and when timers are
    ///   due, so a slow callback just before makes this too long by what it took
    /// @param frames where it is, innermost first; empty while it is queued. Of a suspended one the
    ///   first is the call that awaits
    /// @since 0.1
    public record TaskNode(
            long id,
            String name,
            TaskState state,
            String awaits,
            List<Long> awaitedTasks,
            Optional<Duration> since,
            List<StackTraceElement> frames) {
        /// Copies the lists.
        public TaskNode {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(state, "state");
            Objects.requireNonNull(awaits, "awaits");
            Objects.requireNonNull(since, "since");
            awaitedTasks = List.copyOf(awaitedTasks);
            frames = List.copyOf(frames);
        }
    }

    /// A callback or a step of a task that keeps its loop from doing anything else.
    ///
    /// @param callback what it is; `something between its callbacks` where it is neither, but the
    ///   loop's own work, an observer, or what a subclass does around a turn
    /// @param frames where it is, innermost first
    /// @since 0.1
    public record StuckIn(String callback, List<StackTraceElement> frames) {
        /// Copies the list.
        public StuckIn {
            Objects.requireNonNull(callback, "callback");
            frames = List.copyOf(frames);
        }
    }

    /// One loop with its tasks.
    ///
    /// @param name its name, as its `toString` gives it
    /// @param running whether it is running
    /// @param engine the name of its coroutine engine
    /// @param stuckIn what kept it from answering, if it did not
    /// @param tasks its tasks that are not done, in the order they were created
    /// @since 0.1
    public record LoopNode(
            String name,
            boolean running,
            String engine,
            Optional<StuckIn> stuckIn,
            List<TaskNode> tasks) {
        /// Copies the list.
        public LoopNode {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(engine, "engine");
            Objects.requireNonNull(stuckIn, "stuckIn");
            tasks = List.copyOf(tasks);
        }

        /// {@return the tasks at the top of the tree: those that no other task waits for, and one
        /// of each cycle that cannot be reached from these}
        public List<TaskNode> roots() {
            return new AwaitGraph(tasks).roots();
        }

        /// {@return the cycles: tasks that wait for each other in a circle, each for the one after
        /// it and the last for the first; a hundred at most} They go on only if one of them is
        /// cancelled.
        public List<List<TaskNode>> cycles() {
            return new AwaitGraph(tasks).cycles();
        }
    }

    private final List<LoopNode> loops;

    private TaskTree(List<LoopNode> loops) {
        this.loops = List.copyOf(loops);
    }

    /// {@return the tree of all loops of this JVM that have run and are not closed} On the thread
    /// of a loop that loop is at rest meanwhile; other loops are asked.
    public static TaskTree capture() {
        return new TaskTree(
                OpenLoop.all().stream()
                        .sorted(Comparator.comparingInt(SelectorEventLoop::number))
                        .map(loop -> LoopCapture.of(loop, PATIENCE))
                        .toList());
    }

    /// {@return the tree of one loop, which may be one that does not run}
    ///
    /// @param loop the loop
    /// @throws IllegalArgumentException if `loop` is no loop of this library
    public static TaskTree capture(EventLoop loop) {
        return capture(loop, PATIENCE);
    }

    /// {@return the tree of one task: it, and those it waits for directly or by way of others;
    /// empty if it is done}
    ///
    /// @param task the task
    public static TaskTree capture(Task<?> task) {
        var root = (CoroutineTask<?>) task;
        var loop = LoopCapture.of(root.loop(), PATIENCE);
        return new TaskTree(
                List.of(
                        new LoopNode(
                                loop.name(),
                                loop.running(),
                                loop.engine(),
                                loop.stuckIn(),
                                new AwaitGraph(loop.tasks()).reachableFrom(root.id()))));
    }

    /// For who has little time: asks the loop for `patience` and no longer.
    static TaskTree capture(EventLoop loop, Duration patience) {
        if (loop instanceof SelectorEventLoop selectorLoop) {
            return new TaskTree(List.of(LoopCapture.of(selectorLoop, patience)));
        }
        throw new IllegalArgumentException(
                "only the tasks of a SelectorEventLoop are known, and this is a "
                        + loop.getClass().getName());
    }

    /// {@return the loops, in the order they were made}
    public List<LoopNode> loops() {
        return loops;
    }

    /// {@return the tree as text, as deep as a hundred tasks, with twenty frames of each} A task
    /// stands below each that waits for it, in full the first time. Cycles are named at the top,
    /// and marked where they close. Of each loop the first ten thousand tasks are drawn, and then a
    /// line says how many there are. Lines end with `\n`, and the drawing is ASCII.
    public String text() {
        return text(DEFAULT_DEPTH, DEFAULT_FRAMES);
    }

    /// {@return the tree as text, as [#text()], with other limits}
    ///
    /// @param depth how many tasks one below the other, from 1 to 1000; for what is left out there
    ///   is a line that says so
    /// @param frames how many frames of each task, innermost first, at least 0; likewise
    /// @throws IllegalArgumentException if a limit is out of its range
    public String text(int depth, int frames) {
        return TaskTreeText.of(loops, depth, frames);
    }

    /// {@return the tree as JSON, in ASCII}
    ///
    /// ```
    /// {"loops": [{"name", "running", "engine", "stuckIn": null or {"callback", "stack"},
    ///   "cycles": [[id, ...], ...],
    ///   "tasks": [{"id", "name", "state", "awaits", "awaitedTasks": [id, ...],
    ///     "sinceNanos": null or a number, "stack": ["...", ...]}, ...]}, ...]}
    /// ```
    public String json() {
        return TaskTreeJson.of(loops);
    }

    /// {@return the same as [#text()]}
    @Override
    public String toString() {
        return text();
    }
}

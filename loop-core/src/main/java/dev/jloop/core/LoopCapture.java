package dev.jloop.core;

import dev.jloop.core.TaskTree.LoopNode;
import dev.jloop.core.TaskTree.StuckIn;
import dev.jloop.core.TaskTree.TaskNode;
import dev.jloop.core.TaskTree.TaskState;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/// Takes the tree of one loop, on any thread.
///
/// A loop that runs elsewhere is asked to list its tasks between two callbacks. One that does not
/// answer is stuck in a callback, so that nothing changes, and is read as it stands; should it go
/// on just then, the list may miss a few tasks, and no more than that.
final class LoopCapture {
    /// A task as the loop knew it, still without frames.
    ///
    /// @param coroutines those that do its work, innermost first
    /// @param owner the task whose group it is in
    /// @param sinceNanos on the loop's clock
    private record Sighting(
            CoroutineTask<?> task,
            List<CoroutineTask<?>> coroutines,
            @Nullable CoroutineTask<?> owner,
            String name,
            TaskState state,
            String awaits,
            List<CoroutineTask<?>> awaitedTasks,
            long sinceNanos) {}

    private final SelectorEventLoop loop;

    private LoopCapture(SelectorEventLoop loop) {
        this.loop = loop;
    }

    /// {@return the loop with its tasks}
    ///
    /// @param patience how long a loop that runs on another thread may take to answer
    static LoopNode of(SelectorEventLoop loop, Duration patience) {
        var capture = new LoopCapture(loop);
        if (!loop.isRunning() || loop.execution().runsOn(Thread.currentThread())) {
            return capture.node(capture.sightings(), Optional.empty());
        }
        var answer = capture.ask(patience);
        return answer == null
                ? capture.node(capture.sightings(), capture.stuckIn())
                : capture.node(answer, Optional.empty());
    }

    private @Nullable List<Sighting> ask(Duration patience) {
        var answer = new CompletableFuture<List<Sighting>>();
        loop.submitUnlessClosed(() -> {
            if (!answer.isDone()) {
                answer.complete(sightings());
            }
        });
        try {
            return answer.get(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException _) {
            return null;
        } catch (InterruptedException _) {
            try {
                return ask(patience); // it is not long
            } finally {
                Thread.currentThread().interrupt();
            }
        } catch (ExecutionException failure) {
            throw new IllegalStateException(loop + " could not list its tasks", failure);
        } finally {
            answer.cancel(false);
        }
    }

    private Optional<StuckIn> stuckIn() {
        var progress = loop.progress();
        var steps = progress.steps();
        var callback = steps % 2 == 0 ? null : loop.running();
        var thread = loop.execution().busyThread();
        if (thread == null) {
            return Optional.empty();
        }
        var what = callback == null ? "something between its callbacks" : Descriptions.of(callback);
        var stuckIn = new StuckIn(what, CoroutineFrames.ofRunning(thread));
        return progress.steps() == steps ? Optional.of(stuckIn) : Optional.empty();
    }

    private List<Sighting> sightings() {
        var sightings = new ArrayList<Sighting>();
        for (var task : loop.liveTasks().snapshot()) {
            if (!task.isDone()) {
                sightings.add(sight(task));
            }
        }
        return sightings;
    }

    private Sighting sight(CoroutineTask<?> task) {
        var current = loop.execution().task();
        var awaiting = task.awaiting();
        var state = task.stateFor(current);
        var awaits = "";
        List<CoroutineTask<?>> tasks = List.of();
        if (state == TaskState.WAITING && awaiting != null) {
            try {
                awaits = Awaited.describe(awaiting);
                tasks = Awaited.tasksBehind(awaiting);
            } catch (Throwable failure) {
                // A set that changes while a stuck loop goes on, or a Held whose holder() fails.
                Failures.rethrowIfFatal(failure);
                awaits = "something that cannot be read (" + Descriptions.of(failure) + ")";
            }
        }
        var owner = task.owner();
        return new Sighting(
                task,
                task.coroutines(current),
                owner == null ? null : owner.onBehalfOf(),
                task.name(),
                state,
                awaits,
                tasks,
                task.sinceNanos());
    }

    private LoopNode node(List<Sighting> sightings, Optional<StuckIn> stuckIn) {
        var now = loop.time();
        var owned = new HashMap<CoroutineTask<?>, List<Long>>();
        for (var sighting : sightings) {
            var owner = sighting.owner();
            if (owner != null) {
                owned.computeIfAbsent(owner, _ -> new ArrayList<>()).add(sighting.task().id());
            }
        }
        var tasks = sightings.stream().map(sighting -> node(sighting, owned, now)).toList();
        return new LoopNode(loop.name(), loop.isRunning(), loop.engine().name(), stuckIn, tasks);
    }

    private TaskNode node(
            Sighting sighting, Map<CoroutineTask<?>, List<Long>> owned, long nowNanos) {
        var task = sighting.task();
        var awaited = new LinkedHashSet<Long>();
        for (var other : sighting.awaitedTasks()) {
            if (other.loop() == loop) {
                awaited.add(other.id());
            }
        }
        awaited.addAll(owned.getOrDefault(task, List.of()));
        var since =
                sighting.state() == TaskState.RUNNING
                        ? Optional.<Duration>empty()
                        : Optional.of(
                                Duration.ofNanos(Math.max(0, nowNanos - sighting.sinceNanos())));
        return new TaskNode(
                task.id(),
                sighting.name(),
                sighting.state(),
                sighting.awaits(),
                List.copyOf(awaited),
                since,
                frames(sighting));
    }

    private static List<StackTraceElement> frames(Sighting sighting) {
        var coroutines = sighting.coroutines();
        if (sighting.state() != TaskState.RUNNING) {
            return CoroutineFrames.ofAll(coroutines);
        }
        var running = coroutines.getFirst().thread();
        return Stream.concat(
                        running == null ? Stream.of() : CoroutineFrames.ofRunning(running).stream(),
                        CoroutineFrames.ofAll(coroutines.subList(1, coroutines.size())).stream())
                .toList();
    }
}

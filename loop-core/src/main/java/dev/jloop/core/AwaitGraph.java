package dev.jloop.core;

import dev.jloop.core.TaskTree.TaskNode;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The tasks of one loop with their arrows: who waits for whom. Chains may be as long as there are
/// tasks, so nothing here recurses.
final class AwaitGraph {
    /// Of cycles that share tasks there may be very many.
    private static final int MOST_CYCLES = 100;

    /// In the order of their creation. A task may be missing to which an arrow leads.
    private final Map<Long, TaskNode> nodes = new LinkedHashMap<>();

    AwaitGraph(List<TaskNode> tasks) {
        tasks.forEach(task -> nodes.put(task.id(), task));
    }

    @Nullable TaskNode node(long id) {
        return nodes.get(id);
    }

    /// {@return what `task` waits for, as far as it is here}
    List<TaskNode> awaitedBy(TaskNode task) {
        var awaited = new ArrayList<TaskNode>();
        for (var id : task.awaitedTasks()) {
            var node = nodes.get(id);
            if (node != null) {
                awaited.add(node);
            }
        }
        return awaited;
    }

    List<TaskNode> reachableFrom(long id) {
        var start = nodes.get(id);
        if (start == null) {
            return List.of();
        }
        var reached = new HashSet<Long>();
        reach(start, reached);
        return nodes.values().stream().filter(task -> reached.contains(task.id())).toList();
    }

    private void reach(TaskNode start, Set<Long> reached) {
        var ahead = new ArrayDeque<TaskNode>();
        ahead.add(start);
        while (!ahead.isEmpty()) {
            var task = ahead.poll();
            if (reached.add(task.id())) {
                ahead.addAll(awaitedBy(task));
            }
        }
    }

    List<TaskNode> roots() {
        var awaited = new HashSet<Long>();
        nodes.values().forEach(task -> awaited.addAll(task.awaitedTasks()));
        var roots = new ArrayList<TaskNode>();
        var reached = new HashSet<Long>();
        for (var task : nodes.values()) {
            if (!awaited.contains(task.id())) {
                roots.add(task);
                reach(task, reached);
            }
        }
        for (var task : nodes.values()) {
            if (!reached.contains(task.id())) {
                roots.add(task);
                reach(task, reached);
            }
        }
        return List.copyOf(roots);
    }

    /// A walk in depth; each arrow back to a task on the way from the start closes a cycle.
    List<List<TaskNode>> cycles() {
        var cycles = new ArrayList<List<TaskNode>>();
        var seen = new HashSet<Long>();
        for (var task : nodes.values()) {
            if (cycles.size() < MOST_CYCLES && !seen.contains(task.id())) {
                new Walk(seen, cycles).from(task);
            }
        }
        return List.copyOf(cycles);
    }

    private final class Walk {
        private final Set<Long> seen;
        private final List<List<TaskNode>> found;
        private final List<TaskNode> path = new ArrayList<>();
        private final Map<Long, Integer> placeOnPath = new HashMap<>();
        private final ArrayDeque<Iterator<TaskNode>> ahead = new ArrayDeque<>();

        Walk(Set<Long> seen, List<List<TaskNode>> found) {
            this.seen = seen;
            this.found = found;
        }

        void from(TaskNode start) {
            enter(start);
            while (!ahead.isEmpty()) {
                var next = ahead.getLast();
                if (next.hasNext()) {
                    look(next.next());
                } else {
                    ahead.removeLast();
                    placeOnPath.remove(path.removeLast().id());
                }
            }
        }

        private void look(TaskNode task) {
            var place = placeOnPath.get(task.id());
            if (place != null && found.size() < MOST_CYCLES) {
                found.add(List.copyOf(path.subList(place, path.size())));
            } else if (!seen.contains(task.id())) {
                enter(task);
            }
        }

        private void enter(TaskNode task) {
            seen.add(task.id());
            placeOnPath.put(task.id(), path.size());
            path.add(task);
            ahead.addLast(awaitedBy(task).iterator());
        }
    }
}

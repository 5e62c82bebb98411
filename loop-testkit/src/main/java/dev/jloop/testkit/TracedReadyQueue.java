package dev.jloop.testkit;

import dev.jloop.core.Task;
import dev.jloop.core.TimerHandle;
import dev.jloop.core.spi.ReadyQueue;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.WeakHashMap;

/// Runs what is ready in a turn in an order that a [Chooser] chooses, and writes it down: the steps
/// of tasks in any order, and callbacks anywhere between them, but in their own order, which the
/// loop promises.
final class TracedReadyQueue implements ReadyQueue, ReadyChoices {
    private static final int SMALLEST = 16;

    private final Chooser chooser;
    private final Trace trace;
    private final ChoiceLog log;

    private final WeakHashMap<Task<?>, TaskLabel> labels = new WeakHashMap<>();
    private final List<Runnable> waiting = new ArrayList<>();

    /// What is left of the turn, in the order of arrival, from `head` to `end`.
    private @Nullable Arrival[] turn = new @Nullable Arrival[SMALLEST];

    private int head;
    private int end;
    private int stepsLeft;
    private long turns;
    private long tasks;

    TracedReadyQueue(Chooser chooser, Trace trace, ChoiceLog log) {
        this.chooser = chooser;
        this.trace = trace;
        this.log = log;
    }

    @Override
    public void add(Runnable callback) {
        if (callback instanceof Task<?> task) {
            label(task); // numbers go by the order in which tasks first became ready
        }
        waiting.add(callback);
    }

    private TaskLabel label(Task<?> task) {
        var label = labels.get(task);
        if (label == null) {
            label = new TaskLabel(++tasks, task);
            labels.put(task, label);
        }
        return label;
    }

    @Override
    public void startTurn() {
        var left = count();
        var needed = left + waiting.size();
        var larger = needed > turn.length ? new @Nullable Arrival[needed * 2] : turn;
        System.arraycopy(turn, head, larger, 0, left);
        turn = larger;
        for (var callback : waiting) {
            var task = callback instanceof Task<?> step ? label(step) : null;
            turn[left] = new Arrival(callback, left, task);
            left++;
            stepsLeft += task == null ? 0 : 1;
        }
        Arrays.fill(turn, left, Math.max(left, end), null);
        head = 0;
        end = left;
        waiting.clear();
        if (left > 0) {
            trace.turn(++turns);
        }
    }

    @Override
    public @Nullable Runnable next() {
        if (head == end) {
            return null;
        }
        var next = take(choose());
        var callback = next.callback();
        if (next.task() != null) {
            stepsLeft--;
            next.task().update((Task<?>) callback);
            trace.step(next.task());
        } else {
            trace.callback(
                    callback instanceof TimerHandle ? Trace.TIMER : Trace.CALLBACK,
                    next.place(),
                    callback);
        }
        return callback;
    }

    private int choose() {
        if (count() == 1 || stepsLeft == 0) {
            return 0;
        }
        var choice = log.next();
        var chosen = firstLike(chooser.choose(choice, this));
        log.add(choice, chosen, trace.size(), this);
        return chosen;
    }

    private int firstLike(int position) {
        if (at(position).isStep()) {
            return position;
        }
        var first = 0;
        while (at(first).isStep()) {
            first++;
        }
        return first;
    }

    private Arrival take(int position) {
        var taken = at(position);
        System.arraycopy(turn, head, turn, head + 1, position);
        turn[head++] = null;
        return taken;
    }

    @Override
    public Arrival at(int position) {
        var arrival = position < count() ? turn[head + position] : null;
        if (arrival == null) {
            throw new IndexOutOfBoundsException(position);
        }
        return arrival;
    }

    @Override
    public int count() {
        return end - head;
    }

    @Override
    public int size() {
        return count() + waiting.size();
    }

    @Override
    public void clear() {
        Arrays.fill(turn, null);
        head = 0;
        end = 0;
        stepsLeft = 0;
        waiting.clear();
    }
}

package dev.jloop.testkit;

import dev.jloop.core.Task;
import dev.jloop.core.spi.ReadyQueue;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/// Permutes what is ready in a turn, as a seed says: the steps of tasks in any order, and callbacks
/// anywhere between them, but in their own order, which the loop promises.
final class SeededReadyQueue implements ReadyQueue {
    private final Random random;

    private final List<Runnable> waiting = new ArrayList<>();
    private final ArrayDeque<Runnable> turn = new ArrayDeque<>();

    SeededReadyQueue(long seed) {
        random = Seeds.random(seed);
    }

    @Override
    public void add(Runnable callback) {
        waiting.add(callback);
    }

    @Override
    public void startTurn() {
        var arrived = new ArrayList<>(turn);
        arrived.addAll(waiting);
        turn.clear();
        waiting.clear();
        var order = new ArrayList<>(arrived);
        Collections.shuffle(order, random);
        var callbacks = arrived.stream().filter(each -> !isStep(each)).iterator();
        order.replaceAll(each -> isStep(each) ? each : callbacks.next());
        turn.addAll(order);
    }

    private static boolean isStep(Runnable callback) {
        return callback instanceof Task<?>;
    }

    @Override
    public @Nullable Runnable next() {
        return turn.poll();
    }

    @Override
    public int size() {
        return turn.size() + waiting.size();
    }

    @Override
    public void clear() {
        turn.clear();
        waiting.clear();
    }
}

package dev.jloop.core;

import dev.jloop.core.spi.Held;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;

/// What a future stands for: in words, and the tasks behind it.
final class Awaited {
    /// A shield of a shield of a shield is not described further.
    private static final int DEEPEST = 3;

    private Awaited() {}

    /// {@return what `future` stands for, to follow "waits for"}
    static String describe(DefaultFuture<?> future) {
        return describe(future, DEEPEST);
    }

    private static String describe(DefaultFuture<?> future, int levels) {
        return switch (future) {
            case GeneratorRun<?>.Turn turn -> itemOf(turn, levels);
            case CoroutineTask<?> task -> task.awaitedAs();
            case GatherFuture<?, ?> gather -> "gather of " + Futures.count(gather.children());
            case ShieldFuture<?> shield ->
                    levels == 0
                            ? "a shield"
                            : "a shield of " + describe(shield.inner(), levels - 1);
            default -> future.purpose() == null ? "a future" : Descriptions.of(future.purpose());
        };
    }

    private static String itemOf(GeneratorRun<?>.Turn turn, int levels) {
        var item = String.valueOf(turn.purpose());
        var awaiting = turn.body().awaiting();
        return awaiting == null || levels == 0
                ? item
                : item + ", which waits for " + describe(awaiting, levels - 1);
    }

    /// {@return the pending tasks that must go on before `future` can be done, as far as this is
    /// known} Combinators, things held, and bodies of generators are looked through, tasks are not.
    static List<CoroutineTask<?>> tasksBehind(DefaultFuture<?> future) {
        var tasks = new ArrayList<CoroutineTask<?>>();
        var seen = new HashSet<LoopFuture<?>>();
        var ahead = new ArrayDeque<LoopFuture<?>>();
        ahead.add(future);
        while (!ahead.isEmpty()) {
            var next = ahead.poll();
            if (!seen.add(next) || next.isDone()) {
                continue;
            }
            if (next instanceof CoroutineTask<?> task && !(task instanceof GeneratorRun)) {
                tasks.add(task);
            } else {
                ahead.addAll(behind((DefaultFuture<?>) next));
            }
        }
        return tasks;
    }

    private static Collection<? extends LoopFuture<?>> behind(DefaultFuture<?> future) {
        return switch (future) {
            case GeneratorRun<?>.Turn turn -> List.of(turn.body());
            case GeneratorRun<?> body -> orNone(body.awaiting());
            case GatherFuture<?, ?> gather -> gather.children();
            case ShieldFuture<?> shield -> List.of(shield.inner());
            default ->
                    switch (future.purpose()) {
                        case Wait<?> wait -> wait.futures();
                        case CompletionOrder<?> order -> order.pending();
                        case TaskGroup group -> group.tasks();
                        case Held held ->
                                held.holder() instanceof LoopFuture<?> holder
                                        ? List.of(holder)
                                        : List.of();
                        case LoopFuture<?> other -> List.of(other);
                        case null, default -> List.of();
                    };
        };
    }

    private static List<LoopFuture<?>> orNone(@Nullable LoopFuture<?> future) {
        return future == null ? List.of() : List.of(future);
    }
}

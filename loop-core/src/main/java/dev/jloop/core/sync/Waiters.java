package dev.jloop.core.sync;

import dev.jloop.core.LoopFuture;

import org.jspecify.annotations.Nullable;

import java.util.LinkedHashSet;
import java.util.SequencedSet;
import java.util.function.Consumer;

/// Coroutines that wait for the same thing, first in, first out. All primitives wait here, so that
/// the hand-over of a wake-up is written once.
///
/// Whoever wakes a waiter gives it something, be it only the right to go on, and that belongs to
/// the waiter from then on. A waiter runs some callbacks later; if it is cancelled in between, it
/// hands what it was given back and so passes it on.
///
/// @param <T> what a waiter is given
final class Waiters<T extends @Nullable Object> {
    private final LoopBinding binding;
    private final Object purpose;

    /// Those who were not woken. One that was cancelled stays until it runs or its turn comes.
    private final SequencedSet<LoopFuture<T>> waiting = new LinkedHashSet<>();

    /// @param binding of the primitive
    /// @param purpose what reports say that the waiters wait for
    Waiters(LoopBinding binding, Object purpose) {
        this.binding = binding;
        this.purpose = purpose;
    }

    /// Checks that the caller may wait here, for who gives something up before it waits.
    void checkCanWait() {
        binding.bind(purpose);
    }

    /// Suspends until woken.
    ///
    /// @param handBack gets what this waiter was given and, cancelled meanwhile, does not use
    /// @return what it was given
    T await(Consumer<? super T> handBack) {
        var turn = binding.bind(purpose).<T>createFuture(purpose);
        waiting.add(turn);
        try {
            return turn.await();
        } catch (Throwable interrupted) {
            waiting.remove(turn);
            if (turn.isDone() && !turn.isCancelled()) {
                handBack.accept(turn.result());
            }
            throw interrupted;
        }
    }

    /// Suspends until woken, where a wake-up needs not be passed on as all get it.
    T await() {
        return await(_ -> {});
    }

    /// Wakes the one that has waited longest.
    ///
    /// @param gift what it is given
    /// @return false if nobody waits
    boolean wakeNext(T gift) {
        while (!waiting.isEmpty()) {
            var next = waiting.removeFirst();
            if (!next.isDone()) { // else it was cancelled, and has not run since
                next.setResult(gift);
                return true;
            }
        }
        return false;
    }

    /// Wakes all that wait now.
    ///
    /// @param gift what each of them is given
    /// @return how many there were
    int wakeAll(T gift) {
        var count = 0;
        while (wakeNext(gift)) {
            count++;
        }
        return count;
    }

    /// {@return how many wait; those that were cancelled and have not run since are no longer
    /// counted} It looks at each of them.
    int countWithoutCancelled() {
        waiting.removeIf(LoopFuture::isDone);
        return waiting.size();
    }

    /// {@return how many wait, with those that were cancelled and have not run since}
    int size() {
        return waiting.size();
    }
}

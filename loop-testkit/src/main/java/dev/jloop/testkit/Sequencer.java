package dev.jloop.testkit;

import dev.jloop.core.CancelledError;
import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopFuture;
import dev.jloop.core.Task;

import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.Map;

/// Forces the order in which pieces of several tasks run: piece by piece, by number.
///
/// ```java
/// var sequencer = new Sequencer();
/// createTask(() -> {
///     try (var _ = sequencer.step(0)) { reader.open(); }
///     try (var _ = sequencer.step(2)) { reader.read(); }
/// });
/// createTask(() -> {
///     try (var _ = sequencer.step(1)) { file.delete(); }
/// });
/// ```
///
/// Step 0 begins at once, and every other when the one before it has ended. Each number is used
/// once, and none may be left out: the steps after it would wait for good, which a
/// [VirtualTimeLoop] reports as a deadlock that names them. A step may suspend; the others wait
/// until it has ended, by whatever way.
///
/// If a task is cancelled while it waits for its step, the sequence is broken: all others that wait
/// or come later fail with `IllegalStateException`.
///
/// **Threading:** the tasks of one loop.
///
/// The semantics are those of Trio's `Sequencer`.
///
/// @since 0.1
public final class Sequencer {
    /// The part of a task between the begin and the end of its step.
    ///
    /// @since 0.1
    public final class Step implements AutoCloseable {
        private final int number;
        private boolean ended;

        private Step(int number) {
            this.number = number;
        }

        /// Ends the step, so that the next one begins. Calling it again has no effect.
        @Override
        public void close() {
            if (!ended) {
                ended = true;
                next = number + 1;
                letBegin(next);
            }
        }
    }

    /// By the number of the step, who has asked for it; null where that was no task.
    private final Map<Integer, @Nullable Task<?>> takenBy = new HashMap<>();

    private final Map<Integer, LoopFuture<@Nullable Void>> waiting = new HashMap<>();
    private int next;

    /// Why no step will begin any more, or null.
    private @Nullable String broken;

    /// A sequence whose next step is 0.
    public Sequencer() {}

    /// Waits until all steps before this one have ended, and begins it. **Suspends** unless it is
    /// its turn already.
    ///
    /// @param number of the step, from 0
    /// @return the step, to be closed at its end
    /// @throws IllegalArgumentException if the number is negative
    /// @throws IllegalStateException if that step was begun or asked for already, if the sequence
    ///   is broken, or in a callback whose turn it is not, which leaves the step to others
    /// @throws CancelledError if the task is cancelled meanwhile, which breaks the sequence
    public Step step(int number) {
        if (number < 0) {
            throw new IllegalArgumentException("steps are counted from 0, and this is " + number);
        }
        if (broken != null) {
            throw new IllegalStateException("step " + number + " cannot begin: " + broken);
        }
        if (takenBy.containsKey(number)) {
            throw new IllegalStateException(
                    "step " + number + " was taken already, by " + describe(takenBy.get(number)));
        }
        var task = EventLoop.current().currentTask();
        if (number != next && task == null) {
            throw new IllegalStateException(
                    "step "
                            + number
                            + " has to wait for step "
                            + next
                            + ", and was asked for in a callback, which cannot wait");
        }
        takenBy.put(number, task);
        if (number != next) {
            awaitTurn(number);
        }
        return new Step(number);
    }

    /// A step without a body: waits until all steps before it have ended, and ends it at once.
    /// **Suspends** unless it is its turn already.
    ///
    /// @param number of the step, from 0
    /// @throws IllegalArgumentException if the number is negative
    /// @throws IllegalStateException if that step was begun or asked for already, if the sequence
    ///   is broken, or in a callback whose turn it is not, which leaves the step to others
    /// @throws CancelledError if the task is cancelled meanwhile, which breaks the sequence
    public void await(int number) {
        step(number).close();
    }

    private void awaitTurn(int number) {
        LoopFuture<@Nullable Void> turn =
                EventLoop.current().createFuture("step " + number + " of a sequencer");
        waiting.put(number, turn);
        try {
            turn.await();
        } catch (CancelledError cancellation) {
            breakOff(number);
            throw cancellation;
        } finally {
            waiting.remove(number);
        }
    }

    private void breakOff(int number) {
        broken =
                "the sequence is broken, as "
                        + describe(takenBy.get(number))
                        + " was cancelled while it waited for step "
                        + number;
        waiting.forEach((other, turn) -> {
            if (!turn.isDone()) {
                turn.setException(
                        new IllegalStateException("step " + other + " cannot begin: " + broken));
            }
        });
    }

    private static String describe(@Nullable Task<?> taker) {
        return taker == null ? "a callback" : taker.toString();
    }

    private void letBegin(int number) {
        var turn = waiting.get(number);
        if (turn != null && !turn.isDone()) {
            turn.setResult(null);
        }
    }
}

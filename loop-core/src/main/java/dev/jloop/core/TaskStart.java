package dev.jloop.core;

import org.jspecify.annotations.Nullable;

/// The start of one task by [TaskGroup#start(Startable)]: until the task is ready, its outcome goes
/// to who waits for that.
///
/// ```
/// STARTING -started-> STARTED
/// STARTING -task ends-> FAILED
/// STARTING -starter cancelled-> ABANDONED
/// ```
final class TaskStart<T extends @Nullable Object> implements TaskStatus<T> {
    private enum State {
        STARTING,
        STARTED,
        FAILED,
        ABANDONED
    }

    private static final String NOBODY_WAITS = "nobody waits for the task to be ready any more";

    private final SelectorEventLoop loop;
    private final DefaultFuture<T> ready;
    private State state = State.STARTING;

    TaskStart(SelectorEventLoop loop) {
        this.loop = loop;
        this.ready = new DefaultFuture<>(loop, "the start of a task");
    }

    /// Suspends until the task is ready.
    T await(Task<?> task) {
        try {
            return ready.await();
        } catch (CancelledError cancellation) {
            abandon(task, Cancellation.of(cancellation));
            throw cancellation;
        } catch (
                IllegalStateException cannotWait) { // or the outcome, after which this does nothing
            abandon(task, Cancellation.by(loop, CancelledError.Source.EXPLICIT, NOBODY_WAITS));
            throw cannotWait;
        }
    }

    private void abandon(Task<?> task, Cancellation cancellation) {
        if (state == State.STARTING) {
            state = State.ABANDONED;
            Futures.cancel(task, cancellation);
        }
    }

    @Override
    public void started(T value) {
        loop.checkThread("started");
        switch (state) {
            case STARTING -> {
                state = State.STARTED;
                ready.finishUnlessDone(value);
            }
            case STARTED ->
                    throw new IllegalStateException("the task has said before that it is ready");
            case FAILED -> throw new IllegalStateException("the task has ended already");
            case ABANDONED -> throw new IllegalStateException(NOBODY_WAITS);
        }
    }

    /// {@return whether the outcome of `task` went to the starter, and is no concern of the group}
    boolean taskEnded(Task<?> task) {
        if (state != State.STARTING) {
            return false;
        }
        state = State.FAILED;
        if (ready.isDone()) {
            return false; // cancelled, and the starter has not run since
        }
        if (task.isCancelled()) {
            ready.endCancelled(Cancellation.of(Futures.cancellationOf(task)), null);
        } else if (Futures.hasFailed(task)) {
            ready.fail(Futures.failureOf(task));
        } else {
            ready.fail(
                    new IllegalStateException(
                            "task '"
                                    + task.name()
                                    + "' ended without having said that it is ready; call"
                                    + " started() on its TaskStatus"));
        }
        return true;
    }
}

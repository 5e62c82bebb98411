package dev.jloop.executor;

import dev.jloop.core.CancelledError;
import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopFuture;
import dev.jloop.core.Task;
import dev.jloop.core.ThrowingRunnable;
import dev.jloop.core.ThrowingSupplier;

import org.jspecify.annotations.Nullable;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.SequencedSet;

/// A number of tokens, for that many borrowers at a time: how much of something goes on at once.
///
/// ```java
/// var printers = new CapacityLimiter(2);
/// Offload.toThread(() -> print(page), printers);   // the third page waits, and the loop does not
/// printers.run(() -> ask(printer));                // coroutines count too
/// ```
///
/// Who waits gets a token in the order it came, and nobody overtakes. Work that is offloaded under
/// a limiter keeps its token until its body has *ended*, also where the task that waited for it was
/// cancelled: the limit is one of what really goes on. A waiter that is cancelled while a token is
/// on its way to it passes the token on.
///
/// It differs from a semaphore in what it knows: its borrowers, each of which has one token and
/// gives that one back, and its total, which can be changed while it is in use.
///
/// **Threading:** the thread of one loop at a time, that of its borrowers. In debug mode a call
/// from another thread throws `WrongThreadException`. When nothing is in use, or the loop was
/// closed, it goes over to the loop that borrows next; work of a closed loop whose body still runs
/// keeps its token meanwhile.
///
/// The semantics are those of Trio's and AnyIO's `CapacityLimiter`.
///
/// @since 0.1
public final class CapacityLimiter {
    /// A limiter at one moment.
    ///
    /// @param total how many tokens there are
    /// @param borrowed how many are in use; more than `total` just after that was lowered
    /// @param waiting how many wait for one
    /// @param borrowers who has one, in the order they got it: tasks, what was given to
    ///   [#acquireOnBehalfOf(Object)], and offloaded work, which says in its `toString` what it is
    /// @since 0.1
    public record Statistics(int total, int borrowed, int waiting, List<Object> borrowers) {
        /// Copies the list.
        public Statistics {
            borrowers = List.copyOf(borrowers);
        }
    }

    private int total;
    private final SequencedSet<Object> borrowers = new LinkedHashSet<>();

    /// Those without a token. One that was cancelled stays until it runs or its turn comes.
    private final SequencedMap<Object, LoopFuture<@Nullable Void>> waiting = new LinkedHashMap<>();

    /// Of those who borrow or wait now, or did so last.
    private volatile @Nullable EventLoop loop;

    /// A limiter of which nothing is in use.
    ///
    /// @param total how many may borrow at a time, at least 1
    /// @throws IllegalArgumentException if it is less
    public CapacityLimiter(int total) {
        this.total = checked(total);
    }

    private static int checked(int total) {
        if (total < 1) {
            throw new IllegalArgumentException(
                    "a capacity limiter needs at least 1 token, not " + total);
        }
        return total;
    }

    /// Borrows a token for the current task. **Suspends** while none is free.
    ///
    /// @throws CancelledError if the task is cancelled meanwhile; it then has no token
    /// @throws IllegalStateException if the task has one already, this is no coroutine, or the
    ///   limiter is in use on another loop
    public void acquire() {
        acquireOnBehalfOf(currentTask("acquire"));
    }

    /// Borrows a token for anything. **Suspends** while none is free.
    ///
    /// @param borrower who has to give it back; told apart by `equals`
    /// @throws CancelledError if the task is cancelled meanwhile; the borrower then has no token
    /// @throws IllegalStateException if the borrower has one already or waits for one, this is no
    ///   coroutine, or the limiter is in use on another loop
    public void acquireOnBehalfOf(Object borrower) {
        var task = currentTask("acquireOnBehalfOf");
        var turn = takeOrQueue(borrower, task.loop());
        if (turn == null) {
            return;
        }
        try {
            turn.await();
        } catch (Throwable interrupted) {
            withdraw(borrower, turn);
            throw interrupted;
        }
    }

    /// Borrows a token for the current task if one is free. Does not suspend.
    ///
    /// @return whether it was borrowed
    /// @throws IllegalStateException as for [#acquire()]
    public boolean tryAcquire() {
        var task = currentTask("tryAcquire");
        bind(task.loop());
        checkNew(task);
        return tryTake(task);
    }

    /// Gives the token of the current task back: to who has waited longest, if anybody does.
    ///
    /// @throws IllegalStateException if the task has none
    public void release() {
        releaseOnBehalfOf(currentTask("release"));
    }

    /// Gives the token of a borrower back: to who has waited longest, if anybody does.
    ///
    /// @param borrower who has it
    /// @throws IllegalStateException if the borrower has none
    public void releaseOnBehalfOf(Object borrower) {
        checkThread("releaseOnBehalfOf");
        if (!borrowers.remove(Objects.requireNonNull(borrower, "borrower"))) {
            throw new IllegalStateException(
                    borrower + " gives back a token of " + this + " and has none");
        }
        grant();
    }

    /// Runs `body` with a token for the current task. **Suspends** as [#acquire()] does, and where
    /// the body does.
    ///
    /// @param body what to run
    /// @param <X> what the body may throw
    /// @throws X whatever the body fails with
    /// @throws IllegalStateException as for [#acquire()]
    public <X extends Throwable> void run(ThrowingRunnable<X> body) throws X {
        acquire();
        try (Returned _ = this::release) {
            body.run();
        }
    }

    /// Runs `body` with a token for the current task, and gives its result. **Suspends** as
    /// [#acquire()] does, and where the body does.
    ///
    /// @param body what to run
    /// @param <T> the type of the result
    /// @param <X> what the body may throw
    /// @return the result of the body
    /// @throws X whatever the body fails with
    /// @throws IllegalStateException as for [#acquire()]
    public <T extends @Nullable Object, X extends Throwable> T call(
            ThrowingSupplier<? extends T, X> body) throws X {
        acquire();
        try (Returned _ = this::release) {
            return body.get();
        }
    }

    /// {@return how many may borrow at a time}
    public int total() {
        checkThread("total");
        return total;
    }

    /// Changes how many may borrow at a time. Where that is more, those who wait get what is new.
    /// Where it is less, nobody is taken a token from; those that come back are not lent again
    /// until fewer than `total` are in use.
    ///
    /// @param total at least 1
    /// @throws IllegalArgumentException if it is less
    public void changeTotal(int total) {
        checkThread("changeTotal");
        this.total = checked(total);
        grant();
    }

    /// {@return what is known of the limiter now}
    public Statistics statistics() {
        checkThread("statistics");
        waiting.values().removeIf(LoopFuture::isDone);
        return new Statistics(total, borrowers.size(), waiting.size(), List.copyOf(borrowers));
    }

    // ---- for work that is offloaded, which cannot suspend

    /// Borrows a token, or joins the queue for one. Loop thread.
    ///
    /// @return null if the borrower has a token now; else done once it has one, unless cancelled,
    ///   or [withdrawn][#withdraw(Object, LoopFuture)]
    @Nullable LoopFuture<@Nullable Void> takeOrQueue(Object borrower, EventLoop on) {
        bind(on);
        checkNew(borrower);
        if (tryTake(borrower)) {
            return null;
        }
        LoopFuture<@Nullable Void> turn = on.createFuture(this);
        waiting.putLast(borrower, turn); // behind the others also where it was cancelled before
        return turn;
    }

    /// Takes `borrower` out of the queue; gives its token back where it has got one meanwhile.
    void withdraw(Object borrower, LoopFuture<@Nullable Void> turn) {
        if (waiting.remove(borrower, turn)) {
            turn.cancel();
        } else if (!turn.isCancelled()) {
            releaseOnBehalfOf(borrower);
        }
    }

    // ---- how tokens move

    /// None is free while somebody waits, so nobody can overtake here.
    private boolean tryTake(Object borrower) {
        return borrowers.size() < total && borrowers.add(borrower);
    }

    private void grant() {
        while (borrowers.size() < total && !waiting.isEmpty()) {
            var next = waiting.pollFirstEntry();
            if (!next.getValue().isDone()) { // else it was cancelled, and has not run since
                borrowers.add(next.getKey());
                next.getValue().setResult(null);
            }
        }
    }

    // ---- checks

    private Task<?> currentTask(String method) {
        var current = EventLoop.current();
        bind(current);
        var task = current.currentTask();
        if (task == null) {
            throw new IllegalStateException(
                    method
                            + " works in a coroutine only, and this is a callback of "
                            + current
                            + "; start a coroutine with createTask");
        }
        return task;
    }

    /// The limiter may pass from one loop to the next, as from test to test, but is no lock.
    private void bind(EventLoop next) {
        var before = loop;
        if (before == next) {
            return;
        }
        if (before != null && !before.isClosed() && isInUse()) {
            throw new IllegalStateException(
                    this
                            + " is in use on "
                            + before
                            + ", and cannot be used on "
                            + next
                            + " too; make one for each loop");
        }
        loop = next; // before it looks: work that ends now is seen here, or sees this
        waiting.clear(); // of a loop that was closed
        borrowers.removeIf(borrower -> !isStillAtWork(borrower));
    }

    /// {@return whether it goes on alone after the end of its loop}
    private static boolean isStillAtWork(Object borrower) {
        return borrower instanceof OffloadedCall<?> call && call.isWithExecutor();
    }

    /// The body of a call has ended after the loop of the call was closed. Any thread.
    void endedAfterItsLoop(OffloadedCall<?> call) {
        var next = loop;
        if (next != null && next != call.loop()) {
            Handover.submitUnlessClosed(
                    next,
                    () -> {
                        if (loop == next && borrowers.remove(call)) {
                            grant();
                        }
                    });
        }
    }

    private boolean isInUse() {
        return !borrowers.isEmpty() || !waiting.isEmpty();
    }

    private void checkNew(Object borrower) {
        Objects.requireNonNull(borrower, "borrower");
        if (borrowers.contains(borrower) || isWaiting(borrower)) {
            throw new IllegalStateException(
                    borrower
                            + (borrowers.contains(borrower) ? " has" : " waits for")
                            + " a token of "
                            + this
                            + " already, and would wait for itself; give the token back first, or"
                            + " use acquireOnBehalfOf with another borrower");
        }
    }

    private boolean isWaiting(Object borrower) {
        var turn = waiting.get(borrower);
        return turn != null && !turn.isDone();
    }

    private void checkThread(String method) {
        var current = loop;
        if (current != null) {
            current.checkThread(method);
        }
    }

    /// Not a `finally` block, so that what it throws does not hide what the body threw.
    @FunctionalInterface
    private interface Returned extends AutoCloseable {
        @Override
        void close();
    }

    @Override
    public String toString() {
        return "CapacityLimiter[total="
                + total
                + ", borrowed="
                + borrowers.size()
                + ", waiting="
                + waiting.size()
                + "]";
    }
}

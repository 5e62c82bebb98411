package dev.jloop.core;

import dev.jloop.core.engine.Coroutine;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;

/// The one implementation of tasks. As a [Runnable] it is its own next step in the ready queue.
///
/// ```
/// QUEUED -step-> RUNNING -await-> WAITING -woken, step-> RUNNING ... -body ends-> ENDED
/// QUEUED -step, cancelled before-> ENDED
/// ```
sealed class CoroutineTask<T extends @Nullable Object> extends DefaultFuture<T>
        implements Task<T>, Runnable permits GeneratorRun {
    private enum State {
        QUEUED,
        RUNNING,
        WAITING,
        ENDED
    }

    private final long id;
    private final Context context;
    private State state = State.QUEUED;
    private String name;

    /// Dropped when the body ends.
    private @Nullable Callable<T> body;

    /// Made by the first step.
    private @Nullable Coroutine coroutine;

    /// [#context] or one that the body has entered by [Context#run(ThrowingRunnable)].
    private Context activeContext;

    private @Nullable DefaultFuture<?> awaiting;

    /// The loop's time, roughly, when it was last suspended, and before that when it was created.
    private long sinceNanos;

    /// The one that cannot end before this one, because this one is in a group of its.
    private @Nullable CoroutineTask<?> owner;

    private int cancelRequests;
    private boolean cancellingAwaited;

    /// A request that was not handed to an awaited future, and waits for the next step or await
    /// point.
    private @Nullable Cancellation undelivered;

    /// Made by the first shielded scope.
    private @Nullable Shields shields;

    private int cancelledByClosing;

    /// How often this task stands in the ready queue for a [#yieldNow()] that could not suspend.
    private int wakeUpsToIgnore;

    /// The last cancellation thrown into the body.
    private @Nullable CancelledError delivered;

    /// What the body ended with.
    private @Nullable T returned;

    private @Nullable Throwable thrown;

    /// Neighbours among the live tasks of the loop; kept by [LiveTasks].
    @Nullable CoroutineTask<?> previousLive;

    @Nullable CoroutineTask<?> nextLive;

    CoroutineTask(SelectorEventLoop loop, long id, Callable<T> body, String name, Context context) {
        super(loop);
        this.id = id;
        this.sinceNanos = loop.recentTime();
        this.body = Objects.requireNonNull(body, "body");
        this.name = name;
        this.context = loop.withMdc(context);
        this.activeContext = context;
    }

    // ---- steps, on the loop's host thread

    /// The next step. Called by the loop in a turn.
    @Override
    public void run() {
        if (wakeUpsToIgnore > 0) {
            wakeUpsToIgnore--;
        } else if (state == State.QUEUED || state == State.WAITING) {
            loop().execution().step(this);
        }
    }

    /// Runs the body up to its next await point or its end; false if the task was cancelled before
    /// it began.
    boolean resumeCoroutine() {
        if (coroutine == null) {
            if (undelivered != null) {
                FlightEvents.taskEnded(this, "cancelled");
                return false;
            }
            coroutine = loop().engine().create(name, this::runBody);
        }
        state = State.RUNNING;
        coroutine.resume();
        return true;
    }

    boolean hasEnded() {
        return coroutine == null || coroutine.isDone();
    }

    /// Ends the future as the body has ended.
    ///
    /// @return the failure of the body if the whole loop must stop for it, else null
    @Nullable Throwable settle() {
        state = State.ENDED;
        body = null;
        coroutine = null;
        owner = null;
        var failure = thrown;
        thrown = null;
        var value = returned;
        returned = null;
        if (failure != null) {
            settleFailed(failure);
        } else if (undelivered != null) {
            endCancelled(undelivered, null);
        } else {
            finishWith(value);
        }
        return failure != null && Failures.isFatal(failure) ? failure : null;
    }

    private void settleFailed(Throwable failure) {
        var cancellation = cancellationIn(failure);
        if (cancellation == null) {
            fail(failure);
        } else {
            endCancelled(Cancellation.of(cancellation), cancellation);
        }
    }

    @SuppressWarnings("NullAway") // null only where the body may return it
    private void finishWith(@Nullable T value) {
        finish(value);
    }

    /// Reflection, `FutureTask` and `CompletableFuture` wrap what passes through them, so a
    /// delivered cancellation counts wherever it stands in the chain of causes.
    @Nullable CancelledError cancellationIn(Throwable failure) {
        if (failure instanceof CancelledError cancellation) {
            return cancellation;
        }
        return delivered != null && isCausedBy(failure, delivered) ? delivered : null;
    }

    /// Chains of causes may be circular, and a user's `getCause` may fail.
    private static boolean isCausedBy(Throwable failure, Throwable suspect) {
        var seen = Collections.newSetFromMap(new IdentityHashMap<Throwable, Boolean>());
        try {
            for (var cause = failure; cause != null && seen.add(cause); cause = cause.getCause()) {
                if (cause == suspect) {
                    return true;
                }
            }
        } catch (RuntimeException _) {
            return false; // what is beyond cannot be told
        }
        return false;
    }

    /// Cancels for a loop that closes, which has dropped what it had queued: the next step too.
    void cancelAndWake(Cancellation request) {
        shields = null;
        cancelFor(request);
        if (awaiting == null || awaiting.isDone()) {
            loop().enqueue(this);
        }
    }

    /// Cancels for a loop that closes and runs no more turns: takes the next step at once.
    void cancelAndStep(Cancellation request) {
        cancelRequests++;
        undelivered = request;
        loop().execution().step(this);
    }

    // ---- in the coroutine

    private void runBody() {
        FlightEvents.taskStarted(this);
        var outerMdc = context.enterMdc();
        try {
            returned = CurrentLoop.callIn(loop(), Objects.requireNonNull(body));
        } catch (Throwable failure) {
            thrown = failure; // the outcome of the task, see settle()
        } finally {
            context.leaveMdc(outerMdc);
        }
        FlightEvents.taskEnded(this, outcomeOfBody());
    }

    private String outcomeOfBody() {
        if (thrown == null) {
            return undelivered == null ? "finished" : "cancelled";
        }
        return cancellationIn(thrown) == null ? "failed" : "cancelled";
    }

    void awaitFuture(DefaultFuture<?> future) {
        if (future == this) {
            throw new IllegalStateException("a task cannot await itself: " + this);
        }
        endIfLoopCloses();
        awaiting = future;
        future.addWaiter(this);
        if (undelivered != null && future.cancelFor(undelivered)) {
            undelivered = null;
        }
        try {
            do {
                suspend();
            } while (!future.isDone());
        } finally {
            awaiting = null;
            future.removeWaiter(this);
        }
    }

    void yieldNow() {
        endIfLoopCloses();
        loop().enqueue(this);
        try {
            suspend();
        } catch (IllegalStateException pinned) {
            wakeUpsToIgnore++;
            throw pinned;
        }
    }

    /// Every await point cancels then, until the loop gives the body up.
    private void endIfLoopCloses() {
        if (loop().closing().refusesToWait(cancelledByClosing)) {
            cancelledByClosing++;
            throw deliver(undelivered == null ? Closing.LOOP_CLOSED : undelivered);
        }
    }

    /// Lets the loop run the first step of another task, and goes on then.
    void suspendForChild() {
        Objects.requireNonNull(coroutine).suspend();
    }

    /// Undoes [#suspendForChild()] where the child has ended the run.
    void continueLater() {
        state = State.WAITING;
        loop().enqueue(this);
    }

    private void suspend() {
        state = State.WAITING;
        sinceNanos = loop().recentTime();
        try {
            Objects.requireNonNull(coroutine).suspend();
        } finally {
            state = State.RUNNING;
        }
        deliverUndelivered();
    }

    /// Throws the request that waits for an await point, if there is one.
    final void deliverUndelivered() {
        if (undelivered != null) {
            throw deliver(undelivered);
        }
    }

    /// Takes back a request that was not delivered yet.
    ///
    /// @return whether it was there
    final boolean withdraw(Cancellation request) {
        if (undelivered != request) {
            return false;
        }
        uncancel();
        undelivered = null;
        return true;
    }

    /// Keeps a request for the next await point that was made before, and has come back
    /// undelivered.
    final void redeliver(Cancellation request) {
        undelivered = request;
    }

    /// Says what the body has failed with, for one that cannot be brought to an end.
    final void endWith(Throwable failure) {
        thrown = failure;
    }

    /// {@return the error that stands for `request` at an await point}
    final CancelledError deliver(Cancellation request) {
        undelivered = null;
        var error = request.toError();
        delivered = error;
        return error;
    }

    /// Takes note of a cancellation that comes by way of the awaited future.
    CancelledError noteDelivered(CancelledError error) {
        if (cancelRequests > 0) {
            delivered = error;
        }
        return error;
    }

    // ---- the task as others see it

    @Override
    boolean cancelFor(Cancellation request) {
        return cancelFor(request, 0);
    }

    /// Cancels for a scope inside the body.
    ///
    /// @param shield the number of the shielded scope in which that scope was entered; shields
    ///   inside of it hold the request back
    boolean cancelFor(Cancellation request, int shield) {
        markRetrieved();
        if (isDone()) {
            return false;
        }
        FlightEvents.cancelRequested(this, request);
        cancelRequests++;
        if (shields != null && shields.holdBack(request, shield)) {
            return true;
        }
        if (awaiting == null || !cancelAwaited(awaiting, request)) {
            undelivered = request;
        }
        return true;
    }

    /// Hands the request on. Where tasks await each other in a circle it comes round to the first
    /// one, which then takes it itself and so opens the circle.
    private boolean cancelAwaited(DefaultFuture<?> future, Cancellation request) {
        if (cancellingAwaited) {
            loop().enqueue(this);
            return false;
        }
        cancellingAwaited = true;
        try {
            return future.cancelFor(request);
        } finally {
            cancellingAwaited = false;
        }
    }

    @Override
    public int uncancel() {
        loop().checkThread("uncancel");
        if (cancelRequests > 0) {
            cancelRequests--;
            if (cancelRequests == 0) {
                undelivered = null;
                delivered = null;
                if (shields != null) {
                    shields.drop();
                }
            }
        }
        return cancelRequests;
    }

    /// Makes a request again that a scope has met with, to be delivered at the next await point.
    ///
    /// @param met the error in which it was met; null if it was not delivered
    void repeatRequest(@Nullable CancelledError met) {
        var pending =
                undelivered == null
                        ? new Cancellation(CancelledError.Source.EXPLICIT, null, null)
                        : undelivered;
        uncancel();
        cancelFor(met == null ? pending : Cancellation.of(met), shield());
    }

    /// {@return the request that waits for the next await point, or null}
    @Nullable Cancellation undelivered() {
        return undelivered;
    }

    /// {@return the request that waits where one by a scope in shielded scope number `shield`
    /// would, or null}
    @Nullable Cancellation undelivered(int shield) {
        return shields == null || shield >= shields.innermost()
                ? undelivered
                : shields.newest(shield);
    }

    /// {@return the requests that no shielded scope holds back}
    int unshieldedRequests() {
        return shields == null ? cancelRequests : cancelRequests - shields.heldCount();
    }

    /// Takes the one request of a scope back.
    ///
    /// @param replaced the undelivered one in whose place it was made, which is undelivered again
    void takeBack(Cancellation request, @Nullable Cancellation replaced) {
        uncancel();
        if (undelivered == request) {
            undelivered = replaced;
        }
    }

    /// Says that a scope has swallowed the last cancellation thrown.
    void forgetDelivered() {
        delivered = null;
    }

    /// {@return the number of the innermost shielded scope, or 0 outside of all}
    int shield() {
        return shields == null ? 0 : shields.innermost();
    }

    /// From now on, requests from outside wait until [#leaveShield()].
    void enterShield() {
        if (shields == null) {
            shields = new Shields();
        }
        shields.enter(undelivered);
        undelivered = null;
    }

    /// Lets what has waited be delivered at the next await point.
    void leaveShield() {
        if (shields == null) {
            return; // the loop has closed meanwhile, and no scope holds it up
        }
        var request = shields.leave();
        if (request != null) {
            undelivered = request;
        }
    }

    @Override
    public int cancelling() {
        loop().checkThread("cancelling");
        return cancelRequests;
    }

    @Override
    public void setResult(T value) {
        throw new UnsupportedOperationException(
                "the result of a task is what its body returns: " + this);
    }

    @Override
    public void setException(Throwable exception) {
        throw new UnsupportedOperationException(
                "the failure of a task is what its body throws: " + this);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void rename(String newName) {
        loop().checkThread("rename");
        name = Objects.requireNonNull(newName, "name");
        if (coroutine != null) {
            coroutine.thread().setName(newName);
        }
    }

    @Override
    public @Nullable Callable<? extends T> getCoroutine() {
        loop().checkThread("getCoroutine");
        return body;
    }

    @Override
    public Context context() {
        return context;
    }

    @Override
    Context contextOfReports() {
        return context;
    }

    /// {@return the task of the user's that this one works for}
    CoroutineTask<?> onBehalfOf() {
        return this;
    }

    /// {@return the task that waits for this one to emit, if it is the body of a generator}
    @Nullable CoroutineTask<?> consumer() {
        return null;
    }

    Context activeContext() {
        return activeContext;
    }

    void leaveIn(Context current) {
        activeContext = current;
    }

    @Override
    public List<StackTraceElement> stack() {
        loop().checkThread("stack");
        return CoroutineFrames.ofAll(coroutines(null));
    }

    /// {@return the coroutines that do the work of this task: it, and before it the bodies of the
    /// generators that it has asked for an item, innermost first}
    ///
    /// @param current the task whose step the loop is in
    List<CoroutineTask<?>> coroutines(@Nullable CoroutineTask<?> current) {
        var all = new ArrayDeque<CoroutineTask<?>>();
        if (current != null && current.onBehalfOf() == this) {
            for (var body = current; body != null; body = body.consumer()) {
                all.addLast(body);
            }
        } else {
            for (CoroutineTask<?> body = this; body != null; body = body.awaitedBody()) {
                all.addFirst(body);
            }
        }
        return List.copyOf(all);
    }

    private @Nullable CoroutineTask<?> awaitedBody() {
        return awaiting instanceof GeneratorRun<?>.Turn turn ? turn.body() : null;
    }

    /// A number that no other task of the loop has or gets.
    long id() {
        return id;
    }

    void belongTo(CoroutineTask<?> newOwner) {
        owner = newOwner;
    }

    @Nullable CoroutineTask<?> owner() {
        return owner;
    }

    @Nullable DefaultFuture<?> awaiting() {
        return awaiting;
    }

    long sinceNanos() {
        return sinceNanos;
    }

    /// {@return the state as reports name it}
    ///
    /// @param current the task whose step the loop is in
    TaskTree.TaskState stateFor(@Nullable CoroutineTask<?> current) {
        if (current != null && current.onBehalfOf() == this) {
            return TaskTree.TaskState.RUNNING;
        }
        var future = awaiting;
        return switch (state) {
            case QUEUED -> TaskTree.TaskState.QUEUED;
            case WAITING ->
                    future == null || future.isDone()
                            ? TaskTree.TaskState.READY
                            : TaskTree.TaskState.WAITING;
            // one that has started another eagerly goes on soon
            case RUNNING, ENDED -> TaskTree.TaskState.READY;
        };
    }

    @Nullable Thread thread() {
        var current = coroutine; // other threads ask too, and the task may end meanwhile
        return current == null ? null : current.thread();
    }

    @Override
    String kind() {
        return "task";
    }

    @Override
    String awaitedAs() {
        return "task '" + name + "'";
    }

    @Override
    String label() {
        return "Task '" + name + "'";
    }

    @Override
    public String toString() {
        var text = new StringBuilder("Task['").append(name).append("', ").append(describeState());
        if (awaiting != null) {
            text.append(", awaits ")
                    .append(awaiting instanceof CoroutineTask<?> task ? task.label() : awaiting);
        }
        return text.append(']').toString();
    }
}

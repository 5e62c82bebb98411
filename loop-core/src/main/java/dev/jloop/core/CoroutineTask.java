package dev.jloop.core;

import dev.jloop.core.engine.Coroutine;

import org.jspecify.annotations.Nullable;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import java.util.ArrayList;
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
        implements Task<T>, Runnable, Coroutine.Body permits GeneratorRun {
    private static final VarHandle CONTEXT = ContextCopy.fieldOf(MethodHandles.lookup());

    private enum State {
        QUEUED,
        RUNNING,
        WAITING,
        ENDED
    }

    private final long id;

    /// Its values alone until somebody asks for the context. Any thread may ask: read and replaced
    /// through CONTEXT.
    @SuppressWarnings("UnusedVariable") // read through CONTEXT
    private ContextCopy context;

    private State state = State.QUEUED;
    private String name;

    /// Dropped when the body ends.
    private @Nullable Callable<T> body;

    /// Made by the first step.
    private @Nullable Coroutine coroutine;

    /// One that the body has entered by [Context#run(ThrowingRunnable)]; null for [#context].
    private @Nullable Context activeContext;

    private @Nullable DefaultFuture<?> awaiting;

    /// The loop's time, roughly, when it was last suspended, and before that when it was created.
    private long sinceNanos;

    /// The one that cannot end before this one, because this one is in a group of its.
    private @Nullable CoroutineTask<?> owner;

    /// Made by the first request, or whoever asks for it before.
    private @Nullable CancelRequests requests;

    /// While a request is handed to what is awaited.
    private boolean passingOn;

    private int cancelledByClosing;

    /// How often this task stands in the ready queue for a [#yieldNow()] that could not suspend.
    private int wakeUpsToIgnore;

    /// What the body ended with.
    private @Nullable T returned;

    private @Nullable Throwable thrown;

    /// Neighbours among the live tasks of the loop; kept by [LiveTasks].
    @Nullable CoroutineTask<?> previousLive;

    @Nullable CoroutineTask<?> nextLive;

    CoroutineTask(
            SelectorEventLoop loop, long id, Callable<T> body, String name, ContextCopy context) {
        super(loop);
        this.id = id;
        this.sinceNanos = loop.recentTime();
        this.body = Objects.requireNonNull(body, "body");
        this.name = name;
        this.context = loop.withMdc(context);
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
            if (undelivered() != null) {
                FlightEvents.taskEnded(this, "cancelled");
                return false;
            }
            coroutine = loop().engine().create(name, this);
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
        var request = undelivered();
        if (failure != null) {
            settleFailed(failure);
        } else if (request != null) {
            endCancelled(request, null);
        } else {
            finishWith(value);
        }
        return failure != null && Failures.isFatal(failure) ? failure : null;
    }

    private void settleFailed(Throwable failure) {
        var cancellation = requests().cancellationIn(failure);
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

    /// Cancels for a loop that closes, which has dropped what it had queued: the next step too.
    void cancelAndWake(Cancellation request) {
        requests().breakShields();
        cancelFor(request);
        if (awaiting == null || awaiting.isDone()) {
            loop().enqueue(this);
        }
    }

    /// Cancels for a loop that closes and runs no more turns: takes the next step at once.
    void cancelAndStep(Cancellation request) {
        requests().breakShields();
        requests().add(request, 0);
        requests().keep(request);
        loop().execution().step(this);
    }

    // ---- in the coroutine

    @Override
    public void runBody() {
        FlightEvents.taskStarted(this);
        var itsContext = contextCopy();
        var outerMdc = itsContext.enterMdc();
        try {
            returned = CurrentLoop.callIn(loop(), Objects.requireNonNull(body));
        } catch (Throwable failure) {
            thrown = failure; // the outcome of the task, see settle()
        } finally {
            itsContext.leaveMdc(outerMdc);
        }
        FlightEvents.taskEnded(this, outcomeOfBody());
    }

    private String outcomeOfBody() {
        if (thrown == null) {
            return undelivered() == null ? "finished" : "cancelled";
        }
        return requests().cancellationIn(thrown) == null ? "failed" : "cancelled";
    }

    void awaitFuture(DefaultFuture<?> future) {
        if (future == this) {
            throw new IllegalStateException("a task cannot await itself: " + this);
        }
        endIfLoopCloses();
        awaiting = future;
        future.addWaiter(this);
        var handedOn = handUndeliveredTo(future);
        try {
            do {
                suspend();
            } while (!future.isDone());
        } catch (IllegalStateException pinned) {
            if (handedOn != null) {
                requests().keep(handedOn);
            }
            throw pinned;
        } finally {
            awaiting = null;
            future.removeWaiter(this);
        }
    }

    private @Nullable Cancellation handUndeliveredTo(DefaultFuture<?> future) {
        var request = undelivered();
        if (request == null || !future.cancelFor(request)) {
            return null;
        }
        requests().handedOn();
        return request;
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
            var request = undelivered();
            throw requests().deliver(request == null ? Closing.LOOP_CLOSED : request);
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
            Objects.requireNonNull(coroutine).suspend(); // the next step makes it RUNNING
        } catch (RuntimeException | Error pinned) {
            state = State.RUNNING;
            throw pinned;
        }
        deliverUndelivered();
    }

    /// Throws the request that waits for an await point, if there is one.
    final void deliverUndelivered() {
        var request = undelivered();
        if (request != null) {
            throw requests().deliver(request);
        }
    }

    /// Says what the body has failed with, for one that cannot be brought to an end.
    final void endWith(Throwable failure) {
        thrown = failure;
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
        if (isDone()) {
            markRetrieved();
            return false;
        }
        if (takeRequest(request, shield)) {
            passOn(request);
        }
        return true;
    }

    /// {@return whether the request goes on from here; false where a shielded scope holds it back}
    private boolean takeRequest(Cancellation request, int shield) {
        markRetrieved();
        FlightEvents.cancelRequested(this, request);
        return requests().add(request, shield);
    }

    /// Hands a request on along the tasks that await each other, and at last to the future that the
    /// last one awaits. Does not recurse, because such chains may be long. Where they are circles,
    /// the request comes round to the first task, which takes it itself and so opens it.
    private void passOn(Cancellation request) {
        var passed = new ArrayList<CoroutineTask<?>>(1);
        try {
            CoroutineTask<?> last = this;
            while (!last.passingOn
                    && last.awaiting instanceof CoroutineTask<?> next
                    && !next.isDone()) {
                last.passingOn = true;
                passed.add(last);
                if (!next.takeRequest(request, 0)) {
                    return;
                }
                last = next;
            }
            last.keepOrHandOn(request, passed);
        } finally {
            passed.forEach(task -> task.passingOn = false);
        }
    }

    private void keepOrHandOn(Cancellation request, List<CoroutineTask<?>> passed) {
        if (awaiting == null) {
            requests().keep(request);
        } else if (passingOn) {
            requests().keep(request);
            loop().enqueue(this);
        } else {
            passingOn = true;
            passed.add(this);
            if (!awaiting.cancelFor(request)) {
                requests().keep(request);
            }
        }
    }

    /// {@return the account of the requests to cancel this task}
    final CancelRequests requests() {
        if (requests == null) {
            requests = new CancelRequests();
        }
        return requests;
    }

    /// {@return the request that waits for the next await point, or null}
    private @Nullable Cancellation undelivered() {
        return requests == null ? null : requests.undelivered();
    }

    @Override
    public int uncancel() {
        loop().checkThread("uncancel");
        requests().remove();
        return requests().count();
    }

    /// Makes a request again that a scope has met with, to be delivered at the next await point.
    ///
    /// @param met the error in which it was met; null if it was not delivered
    void repeatRequest(@Nullable CancelledError met) {
        var pending = undelivered();
        requests().remove();
        if (met != null) {
            pending = Cancellation.of(met);
        } else if (pending == null) {
            pending = new Cancellation(CancelledError.Source.EXPLICIT, null, null);
        }
        cancelFor(pending, requests().shield());
    }

    @Override
    public int cancelling() {
        loop().checkThread("cancelling");
        return requests == null ? 0 : requests.count();
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
        return ContextCopy.wholeOf(CONTEXT, this);
    }

    /// {@return the context, or its values alone as long as nobody has asked for it}
    ContextCopy contextCopy() {
        return (ContextCopy) CONTEXT.getAcquire(this);
    }

    @Override
    Context contextOfReports() {
        return context();
    }

    /// {@return the task of the user's that this one works for}
    CoroutineTask<?> onBehalfOf() {
        return this;
    }

    /// {@return the task that waits for this one to emit, if it is the body of a generator}
    @Nullable CoroutineTask<?> consumer() {
        return null;
    }

    /// {@return the context in which the next step runs; null for [#context()]}
    @Nullable Context activeContext() {
        return activeContext;
    }

    void leaveIn(@Nullable Context current) {
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

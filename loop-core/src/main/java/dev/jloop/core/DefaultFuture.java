package dev.jloop.core;

import org.jspecify.annotations.Nullable;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;

/// The one implementation of futures; tasks and combinators extend it.
///
/// ```
/// PENDING -> FINISHED | FAILED | CANCELLED
/// ```
non-sealed class DefaultFuture<T extends @Nullable Object> implements LoopFuture<T> {
    private enum State {
        PENDING,
        FINISHED,
        FAILED,
        CANCELLED
    }

    /// A callback with its context, as [#addDoneCallback(Consumer)] takes it.
    private static final class DoneCallback<T extends @Nullable Object> implements Runnable {
        private final DefaultFuture<T> future;
        private final Consumer<? super LoopFuture<T>> callback;
        private final Context context;

        DoneCallback(
                DefaultFuture<T> future,
                Consumer<? super LoopFuture<T>> callback,
                Context context) {
            this.future = future;
            this.callback = callback;
            this.context = future.loop.withMdc(context);
        }

        @Override
        public void run() {
            future.loop.execution().run(() -> callback.accept(future), context, this);
        }

        @Override
        public String toString() {
            return "done callback " + callback + " of " + future;
        }
    }

    private final SelectorEventLoop loop;
    private final @Nullable Throwable createdAt;
    private final @Nullable Object purpose;
    private State state = State.PENDING;

    /// The result, the exception or, of a cancelled future, the error to hand out next, if it was
    /// kept.
    private @Nullable Object outcome;

    private @Nullable Cancellation cancellation;
    private boolean failureIsReported;
    private boolean failureWasAwaited;

    /// Null, or one [Runnable] to be queued when the future is done, or a list of them: a task that
    /// waits, or a [DoneCallback]. Most futures have one.
    private @Nullable Object waiters;

    /// Set while the exception of a failed future was not looked at.
    private UnretrievedFailures.@Nullable Failure unretrieved;

    DefaultFuture(SelectorEventLoop loop) {
        this(loop, null);
    }

    /// A future that says what it stands for: see [EventLoop#createFuture(Object)].
    DefaultFuture(SelectorEventLoop loop, @Nullable Object purpose) {
        this.loop = loop;
        this.purpose = purpose;
        this.createdAt = loop.creationSite(purpose);
    }

    /// {@return where the future was created, in debug mode}
    final @Nullable Throwable createdAt() {
        return createdAt;
    }

    /// {@return what the future stands for, where its maker has said so}
    final @Nullable Object purpose() {
        return purpose;
    }

    @Override
    public final boolean isDone() {
        return state != State.PENDING;
    }

    @Override
    public final boolean isCancelled() {
        return state == State.CANCELLED;
    }

    @Override
    public final T result() {
        loop.checkThread("result");
        return switch (state) {
            case PENDING -> throw new InvalidStateException("the result is not there yet: " + this);
            case FINISHED -> value();
            case FAILED -> throw rethrowable(retrieveFailure());
            case CANCELLED -> throw nextCancelledError();
        };
    }

    @SuppressWarnings({
        "unchecked",
        "NullAway"
    }) // of a finished future; null only where T allows it
    private T value() {
        return (T) outcome;
    }

    /// {@return what to throw for `failure`; errors are thrown right here}
    private static RuntimeException rethrowable(Throwable failure) {
        return switch (failure) {
            case RuntimeException unchecked -> unchecked;
            case Error error -> throw error;
            default -> new CompletionException(failure);
        };
    }

    @Override
    public final @Nullable Throwable exception() {
        loop.checkThread("exception");
        return switch (state) {
            case PENDING ->
                    throw new InvalidStateException("the exception is not known yet: " + this);
            case FINISHED -> null;
            case FAILED -> retrieveFailure();
            case CANCELLED -> throw nextCancelledError();
        };
    }

    final boolean hasFailed() {
        return state == State.FAILED;
    }

    private Throwable retrieveFailure() {
        markRetrieved();
        return (Throwable) Objects.requireNonNull(outcome);
    }

    /// For who drops the exception on purpose, as a gather does with those after the first.
    final void markRetrieved() {
        if (unretrieved != null) {
            unretrieved.markRetrieved();
            unretrieved = null;
        }
    }

    /// The error that ended a task is thrown once, with its stack; who asks later gets a new one,
    /// because two threads of control must not share a stack trace.
    private CancelledError nextCancelledError() {
        if (outcome instanceof CancelledError kept) {
            outcome = null;
            return kept;
        }
        return Objects.requireNonNull(cancellation).toError();
    }

    @Override
    public void setResult(T value) {
        loop.checkThread("setResult");
        requirePending("a result");
        finish(value);
    }

    @Override
    public void setException(Throwable exception) {
        Objects.requireNonNull(exception, "exception");
        loop.checkThread("setException");
        requirePending("an exception");
        fail(exception);
    }

    private void requirePending(String what) {
        if (isDone()) {
            throw new InvalidStateException("cannot set " + what + ", the future is done: " + this);
        }
    }

    final void finish(T value) {
        state = State.FINISHED;
        outcome = value;
        wakeWaiters();
    }

    /// Ends the future with a result, unless it has ended already.
    final void finishUnlessDone(T value) {
        if (!isDone()) {
            finish(value);
        }
    }

    final void fail(Throwable exception) {
        state = State.FAILED;
        outcome = exception;
        unretrieved = loop.unretrievedFailures().add(this, exception);
        wakeWaiters();
    }

    /// Sees to it that a failure is reported when it comes: its waiters were shields, and were
    /// cancelled.
    final void reportFailureOnce() {
        if (!failureIsReported) {
            failureIsReported = true;
            addWaiter(this::reportFailure);
        }
    }

    private void reportFailure() {
        if (hasFailed()) {
            loop.callExceptionHandler(
                    Failures.withSite(
                            LoopException.of(
                                            "a shielded future failed after its waiter was"
                                                    + " cancelled",
                                            retrieveFailure())
                                    .with(kind(), this),
                            createdAt));
        }
    }

    /// What the reports of an exception that nobody looked at are keyed by.
    String kind() {
        return "future";
    }

    /// How reports name the future; may not refer to it.
    String label() {
        return "LoopFuture of " + loop;
    }

    /// How an [AwaitedAt] names the future.
    String awaitedAs() {
        return purpose == null ? "a future" : "a future for " + Descriptions.of(purpose);
    }

    /// In which the exception handler is told of an exception that nobody looked at.
    Context contextOfReports() {
        return Context.empty();
    }

    @Override
    public final boolean cancel() {
        return cancel(null);
    }

    @Override
    public final boolean cancel(@Nullable String message) {
        loop.checkThread("cancel");
        return cancelFor(Cancellation.by(loop, CancelledError.Source.EXPLICIT, message));
    }

    /// Cancels for whatever has made `request`: see [#cancel(String)].
    boolean cancelFor(Cancellation request) {
        markRetrieved();
        if (isDone()) {
            return false;
        }
        endCancelled(request, null);
        return true;
    }

    final void endCancelled(Cancellation request, @Nullable CancelledError error) {
        state = State.CANCELLED;
        cancellation = request;
        outcome = error;
        wakeWaiters();
    }

    @Override
    public final void addDoneCallback(Consumer<? super LoopFuture<T>> callback) {
        addDoneCallback(callback, Context.copyCurrent(loop));
    }

    @Override
    public final void addDoneCallback(Consumer<? super LoopFuture<T>> callback, Context context) {
        Objects.requireNonNull(callback, "callback");
        Objects.requireNonNull(context, "context");
        loop.checkThread("addDoneCallback");
        addWaiter(new DoneCallback<>(this, callback, context));
    }

    /// Queues `waiter` once the future is done; at once if it is.
    final void addWaiter(Runnable waiter) {
        if (isDone()) {
            loop.enqueue(waiter);
            return;
        }
        switch (waiters) {
            case null -> waiters = waiter;
            case WaiterList list -> list.all.add(waiter);
            case Object first -> waiters = new WaiterList((Runnable) first, waiter);
        }
    }

    /// A type of its own, since a waiter may be anything runnable.
    private static final class WaiterList {
        /// In the order they came; by identity, as no waiter has an equals of its own.
        private final Set<Runnable> all = new LinkedHashSet<>();

        WaiterList(Runnable first, Runnable second) {
            all.add(first);
            all.add(second);
        }

        void remove(Runnable waiter) {
            all.remove(waiter);
        }

        /// Two steps, because the equals method of a user's callback may itself change the list.
        int removeAll(Object callback) {
            var matching =
                    List.copyOf(all).stream()
                            .filter(waiter ->
                                    waiter instanceof DoneCallback<?> done
                                            && done.callback.equals(callback))
                            .toList();
            matching.forEach(this::remove);
            return matching.size();
        }
    }

    final void removeWaiter(Runnable waiter) {
        if (waiters == waiter) {
            waiters = null;
        } else if (waiters instanceof WaiterList list) {
            list.remove(waiter);
        }
    }

    @Override
    public final int removeDoneCallback(Consumer<? super LoopFuture<T>> callback) {
        Objects.requireNonNull(callback, "callback");
        loop.checkThread("removeDoneCallback");
        return switch (waiters) {
            case DoneCallback<?> only when only.callback.equals(callback) -> {
                removeWaiter(only); // the comparison is a user's, who may have added others
                yield 1;
            }
            case WaiterList list -> list.removeAll(callback);
            case null, default -> 0;
        };
    }

    private void wakeWaiters() {
        var woken = waiters;
        waiters = null;
        switch (woken) {
            case null -> {}
            case WaiterList list -> list.all.forEach(loop::enqueue);
            default -> loop.enqueue((Runnable) woken);
        }
    }

    @Override
    public final T await() {
        var task = loop.execution().taskAwaiting(this);
        if (!isDone()) {
            task.awaitFuture(this);
        }
        if (isCancelled()) {
            throw deliveredTo(task, nextCancelledError());
        }
        if (state == State.FAILED && outcome instanceof CancelledError ofChild) {
            markRetrieved(); // a gather fails with the cancellation of its children
            throw deliveredTo(task, ofChild);
        }
        if (state == State.FAILED && !failureWasAwaited) {
            failureWasAwaited = true; // more sites than one for each future would pile up
            AwaitedAt.addTo(retrieveFailure(), task, this);
        }
        return result();
    }

    private static CancelledError deliveredTo(CoroutineTask<?> task, CancelledError error) {
        task.requests().noteDelivered(error);
        return error;
    }

    @Override
    public final SelectorEventLoop loop() {
        return loop;
    }

    @Override
    public final CompletableFuture<T> toCompletableFuture() {
        return loop.stageFutures().toCompletable(this);
    }

    @Override
    public String toString() {
        return purpose == null
                ? "LoopFuture[" + describeState() + "]"
                : "LoopFuture[" + describeState() + ", for " + Descriptions.of(purpose) + "]";
    }

    final String describeState() {
        return switch (state) {
            case PENDING -> "pending";
            case FINISHED -> "finished, result: " + Descriptions.of(outcome);
            case FAILED -> "failed: " + Descriptions.of(outcome);
            case CANCELLED -> Descriptions.of(cancellation);
        };
    }
}

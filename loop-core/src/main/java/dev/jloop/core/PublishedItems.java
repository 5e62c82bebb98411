package dev.jloop.core;

import org.jspecify.annotations.Nullable;

import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;

/// One subscription to an [IterablePublisher]: a task that iterates as far as was asked for.
///
/// ```
/// NEW -task begins-> ACTIVE -end, failure, cancel-> OVER
/// NEW -cancel, the loop closes-> OVER
/// ```
final class PublishedItems<T extends @Nullable Object> implements Flow.Subscription {
    private enum State {
        NEW,
        ACTIVE,
        OVER
    }

    /// So that a source that never awaits cannot keep the loop to itself.
    private static final int ITEMS_BETWEEN_YIELDS = 64;

    private final IterablePublisher<T> publisher;
    private final SelectorEventLoop loop;
    private final AsyncIterable<? extends T> items;
    private final AtomicReference<State> state = new AtomicReference<>(State.NEW);

    /// How many items the subscriber still takes; `Long.MAX_VALUE` means any number. Any thread
    /// adds.
    private final AtomicLong demand = new AtomicLong();

    /// The first request that was not positive, or null.
    private final AtomicReference<@Nullable Long> illegalRequest = new AtomicReference<>();

    /// Cancelled if the loop closes before the subscriber has heard anything.
    private final CompletableFuture<@Nullable Void> end = new CompletableFuture<>();

    /// Dropped at the end: the subscription may live longer.
    private Flow.@Nullable Subscriber<? super T> subscriber;

    /// Set while the task waits for demand or for an item, when a cancellation may interrupt it.
    /// Loop thread only.
    private @Nullable CoroutineTask<?> waiting;

    /// Loop thread only.
    private @Nullable DefaultFuture<@Nullable Void> moreDemand;

    PublishedItems(
            IterablePublisher<T> publisher,
            AsyncIterable<? extends T> items,
            Flow.Subscriber<? super T> subscriber) {
        this.publisher = publisher;
        this.loop = publisher.loop();
        this.items = items;
        this.subscriber = subscriber;
    }

    /// Any thread.
    void start() {
        var _ = end.whenComplete((_, _) -> refuseIfNew());
        loop.cancelOnClose(end);
        loop.submitUnlessClosed(this::begin);
    }

    private void refuseIfNew() {
        if (state.compareAndSet(State.NEW, State.OVER)) {
            var refused = Objects.requireNonNull(subscriber);
            subscriber = null;
            refused.onSubscribe(this);
            refused.onError(
                    new IllegalStateException(loop + " is closed, and with it the " + publisher));
        }
    }

    private void begin() {
        if (state.compareAndSet(State.NEW, State.ACTIVE)) {
            // At once, as a task that is cancelled before its first step would tell nobody.
            loop.newTask(
                    Bodies.withoutResult(this::run),
                    TaskOptions.DEFAULTS.withName(publisher.toString()).withEagerStart(true));
        }
    }

    // ---- what the subscriber asks for, on any thread

    @Override
    public void request(long count) {
        if (count <= 0) {
            illegalRequest.compareAndSet(null, count);
            wake();
        } else if (demand.getAndAccumulate(count, PublishedItems::saturatedSum) == 0) {
            wake();
        }
    }

    private static long saturatedSum(long left, long right) {
        var sum = left + right;
        return sum < 0 ? Long.MAX_VALUE : sum;
    }

    private void wake() {
        loop.submitUnlessClosed(() -> {
            if (moreDemand != null) {
                moreDemand.finishUnlessDone(null);
            }
        });
    }

    @Override
    public void cancel() {
        if (state.getAndSet(State.OVER) == State.ACTIVE) {
            loop.submitUnlessClosed(() -> {
                if (waiting != null) {
                    waiting.cancel("the subscriber cancelled");
                }
            });
        }
    }

    private boolean isOver() {
        return state.get() == State.OVER;
    }

    // ---- the task

    private void run() {
        var receiver = Objects.requireNonNull(subscriber);
        Throwable failure = null;
        try {
            signal(() -> receiver.onSubscribe(this));
            iterate(receiver);
        } catch (Throwable thrown) {
            Failures.rethrowIfFatal(thrown);
            failure = thrown; // told to the subscriber, below
        }
        try {
            finish(receiver, failure);
        } finally {
            subscriber = null;
            end.complete(null);
        }
    }

    private void iterate(Flow.Subscriber<? super T> receiver) {
        var count = 0;
        try (var iterator = items.iterator()) {
            while (awaitDemand() && interruptibly(iterator::hasNext) && !isOver()) {
                var item =
                        Objects.requireNonNull(
                                iterator.next(), () -> "null was published by the " + publisher);
                demand.updateAndGet(left -> left == Long.MAX_VALUE ? left : left - 1);
                signal(() -> receiver.onNext(item));
                if (++count % ITEMS_BETWEEN_YIELDS == 0) {
                    interruptibly(() -> {
                        Async.yieldNow();
                        return true;
                    });
                }
            }
        }
    }

    /// {@return whether an item may be sent; false if no more may}
    private boolean awaitDemand() {
        while (!isOver()) {
            var illegal = illegalRequest.get();
            if (illegal != null) {
                throw new IllegalArgumentException(
                        "non-positive subscription request: " + illegal + "; ask for at least 1");
            }
            if (demand.get() > 0) {
                return true;
            }
            var more = new DefaultFuture<@Nullable Void>(loop, this);
            moreDemand = more;
            interruptibly(() -> {
                more.await();
                return true;
            });
        }
        return false;
    }

    private boolean interruptibly(BooleanSupplier wait) {
        waiting = loop.execution().requireTask("publishing");
        try {
            return wait.getAsBoolean();
        } finally {
            waiting = null;
        }
    }

    /// A subscriber that throws has left by that, and its author has to know.
    private void signal(Runnable signal) {
        try {
            signal.run();
        } catch (RuntimeException | Error broken) {
            Failures.rethrowIfFatal(broken);
            state.set(State.OVER);
            report("a subscriber of the " + publisher + " failed in a signal", broken);
        }
    }

    private void finish(Flow.Subscriber<? super T> receiver, @Nullable Throwable failure) {
        var left = state.getAndSet(State.OVER) == State.OVER;
        switch (failure) {
            case CancelledError cancellation -> {
                if (!left) {
                    var error = new CancellationException(cancellation.getMessage());
                    error.initCause(cancellation);
                    signal(() -> receiver.onError(error));
                }
                throw cancellation;
            }
            case null -> {
                if (!left) {
                    signal(receiver::onComplete);
                }
            }
            default -> {
                var cause =
                        failure instanceof CompletionException && failure.getCause() != null
                                ? failure.getCause()
                                : failure;
                if (left) {
                    report(
                            "the source of the "
                                    + publisher
                                    + " failed after its subscriber had left",
                            cause);
                } else {
                    signal(() -> receiver.onError(cause));
                }
            }
        }
    }

    private void report(String message, Throwable failure) {
        loop.callExceptionHandler(LoopException.of(message, failure));
    }

    @Override
    public String toString() {
        return "subscription to the " + publisher;
    }
}

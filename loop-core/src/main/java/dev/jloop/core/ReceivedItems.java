package dev.jloop.core;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Flow;

/// What a publisher sends to one pass of an iterator. The signals, of any thread, come to the loop
/// in their order and are dealt with there.
final class ReceivedItems<T> implements Flow.Subscriber<T> {
    /// Enough to keep a publisher on another thread busy.
    static final int DEFAULT_PREFETCH = 32;

    private final SelectorEventLoop loop;
    private final Flow.Publisher<? extends T> publisher;
    private final int prefetch;
    private final String described;

    // Loop thread only from here on.
    private final ArrayDeque<T> items = new ArrayDeque<>();
    private Flow.@Nullable Subscription subscription;

    /// Taken since the last request.
    private int taken;

    private boolean ended;
    private boolean left;
    private @Nullable Throwable failure;
    private @Nullable DefaultFuture<@Nullable Void> nextSignal;

    ReceivedItems(SelectorEventLoop loop, Flow.Publisher<? extends T> publisher, int prefetch) {
        this.loop = loop;
        this.publisher = publisher;
        this.prefetch = prefetch;
        this.described = "publisher " + Descriptions.of(publisher);
    }

    static <T> AsyncIterable<T> of(Flow.Publisher<? extends T> publisher, int prefetch) {
        Objects.requireNonNull(publisher, "publisher");
        if (prefetch < 1) {
            throw new IllegalArgumentException("prefetch must be at least 1, was " + prefetch);
        }
        return new GeneratorIterable<>(
                emitter ->
                        new ReceivedItems<T>(CurrentLoop.require(), publisher, prefetch)
                                .emitAll(emitter),
                publisher);
    }

    /// Subscribes, and emits until the publisher or the generator ends. Suspends.
    void emitAll(Emitter<T> emitter) throws Exception {
        try {
            publisher.subscribe(this);
            while (awaitItem()) {
                emitter.emit(take());
            }
        } finally {
            leave();
        }
        switch (failure) {
            case null -> {}
            case Exception exception -> throw exception;
            case Error error -> throw error;
            default -> throw new CompletionException(failure);
        }
    }

    private boolean awaitItem() {
        while (items.isEmpty() && !ended) {
            nextSignal = new DefaultFuture<>(loop, this);
            try (var _ = announceWait()) {
                nextSignal.await();
            }
        }
        return !items.isEmpty();
    }

    /// A publisher on this very loop needs its time to go on.
    private EventLoop.OutsideWork announceWait() {
        return publisher instanceof IterablePublisher<?> ours && ours.loop() == loop
                ? () -> {}
                : loop.beginOutsideWork(described);
    }

    /// Asks for more by halves of the prefetch, so that an item does not cost a request.
    private T take() {
        var item = items.removeFirst();
        if (++taken >= (prefetch + 1) / 2 && !ended) {
            var count = taken;
            taken = 0;
            Objects.requireNonNull(subscription).request(count);
        }
        return item;
    }

    private void leave() {
        left = true;
        items.clear();
        if (!ended && subscription != null) {
            subscription.cancel();
        }
    }

    // ---- signals, on any thread

    @Override
    public void onSubscribe(Flow.Subscription made) {
        Objects.requireNonNull(made, "subscription");
        if (loop.isClosed()) {
            made.cancel(); // nobody would ever come to it
        } else {
            loop.submitUnlessClosed(() -> subscribed(made));
        }
    }

    @Override
    public void onNext(T item) {
        Objects.requireNonNull(item, "item");
        loop.submitUnlessClosed(() -> received(item));
    }

    @Override
    public void onError(Throwable thrown) {
        Objects.requireNonNull(thrown, "exception");
        loop.submitUnlessClosed(() -> end(thrown));
    }

    @Override
    public void onComplete() {
        loop.submitUnlessClosed(() -> end(null));
    }

    // ---- the same on the loop

    private void subscribed(Flow.Subscription made) {
        if (left || ended || subscription != null) {
            made.cancel();
            return;
        }
        subscription = made;
        try {
            made.request(prefetch);
        } catch (RuntimeException | Error broken) {
            Failures.rethrowIfFatal(broken);
            end(broken);
            made.cancel();
        }
    }

    private void received(T item) {
        if (left || ended) {
            return;
        }
        if (items.size() == prefetch) {
            end(
                    new IllegalStateException(
                            described
                                    + " sent more than the "
                                    + prefetch
                                    + " items that were requested"));
            Objects.requireNonNull(subscription).cancel();
            return;
        }
        items.add(item);
        wake();
    }

    private void end(@Nullable Throwable thrown) {
        if (!ended) {
            ended = true;
            failure = thrown;
            wake();
        }
    }

    private void wake() {
        if (nextSignal != null) {
            nextSignal.finishUnlessDone(null);
        }
    }

    @Override
    public String toString() {
        return "subscriber of " + described;
    }
}

package dev.jloop.core;

import org.jspecify.annotations.Nullable;

import java.util.Objects;
import java.util.concurrent.Flow;

/// Publishes the items of an iterable, from the start for each subscriber.
final class IterablePublisher<T extends @Nullable Object> implements Flow.Publisher<T> {
    private final SelectorEventLoop loop;
    private final AsyncIterable<? extends T> items;

    IterablePublisher(SelectorEventLoop loop, AsyncIterable<? extends T> items) {
        this.loop = loop;
        this.items = items;
    }

    /// {@return the loop on which all subscribers are signalled}
    SelectorEventLoop loop() {
        return loop;
    }

    @Override
    public void subscribe(Flow.Subscriber<? super T> subscriber) {
        Objects.requireNonNull(subscriber, "subscriber");
        new PublishedItems<T>(this, items, subscriber).start();
    }

    @Override
    public String toString() {
        return "publisher of the " + Descriptions.of(items) + " on " + loop;
    }
}

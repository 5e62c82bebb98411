package dev.jloop.core;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.Flow;

/// Items that may have to be waited for. A plain for-each works in any coroutine, and suspends
/// there.
///
/// ```java
/// for (var line : lines) {            // until the end
///     IO.println(line);
/// }
/// try (var some = lines.iterator()) { // some of them, and then clean up at once
///     IO.println(some.next());
/// }
/// ```
///
/// @param <T> the type of the items
/// @since 0.1
public interface AsyncIterable<T extends @Nullable Object> extends Iterable<T> {
    /// {@return a new pass over the items} It begins with the first item that is asked for.
    @Override
    AsyncIterator<T> iterator();

    /// {@return the items of a publisher} Each pass subscribes anew, when its first item is asked
    /// for, and takes up to 32 items ahead: see [#from(Flow.Publisher, int)].
    ///
    /// @param publisher may signal on any thread
    /// @param <T> the type of the items
    static <T> AsyncIterable<T> from(Flow.Publisher<? extends T> publisher) {
        return ReceivedItems.of(publisher, ReceivedItems.DEFAULT_PREFETCH);
    }

    /// {@return the items of a publisher, of which some are taken ahead}
    ///
    /// ```java
    /// try (var lines = AsyncIterable.from(response.body(), 8).iterator()) {
    ///     while (lines.hasNext()) {
    ///         show(lines.next());
    ///     }
    /// }
    /// ```
    ///
    /// Each pass subscribes anew, when its first item is asked for. What the publisher fails with
    /// comes out of the iterator, after the items that were sent before. A pass that is closed,
    /// cancelled or left behind cancels its subscription, as a generator ends: see
    /// [Async#generate(Generator)]. A publisher that sends more than was requested fails the pass
    /// with `IllegalStateException`.
    ///
    /// @param publisher may signal on any thread
    /// @param prefetch how many items may be on their way or wait here, at least 1; more are
    ///   requested by halves of it
    /// @param <T> the type of the items
    /// @throws IllegalArgumentException if `prefetch` is less than 1
    static <T> AsyncIterable<T> from(Flow.Publisher<? extends T> publisher, int prefetch) {
        return ReceivedItems.of(publisher, prefetch);
    }

    /// {@return a publisher of the items, on the current loop}
    ///
    /// Each subscriber gets a pass of its own, by a task of the loop that asks for an item only
    /// where the subscriber has requested one. Signals come on the loop's thread, so a subscriber
    /// must not block; `request`, `cancel` and `subscribe` may be called on any thread. When the
    /// subscriber cancels, the pass is closed; when the task is cancelled, the subscriber gets a
    /// `CancellationException`; on a closed loop it gets an `IllegalStateException`. A subscriber
    /// that throws is reported to the exception handler, and counts as one that has cancelled. An
    /// item may not be null.
    ///
    /// The last item is followed by `onComplete` once one more is requested: whether there is
    /// another is not found out ahead.
    ///
    /// @throws IllegalStateException if no loop runs on this thread
    default Flow.Publisher<T> toPublisher() {
        return new IterablePublisher<>(CurrentLoop.require(), this);
    }
}

package dev.jloop.core.spi;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// Waits with a `java.nio` selector: the poller of ordinary loops, and a part for others to build
/// on. One poll tells of up to 64 channels, and one that may wait of no more as soon as those it
/// has told of are expected to give 128 KiB; where more were ready, the next ones tell of them,
/// before it looks for others. While it watches no channel, a poll that must not wait makes no
/// system call.
///
/// @since 0.1
public final class SelectorPoller implements Poller {
    private static final long NANOS_PER_MILLI = TimeUnit.MILLISECONDS.toNanos(1);

    private final Selector selector;

    /// What the last selection has found ready and the next polls tell of.
    private final ArrayDeque<SelectionKey> waiting = new ArrayDeque<>();

    /// What this poll has told of.
    private final Portion told = new Portion();

    private final Consumer<SelectionKey> whenFound = this::found;

    private SelectorPoller(Selector selector) {
        this.selector = selector;
    }

    /// {@return a poller on a new selector}
    ///
    /// @throws UncheckedIOException if the operating system gives none
    public static SelectorPoller open() {
        try {
            return new SelectorPoller(Selector.open());
        } catch (IOException failure) {
            throw new UncheckedIOException("cannot open a selector for an event loop", failure);
        }
    }

    @Override
    public void register(SelectableChannel channel, Listener listener) throws IOException {
        try {
            channel.register(selector, 0, listener);
        } catch (CancelledKeyException _) {
            // The JDK forgets a cancelled key in the next selection only.
            selector.selectNow(whenFound);
            channel.register(selector, 0, listener);
        }
    }

    @Override
    public @Nullable Listener listener(SelectableChannel channel) {
        var key = channel.keyFor(selector);
        return key == null || !key.isValid() ? null : (Listener) key.attachment();
    }

    @Override
    public void setInterest(SelectableChannel channel, int operations) {
        var key = channel.keyFor(selector);
        if (key == null) {
            return;
        }
        try {
            key.interestOps(operations);
        } catch (CancelledKeyException _) {
            // Closed by another thread: nothing will be ready any more, which is what no interest
            // means.
        }
    }

    @Override
    public int poll(long timeoutNanos) throws IOException {
        told.begin(timeoutNanos > 0);
        tellWaiting();
        if (told.channels() == 0) {
            select(timeoutNanos);
        }
        // A set interrupt flag would make every later select return at once.
        Thread.interrupted();
        return told.channels();
    }

    private void tellWaiting() {
        while (!told.isFull() && !waiting.isEmpty()) {
            tell(waiting.remove());
        }
    }

    private void select(long timeoutNanos) throws IOException {
        if (timeoutNanos == 0) {
            if (!selector.keys().isEmpty()) { // else a system call for nothing
                selector.selectNow(whenFound);
            }
        } else if (timeoutNanos == Long.MAX_VALUE) {
            selector.select(whenFound);
        } else {
            // Rounded up, because a timer may come late but never early. Zero would mean no limit.
            var millis = Math.ceilDiv(timeoutNanos, NANOS_PER_MILLI);
            selector.select(whenFound, Math.max(1, millis));
        }
    }

    /// {@return how many channels are watched with an interest, so that something can still come
    /// from them}
    public long interestedChannels() {
        return selector.keys().stream().filter(SelectorPoller::isOfInterest).count();
    }

    private static boolean isOfInterest(SelectionKey key) {
        try {
            return key.interestOps() != 0;
        } catch (CancelledKeyException _) {
            return false; // closed by another thread
        }
    }

    private void found(SelectionKey key) {
        if (told.isFull()) {
            waiting.add(key);
        } else {
            tell(key);
        }
    }

    private void tell(SelectionKey key) {
        try {
            // The interest may have changed since the channel was found ready.
            var operations = key.readyOps() & key.interestOps();
            if (operations != 0) {
                told.tell((Listener) key.attachment(), operations);
            }
        } catch (CancelledKeyException _) {
            // Closed between the selection and here.
        }
    }

    @Override
    public void wakeup() {
        selector.wakeup();
    }

    @Override
    public void close() throws IOException {
        waiting.clear();
        selector.close();
    }
}

package dev.jloop.core.spi;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.concurrent.TimeUnit;

/// Waits with a `java.nio` selector: the poller of ordinary loops, and a part for others to build
/// on.
///
/// @since 0.1
public final class SelectorPoller implements Poller {
    private static final long NANOS_PER_MILLI = TimeUnit.MILLISECONDS.toNanos(1);

    private final Selector selector;

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
            selector.selectNow(SelectorPoller::tellListener);
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
        var ready = select(timeoutNanos);
        // A set interrupt flag would make every later select return at once.
        Thread.interrupted();
        return ready;
    }

    private int select(long timeoutNanos) throws IOException {
        if (timeoutNanos == 0) {
            return selector.selectNow(SelectorPoller::tellListener);
        }
        if (timeoutNanos == Long.MAX_VALUE) {
            return selector.select(SelectorPoller::tellListener);
        }
        // Rounded up, because a timer may come late but never early. Zero would mean no limit.
        var millis = Math.ceilDiv(timeoutNanos, NANOS_PER_MILLI);
        return selector.select(SelectorPoller::tellListener, Math.max(1, millis));
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

    private static void tellListener(SelectionKey key) {
        try {
            ((Listener) key.attachment()).ready(key.readyOps());
        } catch (CancelledKeyException _) {
            // Closed by another thread between the selection and here.
        }
    }

    @Override
    public void wakeup() {
        selector.wakeup();
    }

    @Override
    public void close() throws IOException {
        selector.close();
    }
}

package dev.jloop.core;

import dev.jloop.core.spi.Poller;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.concurrent.TimeUnit;

/// Waits with a `java.nio` selector.
final class SelectorPoller implements Poller {
    private static final long NANOS_PER_MILLI = TimeUnit.MILLISECONDS.toNanos(1);

    private final Selector selector;

    private SelectorPoller(Selector selector) {
        this.selector = selector;
    }

    static SelectorPoller open() {
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
    public void poll(long timeoutNanos) throws IOException {
        if (timeoutNanos == 0) {
            selector.selectNow(SelectorPoller::tellListener);
        } else if (timeoutNanos == Long.MAX_VALUE) {
            selector.select(SelectorPoller::tellListener);
        } else {
            // Rounded up, because a timer may come late but never early. Zero would mean no limit.
            var millis = (timeoutNanos + NANOS_PER_MILLI - 1) / NANOS_PER_MILLI;
            selector.select(SelectorPoller::tellListener, Math.max(1, millis));
        }
        // A set interrupt flag would make every later select return at once.
        Thread.interrupted();
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

package dev.jloop.testkit;

import dev.jloop.core.spi.Poller;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/// Looks at real channels, and leaves it to an [Idle] what happens when the loop has nothing to do.
final class VirtualTimePoller implements Poller {
    private static final long NANOS_PER_MILLI = TimeUnit.MILLISECONDS.toNanos(1);

    /// Decides how a loop that has nothing to do goes on: moves time, waits, or fails.
    @FunctionalInterface
    interface Idle {
        /// Does one step; the loop then looks again.
        ///
        /// @param nanosToNextTimer `Long.MAX_VALUE` where there is no timer; a timer that is more
        ///   than a day away counts as one day
        void idle(long nanosToNextTimer) throws IOException;
    }

    private final Selector selector;

    /// Somebody has knocked since the last look. A selector alone does not tell a knock from the
    /// end of the time.
    private final AtomicBoolean knocked = new AtomicBoolean();

    private Idle idle = _ -> {};

    private VirtualTimePoller(Selector selector) {
        this.selector = selector;
    }

    static VirtualTimePoller open() {
        try {
            return new VirtualTimePoller(Selector.open());
        } catch (IOException failure) {
            throw new UncheckedIOException("cannot open a selector for an event loop", failure);
        }
    }

    void whenIdle(Idle decision) {
        idle = decision;
    }

    @Override
    public void poll(long timeoutNanos) throws IOException {
        var found = look();
        if (!found && timeoutNanos > 0) {
            idle.idle(timeoutNanos);
        }
    }

    /// {@return whether a channel was ready or somebody has knocked}
    boolean look() throws IOException {
        var ready =
                !selector.keys().isEmpty()
                        && selector.selectNow(VirtualTimePoller::tellListener) > 0;
        return knocked.getAndSet(false) || ready;
    }

    /// Waits in real time.
    ///
    /// @param nanos at most; `Long.MAX_VALUE` for no limit
    /// @return whether a channel was ready or somebody has knocked
    boolean waitInRealTime(long nanos) throws IOException {
        var start = System.nanoTime();
        var left = nanos;
        do {
            var ready = select(left) > 0;
            // Only a wake-up here, and a set flag would make every later select return at once.
            Thread.interrupted();
            if (knocked.getAndSet(false) || ready) {
                return true;
            }
            left = nanos == Long.MAX_VALUE ? nanos : nanos - (System.nanoTime() - start);
        } while (left > 0);
        return false;
    }

    private int select(long nanos) throws IOException {
        if (nanos == Long.MAX_VALUE) {
            return selector.select(VirtualTimePoller::tellListener);
        }
        var millis = Math.max(1, nanos / NANOS_PER_MILLI); // zero would mean no limit
        return selector.select(VirtualTimePoller::tellListener, millis);
    }

    private static void tellListener(SelectionKey key) {
        try {
            ((Listener) key.attachment()).ready(key.readyOps());
        } catch (CancelledKeyException _) {
            // Closed by another thread between the selection and here.
        }
    }

    /// {@return the number of channels from which something could still come}
    long watchedChannels() {
        return selector.keys().stream().filter(VirtualTimePoller::isOfInterest).count();
    }

    private static boolean isOfInterest(SelectionKey key) {
        try {
            return key.interestOps() != 0;
        } catch (CancelledKeyException _) {
            return false;
        }
    }

    @Override
    public void register(SelectableChannel channel, Listener listener) throws IOException {
        try {
            channel.register(selector, 0, listener);
        } catch (CancelledKeyException _) {
            // The JDK forgets a cancelled key in the next selection only.
            selector.selectNow(VirtualTimePoller::tellListener);
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
            // Closed by another thread: nothing will be ready any more, as with no interest.
        }
    }

    @Override
    public void wakeup() {
        knocked.set(true);
        selector.wakeup();
    }

    @Override
    public void close() throws IOException {
        selector.close();
    }
}

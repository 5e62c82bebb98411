package dev.jloop.testkit;

import dev.jloop.core.spi.Poller;
import dev.jloop.core.spi.SelectorPoller;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;

/// Looks at real channels, and leaves it to an [Idle] what happens when the loop has nothing to do.
final class VirtualTimePoller implements Poller {
    /// Decides how a loop that has nothing to do goes on: moves time, waits, or fails.
    @FunctionalInterface
    interface Idle {
        /// Does one step; the loop then looks again.
        ///
        /// @param nanosToNextTimer `Long.MAX_VALUE` where there is no timer; a timer that is more
        ///   than a day away counts as one day
        void idle(long nanosToNextTimer) throws IOException;
    }

    private final SelectorPoller channels = SelectorPoller.open();

    /// Somebody has knocked since the last look. A selector alone does not tell a knock from the
    /// end of the time.
    private final AtomicBoolean knocked = new AtomicBoolean();

    /// Without any a look at them can be spared: time may jump a million times in a test.
    private boolean anyChannels;

    private boolean channelsRefused;

    private final List<IllegalStateException> refused = new CopyOnWriteArrayList<>();

    private Idle idle = _ -> {};

    void whenIdle(Idle decision) {
        idle = decision;
    }

    @Override
    public int poll(long timeoutNanos) throws IOException {
        var ready = lookAtChannels();
        if (!knocked.getAndSet(false) && ready == 0 && timeoutNanos > 0) {
            idle.idle(timeoutNanos);
        }
        return ready;
    }

    /// {@return whether a channel was ready or somebody has knocked}
    boolean look() throws IOException {
        var ready = lookAtChannels() > 0;
        return knocked.getAndSet(false) || ready;
    }

    private int lookAtChannels() throws IOException {
        return anyChannels ? channels.poll(0) : 0;
    }

    /// Waits in real time.
    ///
    /// @param nanos at most; `Long.MAX_VALUE` for no limit
    /// @return whether a channel was ready or somebody has knocked
    boolean waitInRealTime(long nanos) throws IOException {
        var start = System.nanoTime();
        var left = nanos;
        do {
            var ready = channels.poll(left) > 0;
            if (knocked.getAndSet(false) || ready) {
                return true;
            }
            left = nanos == Long.MAX_VALUE ? nanos : nanos - (System.nanoTime() - start);
        } while (left > 0);
        return false;
    }

    /// {@return the number of channels from which something could still come}
    long watchedChannels() {
        return channels.interestedChannels();
    }

    void refuseChannels() {
        channelsRefused = true;
    }

    void allowChannels() {
        channelsRefused = false;
    }

    /// {@return one for each channel that was refused, with the stack of who wanted to have it}
    List<IllegalStateException> refused() {
        return List.copyOf(refused);
    }

    @Override
    public void register(SelectableChannel channel, Listener listener) throws IOException {
        if (channelsRefused) {
            var refusal =
                    new IllegalStateException(
                            "a real channel in a test on virtual time, where nobody knows when"
                                    + " something comes from it: use a simulated network, or allow"
                                    + " it by @LoopTest(realSockets = true): "
                                    + channel);
            refused.add(refusal);
            throw refusal;
        }
        anyChannels = true;
        channels.register(channel, listener);
    }

    @Override
    public @Nullable Listener listener(SelectableChannel channel) {
        return channels.listener(channel);
    }

    @Override
    public void setInterest(SelectableChannel channel, int operations) {
        channels.setInterest(channel, operations);
    }

    @Override
    public void wakeup() {
        knocked.set(true);
        channels.wakeup();
    }

    @Override
    public void close() throws IOException {
        channels.close();
    }
}

package dev.jloop.transports;

import dev.jloop.core.SelectorEventLoop;
import dev.jloop.core.spi.Clock;
import dev.jloop.core.spi.Poller;

import java.io.IOException;
import java.nio.channels.SelectableChannel;

/// A clock that jumps to the next deadline when the loop has nothing else to do; for loops without
/// sockets.
final class VirtualTime implements Clock, Poller {
    private long now;

    static SelectorEventLoop newLoop() {
        var time = new VirtualTime();
        return SelectorEventLoop.builder().clock(time).poller(time).build();
    }

    @Override
    public long nanos() {
        return now;
    }

    @Override
    public void register(SelectableChannel channel, Listener listener) {
        throw new AssertionError("no sockets on virtual time");
    }

    @Override
    public Listener listener(SelectableChannel channel) {
        return null;
    }

    @Override
    public void setInterest(SelectableChannel channel, int operations) {
        throw new AssertionError("no sockets on virtual time");
    }

    @Override
    public int poll(long timeoutNanos) throws IOException {
        if (timeoutNanos == Long.MAX_VALUE) {
            throw new IOException("deadlock: nothing is ready, and no timer is set");
        }
        now += timeoutNanos;
        return 0;
    }

    @Override
    public void wakeup() {
        // It never sleeps.
    }

    @Override
    public void close() {
        // It holds nothing.
    }
}

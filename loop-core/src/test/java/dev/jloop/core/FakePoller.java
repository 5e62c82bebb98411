package dev.jloop.core;

import dev.jloop.core.spi.Poller;

import org.jspecify.annotations.Nullable;

import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// A poller on virtual time: to wait is to move the clock to the end of the wait at once. Where the
/// loop waits without limit, only another thread can wake it, which it waits for in real time.
final class FakePoller implements Poller {
    private static final long SAFETY_NET_SECONDS = 20;

    private final FakeClock clock;
    private final Semaphore wakeups = new Semaphore(0);
    private final Map<SelectableChannel, Listener> listeners = new LinkedHashMap<>();
    private final Map<SelectableChannel, Integer> interests = new LinkedHashMap<>();
    private final List<SelectableChannel> ready = new ArrayList<>();

    /// The time-outs of all polls so far.
    final List<Long> timeouts = new ArrayList<>();

    boolean closed;

    FakePoller(FakeClock clock) {
        this.clock = clock;
    }

    /// Lets the next poll find `channel` ready for all it is watched for.
    void makeReady(SelectableChannel channel) {
        ready.add(channel);
    }

    int interest(SelectableChannel channel) {
        return interests.getOrDefault(channel, 0);
    }

    @Override
    public void register(SelectableChannel channel, Listener listener) {
        listeners.put(channel, listener);
    }

    @Override
    public @Nullable Listener listener(SelectableChannel channel) {
        return listeners.get(channel);
    }

    @Override
    public void setInterest(SelectableChannel channel, int operations) {
        interests.put(channel, operations);
    }

    @Override
    public int poll(long timeoutNanos) {
        timeouts.add(timeoutNanos);
        var told = tellListeners();
        if (told > 0 || wakeups.tryAcquire()) {
            wakeups.drainPermits();
            return told;
        }
        if (timeoutNanos == Long.MAX_VALUE) {
            awaitWakeup();
        } else {
            clock.advanceNanos(timeoutNanos);
        }
        return 0;
    }

    private int tellListeners() {
        var told = 0;
        for (var channel : List.copyOf(ready)) {
            var operations = interest(channel);
            if (operations != 0) {
                listeners.get(channel).ready(operations & ~SelectionKey.OP_CONNECT);
                told++;
            }
        }
        ready.clear();
        return told;
    }

    private void awaitWakeup() {
        try {
            if (!wakeups.tryAcquire(SAFETY_NET_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException(
                        "the loop sleeps for ever: nothing is ready, there is no timer, and no"
                                + " other thread has woken it for "
                                + SAFETY_NET_SECONDS
                                + " s");
            }
        } catch (InterruptedException _) {
            // An interrupt is a wake-up, as on the real poller.
        }
    }

    @Override
    public void wakeup() {
        wakeups.release();
    }

    @Override
    public void close() {
        closed = true;
    }
}

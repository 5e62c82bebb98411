package dev.jloop.transports;

import dev.jloop.core.EventLoop;

import java.lang.ref.WeakReference;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/// Wakes those who wait for a channel that somebody else has closed.
///
/// A selector says nothing of it: the JDK cancels the key of a closed channel in silence, and does
/// not even end a `select` that is under way. So the channels that are waited for are looked at
/// from time to time, in real time, by the JDK's timer thread. The loop is woken only where one of
/// them was closed, so that time on a virtual clock and the order of its callbacks are not
/// disturbed.
final class ClosedChannels {
    private static final long PERIOD_MILLIS = 100;
    private static final Executor LATER =
            CompletableFuture.delayedExecutor(PERIOD_MILLIS, TimeUnit.MILLISECONDS, Runnable::run);

    private final EventLoop loop;
    private final Set<ChannelUse> waiting = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean lookIsDue = new AtomicBoolean();

    ClosedChannels(EventLoop loop) {
        this.loop = loop;
    }

    void watch(ChannelUse use) {
        waiting.add(use);
        lookLater();
    }

    void forget(ChannelUse use) {
        waiting.remove(use);
    }

    private void lookLater() {
        if (!lookIsDue.get() && lookIsDue.compareAndSet(false, true)) {
            // A loop that was dropped without being closed is not kept alive by this.
            var self = new WeakReference<>(this);
            LATER.execute(() -> {
                var closedChannels = self.get();
                if (closedChannels != null) {
                    closedChannels.look();
                }
            });
        }
    }

    /// On a thread of the JDK.
    private void look() {
        lookIsDue.set(false);
        if (waiting.stream().anyMatch(ChannelUse::isForgotten)) {
            wakeLoop();
        }
        if (!waiting.isEmpty() && !loop.isClosed()) {
            lookLater();
        }
    }

    private void wakeLoop() {
        try {
            loop.callSoonThreadsafe(this::wakeForgotten);
        } catch (IllegalStateException closed) {
            if (!loop.isClosed()) {
                throw closed;
            }
            // Those who waited have ended with the loop.
        }
    }

    private void wakeForgotten() {
        waiting.stream().filter(ChannelUse::isForgotten).forEach(ChannelUse::wake);
    }
}

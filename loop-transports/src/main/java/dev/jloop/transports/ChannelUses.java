package dev.jloop.transports;

import dev.jloop.core.Async;
import dev.jloop.core.EventLoop;

import org.jspecify.annotations.Nullable;

import java.nio.channels.SelectableChannel;
import java.util.HashMap;
import java.util.Map;

/// Which channels of a loop are used by [Sockets] now: by one operation for each direction.
/// Confined to the loop's thread.
final class ChannelUses {
    /// What one coroutine may move without a pause while others wait for their turn.
    private static final long MOST_AT_A_STRETCH = 256 * 1024;

    /// An operation counts as this many bytes at least, since a system call has its price.
    private static final long LEAST_COST = 4 * 1024;

    /// Which half of a channel an operation uses.
    enum Direction {
        /// Receives, or accepts.
        IN,
        /// Sends, or connects.
        OUT
    }

    private final EventLoop loop;
    private final ClosedChannels closedChannels;
    private final Map<SelectableChannel, ChannelUse> in = new HashMap<>();
    private final Map<SelectableChannel, ChannelUse> out = new HashMap<>();
    private long movedAtAStretch;

    private ChannelUses(EventLoop loop) {
        this.loop = loop;
        closedChannels = new ClosedChannels(loop);
    }

    static ChannelUses of(EventLoop loop) {
        return loop.service(ChannelUses.class, ChannelUses::new);
    }

    /// Begins an operation; its [ChannelUse#close()] ends it.
    ///
    /// @param method for messages
    static ChannelUse begin(String method, SelectableChannel channel, Direction direction) {
        var loop = EventLoop.current();
        loop.checkThread("Sockets." + method);
        var task = loop.currentTask();
        if (task == null) {
            throw new IllegalStateException(
                    "Sockets."
                            + method
                            + " was called in a callback, which cannot suspend; call it in a"
                            + " coroutine, started with createTask");
        }
        if (channel.isBlocking() && channel.isOpen()) {
            throw new IllegalArgumentException(
                    channel
                            + " is in blocking mode, in which Sockets."
                            + method
                            + " would stop the whole loop; call configureBlocking(false) first");
        }
        refuseOwned(loop, channel);
        var uses = of(loop);
        var use = new ChannelUse(uses, task, method, channel, direction);
        uses.put(use);
        return use;
    }

    static void refuseOwned(EventLoop loop, SelectableChannel channel) {
        var owner = loop.channelOwner(channel);
        if (owner != null) {
            throw new IllegalStateException(
                    channel
                            + " belongs to "
                            + owner
                            + ", which alone may read and write it; use that instead");
        }
    }

    EventLoop loop() {
        return loop;
    }

    ClosedChannels closedChannels() {
        return closedChannels;
    }

    private Map<SelectableChannel, ChannelUse> of(Direction direction) {
        return switch (direction) {
            case IN -> in;
            case OUT -> out;
        };
    }

    /// An operation that was cancelled has to clean up yet, which must not stop the next one.
    private void put(ChannelUse use) {
        var before = of(use.direction()).get(use.channel());
        if (before != null) {
            if (!before.isGivenUp()) {
                throw twoAtOnce(use, before);
            }
            before.stopWatching();
        }
        of(use.direction()).put(use.channel(), use);
    }

    static IllegalStateException twoAtOnce(ChannelUse refused, ChannelUse other) {
        return new IllegalStateException(
                refused
                        + " by "
                        + refused.task()
                        + " while "
                        + other
                        + " by "
                        + other.task()
                        + " is under way: one coroutine at a time may do that, as the bytes would"
                        + " go to either; guard it with an AsyncLock");
    }

    /// {@return what uses that half of a channel, or null}
    @Nullable ChannelUse current(SelectableChannel channel, Direction direction) {
        return of(direction).get(channel);
    }

    /// Lets those who wait for a channel look at it again.
    void wakeAll(SelectableChannel channel) {
        for (var direction : Direction.values()) {
            var use = current(channel, direction);
            if (use != null) {
                use.wake();
            }
        }
    }

    void remove(ChannelUse use) {
        of(use.direction()).remove(use.channel(), use);
    }

    void moved(long bytes) {
        movedAtAStretch += Math.max(bytes, LEAST_COST);
    }

    void othersHadTheirTurn() {
        movedAtAStretch = 0;
    }

    /// Suspends for a moment, if this coroutine or the ones before it in this turn have moved much.
    void letOthersRun() {
        if (movedAtAStretch >= MOST_AT_A_STRETCH) {
            othersHadTheirTurn();
            Async.yieldNow();
        }
    }
}

package dev.jloop.transports;

import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopFuture;
import dev.jloop.core.Task;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SelectableChannel;

/// One operation of [Sockets] under way on one half of a channel. Confined to the loop's thread,
/// except for [#isForgotten()].
final class ChannelUse implements AutoCloseable {
    private final ChannelUses uses;
    private final EventLoop loop;
    private final Task<?> task;
    private final int cancelsBefore;
    private final String method;
    private final SelectableChannel channel;
    private final ChannelUses.Direction direction;
    private @Nullable LoopFuture<@Nullable Void> waiter;
    private boolean watching;

    ChannelUse(
            ChannelUses uses,
            Task<?> task,
            String method,
            SelectableChannel channel,
            ChannelUses.Direction direction) {
        this.uses = uses;
        loop = uses.loop();
        this.task = task;
        cancelsBefore = task.cancelling();
        this.method = method;
        this.channel = channel;
        this.direction = direction;
    }

    SelectableChannel channel() {
        return channel;
    }

    ChannelUses.Direction direction() {
        return direction;
    }

    Task<?> task() {
        return task;
    }

    /// {@return whether it was cancelled and only has not come to its end yet}
    boolean isGivenUp() {
        return task.cancelling() > cancelsBefore || (waiter != null && waiter.isCancelled());
    }

    /// {@return whether its channel was closed by somebody who told nobody} Any thread may ask.
    boolean isForgotten() {
        return !channel.isOpen();
    }

    /// To be called before each attempt: suspends for a moment, if much was moved without a pause.
    void letOthersRun() {
        uses.letOthersRun();
    }

    /// To be called after each attempt.
    ///
    /// @param bytes how many were moved; 0 for other things
    void moved(long bytes) {
        uses.moved(bytes);
    }

    /// Suspends until another attempt makes sense: the channel is ready, or was closed.
    void awaitReady() throws IOException {
        var other = uses.current(channel, direction);
        if (other != null && other != this) {
            throw ChannelUses.twoAtOnce(this, other);
        }
        uses.othersHadTheirTurn();
        LoopFuture<@Nullable Void> ready = loop.createFuture(this);
        waiter = ready;
        startWatching(() -> Readiness.complete(ready));
        uses.closedChannels().watch(this);
        try {
            ready.await();
        } finally {
            uses.closedChannels().forget(this);
            stopWatching();
        }
    }

    private void startWatching(Runnable whenReady) throws IOException {
        try {
            switch (direction) {
                case IN -> loop.addReader(channel, whenReady);
                case OUT -> loop.addWriter(channel, whenReady);
            }
        } catch (UncheckedIOException closed) {
            throw closed.getCause();
        }
        watching = true;
    }

    /// Takes the reader or writer away, if it is still the one of this operation.
    void stopWatching() {
        if (watching) {
            watching = false;
            switch (direction) {
                case IN -> loop.removeReader(channel);
                case OUT -> loop.removeWriter(channel);
            }
        }
    }

    /// Ends the wait, if there is one, so that the operation looks at its channel again.
    void wake() {
        if (waiter != null) {
            Readiness.complete(waiter);
        }
    }

    /// Ends the operation.
    @Override
    public void close() {
        uses.remove(this);
    }

    @Override
    public String toString() {
        return "Sockets." + method + " on " + channel;
    }
}

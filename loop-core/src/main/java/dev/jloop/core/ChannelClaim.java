package dev.jloop.core;

import dev.jloop.core.spi.Poller;

import org.jspecify.annotations.Nullable;

import java.nio.channels.SelectableChannel;
import java.nio.channels.SocketChannel;
import java.util.Objects;

/// Watches a channel for its one owner: see [EventLoop#claimChannel(SelectableChannel, Object)].
///
/// **Threading:** loop thread only.
///
/// @since 0.1
public final class ChannelClaim {
    private final SelectorEventLoop loop;
    private final ChannelWatches watches;
    private final SelectableChannel channel;
    private final Object owner;

    ChannelClaim(
            SelectorEventLoop loop,
            ChannelWatches watches,
            SelectableChannel channel,
            Object owner) {
        this.loop = loop;
        this.watches = watches;
        this.channel = channel;
        this.owner = owner;
    }

    Object owner() {
        return owner;
    }

    /// As [EventLoop#addReader(SelectableChannel, Runnable)].
    ///
    /// @param callback runs again and again, until [#removeReader()]
    /// @throws IllegalStateException if the loop is closed
    /// @throws java.io.UncheckedIOException if the channel is closed
    public void addReader(Runnable callback) {
        Objects.requireNonNull(callback, "callback");
        loop.checkMayWatch("addReader");
        watches.addReader(channel, callback, this);
    }

    /// As [EventLoop#removeReader(SelectableChannel)].
    ///
    /// @return true if there was a reader; false too on a closed loop or channel
    public boolean removeReader() {
        loop.checkThread("removeReader");
        return !loop.isClosed() && watches.removeReader(channel, this);
    }

    /// As [EventLoop#addWriter(SelectableChannel, Runnable)].
    ///
    /// @param callback runs again and again, until [#removeWriter()]
    /// @throws IllegalStateException if the loop is closed
    /// @throws java.io.UncheckedIOException if the channel is closed
    public void addWriter(Runnable callback) {
        Objects.requireNonNull(callback, "callback");
        loop.checkMayWatch("addWriter");
        watches.addWriter(channel, callback, this);
    }

    /// As [EventLoop#removeWriter(SelectableChannel)].
    ///
    /// @return true if there was a writer; false too on a closed loop or channel
    public boolean removeWriter() {
        loop.checkThread("removeWriter");
        return !loop.isClosed() && watches.removeWriter(channel, this);
    }

    /// Stops watching the channel, which the owner is about to close. Does nothing on a closed loop
    /// or channel.
    public void end() {
        loop.checkThread("end");
        if (!loop.isClosed()) {
            watches.forget(channel, this);
        }
    }

    /// Says how much a read of the channel is likely to give: see
    /// [dev.jloop.core.spi.Poller.Listener#expectedBytes()]. Does nothing on a closed loop or
    /// channel.
    ///
    /// @param bytes how many bytes, zero if nobody knows, as in the beginning
    /// @throws IllegalArgumentException if `bytes` is negative
    public void expect(int bytes) {
        loop.checkThread("expect");
        if (bytes < 0) {
            throw new IllegalArgumentException("cannot expect " + bytes + " bytes");
        }
        if (!loop.isClosed()) {
            watches.expect(channel, bytes, this);
        }
    }

    /// {@return a quicker way than the channel's own methods to read from it and write to it, or
    /// null where this loop's poller has none, or the channel is no socket of a stream} To be used
    /// on the loop's thread, once the channel is connected.
    public Poller.@Nullable DirectSocket directSocket() {
        loop.checkMayWatch("directSocket");
        return channel instanceof SocketChannel socket ? watches.directSocket(socket) : null;
    }

    @Override
    public String toString() {
        return "ChannelClaim[" + channel + " by " + owner + "]";
    }
}

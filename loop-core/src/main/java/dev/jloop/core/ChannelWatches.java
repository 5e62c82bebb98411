package dev.jloop.core;

import dev.jloop.core.spi.Poller;
import dev.jloop.core.spi.ReadyQueue;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;

/// Readers and writers of channels: one of each for a channel. Confined to the loop's thread.
final class ChannelWatches {
    private static final int READ = SelectionKey.OP_READ | SelectionKey.OP_ACCEPT;
    private static final int WRITE = SelectionKey.OP_WRITE | SelectionKey.OP_CONNECT;

    private final SelectorEventLoop loop;
    private final Poller poller;
    private final ReadyQueue ready;

    ChannelWatches(SelectorEventLoop loop, Poller poller, ReadyQueue ready) {
        this.loop = loop;
        this.poller = poller;
        this.ready = ready;
    }

    /// @param by who asks: the channel's claim, or null where it is not its owner
    void addReader(SelectableChannel channel, Runnable callback, @Nullable ChannelClaim by) {
        var watch = watchOf(channel);
        watch.refuseOthersThanOwner(by);
        watch.reader = replace(watch.reader, callback, "reader", channel);
        poller.setInterest(channel, watch.interest());
    }

    void addWriter(SelectableChannel channel, Runnable callback, @Nullable ChannelClaim by) {
        var watch = watchOf(channel);
        watch.refuseOthersThanOwner(by);
        watch.writer = replace(watch.writer, callback, "writer", channel);
        poller.setInterest(channel, watch.interest());
    }

    boolean removeReader(SelectableChannel channel, @Nullable ChannelClaim by) {
        if (!(poller.listener(channel) instanceof Watch watch)) {
            return false;
        }
        watch.refuseOthersThanOwner(by);
        if (!watch.stopReader()) {
            return false;
        }
        poller.setInterest(channel, watch.interest());
        return true;
    }

    boolean removeWriter(SelectableChannel channel, @Nullable ChannelClaim by) {
        if (!(poller.listener(channel) instanceof Watch watch)) {
            return false;
        }
        watch.refuseOthersThanOwner(by);
        if (!watch.stopWriter()) {
            return false;
        }
        poller.setInterest(channel, watch.interest());
        return true;
    }

    ChannelClaim claim(SelectableChannel channel, Object owner) {
        var watch = watchOf(channel);
        watch.refuseOthersThanOwner(null);
        if (watch.reader != null || watch.writer != null) {
            throw new IllegalStateException(
                    channel
                            + " cannot be taken over by "
                            + owner
                            + ": it still has a reader or a writer; remove it first");
        }
        var claim = new ChannelClaim(loop, this, channel, owner);
        watch.claim = claim;
        return claim;
    }

    void forget(SelectableChannel channel, ChannelClaim by) {
        if (poller.listener(channel) instanceof Watch watch) {
            watch.refuseOthersThanOwner(by);
            watch.stopReader();
            watch.stopWriter();
            poller.forget(channel);
        }
    }

    Poller.@Nullable DirectSocket directSocket(SocketChannel channel) {
        return poller.directSocket(channel);
    }

    void expect(SelectableChannel channel, int bytes, ChannelClaim by) {
        if (poller.listener(channel) instanceof Watch watch) {
            watch.refuseOthersThanOwner(by);
            watch.expectedBytes = bytes;
        }
    }

    @Nullable Object ownerOf(SelectableChannel channel) {
        return poller.listener(channel) instanceof Watch watch && watch.claim != null
                ? watch.claim.owner()
                : null;
    }

    private Watch watchOf(SelectableChannel channel) {
        if (poller.listener(channel) instanceof Watch watch) {
            return watch;
        }
        if (channel.isBlocking() && channel.isOpen()) {
            throw new IllegalBlockingModeException();
        }
        var watch = new Watch(channel);
        try {
            poller.register(channel, watch);
        } catch (IOException failure) {
            throw new UncheckedIOException("cannot watch " + channel + ": is it closed?", failure);
        }
        return watch;
    }

    private RepeatedCallback replace(
            @Nullable RepeatedCallback before,
            Runnable callback,
            String role,
            SelectableChannel channel) {
        if (before != null) {
            before.stop();
        }
        return new RepeatedCallback(loop, callback, role, channel);
    }

    /// What is watched on one channel; the poller keeps it beside the channel.
    private final class Watch implements Poller.Listener {
        private final SelectableChannel channel;
        private @Nullable RepeatedCallback reader;
        private @Nullable RepeatedCallback writer;
        private @Nullable ChannelClaim claim;
        private int expectedBytes;

        Watch(SelectableChannel channel) {
            this.channel = channel;
        }

        void refuseOthersThanOwner(@Nullable ChannelClaim by) {
            if (claim != null && claim != by) {
                throw new IllegalStateException(
                        channel
                                + " belongs to "
                                + claim.owner()
                                + ", which alone may read, write and watch it; use that instead");
            }
        }

        /// {@return whether there was a reader}
        boolean stopReader() {
            if (reader == null) {
                return false;
            }
            reader.stop();
            reader = null;
            return true;
        }

        /// {@return whether there was a writer}
        boolean stopWriter() {
            if (writer == null) {
                return false;
            }
            writer.stop();
            writer = null;
            return true;
        }

        /// A listening channel is read by accepting, a connecting one is written by finishing to
        /// connect.
        int interest() {
            var operations = 0;
            if (reader != null) {
                operations |= channel.validOps() & READ;
            }
            if (writer != null) {
                var connecting =
                        channel instanceof SocketChannel socket && socket.isConnectionPending();
                operations |=
                        connecting
                                ? SelectionKey.OP_CONNECT
                                : channel.validOps() & SelectionKey.OP_WRITE;
            }
            return operations;
        }

        @Override
        public int expectedBytes() {
            return expectedBytes;
        }

        @Override
        public void ready(int readyOperations) {
            if ((readyOperations & READ) != 0 && reader != null) {
                ready.add(reader);
            }
            if ((readyOperations & WRITE) != 0 && writer != null) {
                ready.add(writer);
            }
        }
    }
}

package dev.jloop.transports;

import dev.jloop.core.ChannelClaim;
import dev.jloop.core.EventLoop;
import dev.jloop.core.spi.Poller;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.NetworkChannel;
import java.nio.channels.SocketChannel;

/// A connected socket.
final class SocketLink implements Network.Link {
    private static final Logger LOG = LoggerFactory.getLogger(SocketLink.class);

    private static final int NO_LINGER = -1;

    private final SocketChannel channel;
    private final ChannelClaim claim;

    /// Quicker than the channel, where the loop's poller has such.
    private final Poller.@Nullable DirectSocket direct;

    /// How many bytes the next read may give.
    private int likely;

    /// What the loop was told of that: the power of two below, as it changes with each message.
    private int expected;

    private final SocketAddress localAddress;
    private final SocketAddress remoteAddress;

    /// @param channel connected, in non-blocking mode; belongs to the link once this has returned
    SocketLink(EventLoop loop, SocketChannel channel) throws IOException {
        this.channel = channel;
        localAddress = channel.getLocalAddress();
        remoteAddress = channel.getRemoteAddress();
        if (channel.supportedOptions().contains(StandardSocketOptions.TCP_NODELAY)) {
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        }
        claim = loop.claimChannel(channel, "the transport " + this);
        direct = claim.directSocket();
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        var count = direct == null ? channel.read(into) : direct.read(into);
        if (count > 0) {
            noteRead(count);
        }
        return count;
    }

    private void noteRead(int count) {
        likely = ReadSizes.expectedAfter(likely, count);
        var rounded = Integer.highestOneBit(likely);
        if (rounded != expected) {
            expected = rounded;
            claim.expect(rounded);
        }
    }

    @Override
    public long write(ByteBuffer[] data, int offset, int count) throws IOException {
        if (count > 1) {
            return channel.write(data, offset, count);
        }
        return direct == null ? channel.write(data[offset]) : direct.write(data[offset]);
    }

    @Override
    public long transferFrom(FileChannel file, long offset, long count) throws IOException {
        return file.transferTo(offset, count, channel);
    }

    @Override
    public void shutdownOutput() throws IOException {
        channel.shutdownOutput();
    }

    @Override
    public void addReader(Runnable callback) {
        claim.addReader(callback);
    }

    @Override
    public void removeReader() {
        claim.removeReader();
    }

    @Override
    public void addWriter(Runnable callback) {
        claim.addWriter(callback);
    }

    @Override
    public void removeWriter() {
        claim.removeWriter();
    }

    @Override
    public void close() {
        if (direct != null && channel.isOpen()) {
            sayEnd();
        }
        ChannelClosing.close(claim, channel, this);
    }

    /// What the JDK does before it closes a channel that a selector watches: the peer reads what it
    /// was sent and then the end, though something of its own was not read here, and to close does
    /// not wait. Not where a reset is wanted.
    private void sayEnd() {
        try {
            var lingers = channel.supportedOptions().contains(StandardSocketOptions.SO_LINGER);
            var linger = lingers ? channel.getOption(StandardSocketOptions.SO_LINGER) : NO_LINGER;
            if (linger > 0) {
                channel.setOption(StandardSocketOptions.SO_LINGER, NO_LINGER);
            }
            if (linger != 0) {
                channel.shutdownOutput();
            }
        } catch (IOException gone) {
            LOG.debug("{} has ended before it was closed", this, gone);
        }
    }

    @Override
    public void reset() {
        if (channel.isOpen()) {
            if (channel.supportedOptions().contains(StandardSocketOptions.SO_LINGER)) {
                askForReset();
            }
            close();
        }
    }

    private void askForReset() {
        try {
            channel.setOption(StandardSocketOptions.SO_LINGER, 0);
        } catch (IOException refused) {
            // The connection is gone already, so that there is nothing to reset.
            LOG.debug("cannot ask for a reset of {}", this, refused);
        }
    }

    @Override
    public SocketAddress localAddress() {
        return localAddress;
    }

    @Override
    public SocketAddress remoteAddress() {
        return remoteAddress;
    }

    @Override
    public NetworkChannel channel() {
        return new ChannelView(channel);
    }

    @Override
    public String toString() {
        return Addresses.text(localAddress) + "->" + Addresses.text(remoteAddress);
    }
}

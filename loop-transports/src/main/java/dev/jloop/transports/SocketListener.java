package dev.jloop.transports;

import dev.jloop.core.ChannelClaim;
import dev.jloop.core.EventLoop;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;

/// A listening socket.
final class SocketListener implements Network.Listener {
    private static final Logger LOG = LoggerFactory.getLogger(SocketListener.class);

    private final EventLoop loop;
    private final ServerSocketChannel channel;
    private final SocketAddress address;
    private final boolean keepAlive;
    private final ChannelClaim claim;
    private final Runnable atEnd;

    /// @param channel bound, in non-blocking mode; belongs to the listener once this has returned
    /// @param keepAlive whether the operating system probes connections that are silent
    /// @param atEnd runs once, just before the channel is closed
    SocketListener(EventLoop loop, ServerSocketChannel channel, boolean keepAlive, Runnable atEnd)
            throws IOException {
        this.loop = loop;
        this.channel = channel;
        this.keepAlive = keepAlive;
        this.atEnd = atEnd;
        address = channel.getLocalAddress();
        claim = loop.claimChannel(channel, "the server on " + Addresses.text(address));
    }

    @Override
    public SocketAddress address() {
        return address;
    }

    @Override
    public Network.@Nullable Link accept() throws IOException {
        while (true) {
            var accepted = channel.accept();
            if (accepted == null) {
                return null;
            }
            var usable = false;
            try {
                accepted.configureBlocking(false);
                if (keepAlive
                        && accepted.supportedOptions()
                                .contains(StandardSocketOptions.SO_KEEPALIVE)) {
                    accepted.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
                }
                var link = new SocketLink(loop, accepted);
                usable = true;
                return link;
            } catch (IOException goneAlready) {
                LOG.debug("a peer has reset its connection before it was accepted", goneAlready);
            } finally {
                if (!usable) {
                    accepted.close();
                }
            }
        }
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
    public void close() {
        if (!channel.isOpen()) {
            return;
        }
        claim.end();
        try {
            atEnd.run();
            channel.close();
        } catch (IOException failure) {
            throw new UncheckedIOException(
                    "cannot close the listener on " + Addresses.text(address), failure);
        }
    }

    @Override
    public String toString() {
        return "listener on " + Addresses.text(address);
    }
}

package dev.jloop.transports;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.channels.NetworkChannel;
import java.util.Set;

/// Shows the options and the address of a socket that belongs to a transport, and nothing that
/// would disturb it.
final class ChannelView implements NetworkChannel {
    private final NetworkChannel channel;

    ChannelView(NetworkChannel channel) {
        this.channel = channel;
    }

    @Override
    public NetworkChannel bind(@Nullable SocketAddress local) {
        throw new UnsupportedOperationException(
                "the channel belongs to a transport and cannot be bound");
    }

    @Override
    public @Nullable SocketAddress getLocalAddress() throws IOException {
        return channel.getLocalAddress();
    }

    @Override
    public <T> NetworkChannel setOption(SocketOption<T> name, T value) throws IOException {
        channel.setOption(name, value);
        return this;
    }

    @Override
    public <T> T getOption(SocketOption<T> name) throws IOException {
        return channel.getOption(name);
    }

    @Override
    public Set<SocketOption<?>> supportedOptions() {
        return channel.supportedOptions();
    }

    @Override
    public boolean isOpen() {
        return channel.isOpen();
    }

    @Override
    public void close() {
        throw new UnsupportedOperationException(
                "the channel belongs to a transport; close the transport");
    }

    @Override
    public String toString() {
        return channel.toString();
    }
}

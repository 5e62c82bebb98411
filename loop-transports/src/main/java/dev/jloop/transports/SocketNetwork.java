package dev.jloop.transports;

import dev.jloop.core.EventLoop;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.DatagramChannel;
import java.nio.channels.NetworkChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.UnresolvedAddressException;
import java.nio.channels.UnsupportedAddressTypeException;
import java.util.List;

/// The sockets of this machine.
final class SocketNetwork implements Network {
    private final EventLoop loop;

    SocketNetwork(EventLoop loop) {
        this.loop = loop;
    }

    @Override
    public List<InetAddress> resolve(String host) throws IOException {
        var literal = Addresses.literal(host);
        return literal == null ? Resolver.of(loop).resolve(host) : List.of(literal);
    }

    @Override
    public Link connect(SocketAddress remote, @Nullable SocketAddress local) throws IOException {
        var channel =
                isUnix(remote)
                        ? SocketChannel.open(StandardProtocolFamily.UNIX)
                        : SocketChannel.open();
        var connected = false;
        try {
            channel.configureBlocking(false);
            if (local != null) {
                bind(channel, local);
            }
            connect(channel, remote);
            var link = new SocketLink(loop, channel);
            connected = true;
            return link;
        } catch (UnresolvedAddressException | UnsupportedAddressTypeException unusable) {
            throw new SocketException(
                    "unusable address (" + unusable.getClass().getSimpleName() + ")", unusable);
        } finally {
            if (!connected) {
                channel.close();
            }
        }
    }

    private static void bind(SocketChannel channel, SocketAddress local) throws IOException {
        try {
            channel.bind(local);
        } catch (IOException | UnsupportedAddressTypeException failure) {
            var reason =
                    failure instanceof IOException
                            ? failure.getMessage()
                            : "address of another family";
            var unusable =
                    new BindException(
                            "cannot use local address " + Addresses.text(local) + ": " + reason);
            unusable.initCause(failure);
            throw unusable;
        }
    }

    private void connect(SocketChannel channel, SocketAddress remote) throws IOException {
        if (channel.connect(remote)) {
            return;
        }
        Readiness.awaitWritable(loop, channel);
        channel.finishConnect();
    }

    @Override
    public Listener listen(SocketAddress address, ListenOptions options) throws IOException {
        var channel =
                isUnix(address)
                        ? ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                        : ServerSocketChannel.open();
        var listening = false;
        Runnable atEnd = () -> {};
        try {
            channel.configureBlocking(false);
            if (!isUnix(address)) {
                channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
                if (options.reusePort()) {
                    sharePort(channel);
                }
            }
            if (address instanceof UnixDomainSocketAddress unix && options.cleanupSocket()) {
                atEnd = UnixSocketFile.bind(channel, unix, options.backlog())::remove;
            } else {
                channel.bind(address, options.backlog());
            }
            var listener = new SocketListener(loop, channel, options.keepAlive(), atEnd);
            ReserveDescriptor.of(loop).use();
            listening = true;
            return listener;
        } catch (UnresolvedAddressException | UnsupportedAddressTypeException unusable) {
            throw new SocketException(
                    "unusable address (" + unusable.getClass().getSimpleName() + ")", unusable);
        } finally {
            if (!listening) {
                atEnd.run();
                channel.close();
            }
        }
    }

    /// Lets other sockets with the same wish use the same port.
    static void sharePort(NetworkChannel channel) throws IOException {
        if (!channel.supportedOptions().contains(StandardSocketOptions.SO_REUSEPORT)) {
            throw new SocketException("this system cannot share a port (SO_REUSEPORT)");
        }
        channel.setOption(StandardSocketOptions.SO_REUSEPORT, true);
    }

    @Override
    public DatagramLink bindDatagram(
            @Nullable SocketAddress local, @Nullable SocketAddress remote, DatagramOptions options)
            throws IOException {
        var channel = DatagramChannel.open();
        var open = false;
        try {
            channel.configureBlocking(false);
            configure(channel, options);
            channel.bind(local);
            if (remote != null) {
                channel.connect(remote);
            }
            var link = new SocketDatagramLink(loop, channel);
            open = true;
            return link;
        } catch (UnresolvedAddressException | UnsupportedAddressTypeException unusable) {
            throw new SocketException(
                    "unusable address (" + unusable.getClass().getSimpleName() + ")", unusable);
        } finally {
            if (!open) {
                channel.close();
            }
        }
    }

    private static void configure(DatagramChannel channel, DatagramOptions options)
            throws IOException {
        channel.setOption(StandardSocketOptions.SO_BROADCAST, options.broadcast());
        if (options.reusePort()) {
            sharePort(channel);
        }
        setIfGiven(channel, StandardSocketOptions.SO_RCVBUF, options.receiveBufferSize());
        setIfGiven(channel, StandardSocketOptions.SO_SNDBUF, options.sendBufferSize());
        setIfGiven(channel, StandardSocketOptions.IP_MULTICAST_IF, options.multicastInterface());
        channel.setOption(StandardSocketOptions.IP_MULTICAST_TTL, options.multicastTtl());
        channel.setOption(StandardSocketOptions.IP_MULTICAST_LOOP, options.multicastLoopback());
    }

    private static <T> void setIfGiven(
            DatagramChannel channel, SocketOption<T> option, @Nullable T value) throws IOException {
        if (value != null) {
            channel.setOption(option, value);
        }
    }

    private static boolean isUnix(SocketAddress address) {
        return address instanceof UnixDomainSocketAddress;
    }
}

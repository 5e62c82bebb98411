package dev.jloop.transports;

import dev.jloop.core.EventLoop;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
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

    private static boolean isUnix(SocketAddress address) {
        return address instanceof UnixDomainSocketAddress;
    }
}

package dev.jloop.transports;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.PortUnreachableException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.NetworkChannel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// The datagrams of a [MemoryNetwork]. They arrive at once, in order, or not at all.
final class MemoryDatagrams {
    private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
    private static final int MOST_BYTES = 65_507;
    private static final int MOST_WAITING = 2000;

    private final MemoryNetwork network;
    private final List<MemoryDatagramLink> links = new ArrayList<>();

    MemoryDatagrams(MemoryNetwork network) {
        this.network = network;
    }

    Network.DatagramLink bind(SocketAddress local, SocketAddress remote, DatagramOptions options)
            throws IOException {
        var asked = (InetSocketAddress) local;
        var port = asked == null || asked.getPort() == 0 ? network.freePort() : asked.getPort();
        var address = new InetSocketAddress(hostOf(asked, remote), port);
        if (links.stream().anyMatch(link -> link.local.equals(address))) {
            throw new BindException("Address already in use");
        }
        var link = new MemoryDatagramLink(address, (InetSocketAddress) remote, options);
        links.add(link);
        return link;
    }

    /// What a kernel does: who connects has the address from which the other is reached.
    private static InetAddress hostOf(InetSocketAddress local, SocketAddress remote) {
        if (remote != null && (local == null || local.getAddress().isAnyLocalAddress())) {
            return LOOPBACK;
        }
        return local == null ? new InetSocketAddress(0).getAddress() : local.getAddress();
    }

    private record Datagram(ByteBuffer bytes, InetSocketAddress sender) {}

    private final class MemoryDatagramLink implements Network.DatagramLink {
        private final InetSocketAddress local;
        private final InetSocketAddress remote;
        private final boolean broadcast;
        private final ArrayDeque<Datagram> waiting = new ArrayDeque<>();
        private final Set<InetAddress> groups = new HashSet<>();
        private final MemoryNetwork.Watch reader =
                network.new Watch(() -> !waiting.isEmpty() || this.unreachable);
        private final MemoryNetwork.Watch writer = network.new Watch(() -> true);
        private boolean unreachable;

        MemoryDatagramLink(
                InetSocketAddress local, InetSocketAddress remote, DatagramOptions options) {
            this.local = local;
            this.remote = remote;
            broadcast = options.broadcast();
        }

        @Override
        public SocketAddress receive(ByteBuffer into) throws IOException {
            throwIfUnreachable();
            var datagram = waiting.poll();
            if (datagram == null) {
                return null;
            }
            var bytes = datagram.bytes();
            into.put(bytes.slice(0, Math.min(bytes.remaining(), into.remaining())));
            return datagram.sender();
        }

        private void throwIfUnreachable() throws PortUnreachableException {
            if (unreachable) {
                unreachable = false;
                throw new PortUnreachableException();
            }
        }

        @Override
        public boolean send(ByteBuffer data, SocketAddress to) throws IOException {
            throwIfUnreachable();
            var target = (InetSocketAddress) (to == null ? remote : to);
            if (data.remaining() > MOST_BYTES) {
                throw new SocketException("Message too long");
            }
            if (isBroadcast(target) && !broadcast) {
                throw new BindException("Permission denied");
            }
            var bytes = new byte[data.remaining()];
            data.get(bytes);
            var ip = local.getAddress().isAnyLocalAddress() ? LOOPBACK : local.getAddress();
            var sender = new InetSocketAddress(ip, local.getPort());
            var receivers = links.stream().filter(link -> link.takes(sender, target)).toList();
            receivers.forEach(link -> link.arrived(new Datagram(ByteBuffer.wrap(bytes), sender)));
            unreachable = remote != null && receivers.isEmpty();
            reader.check();
            return true;
        }

        private static boolean isBroadcast(InetSocketAddress target) {
            return target.getAddress().getHostAddress().endsWith(".255");
        }

        private boolean takes(InetSocketAddress sender, InetSocketAddress target) {
            var ip = target.getAddress();
            var here =
                    ip.isMulticastAddress()
                            ? groups.contains(ip)
                            : isBroadcast(target)
                                    || local.getAddress().isAnyLocalAddress()
                                    || local.getAddress().equals(ip);
            return here
                    && local.getPort() == target.getPort()
                    && (remote == null || remote.equals(sender));
        }

        private void arrived(Datagram datagram) {
            if (waiting.size() < MOST_WAITING) {
                waiting.add(datagram);
                reader.check();
            }
        }

        @Override
        public Membership joinGroup(InetAddress group, NetworkInterface via, InetAddress source) {
            if (source != null) {
                throw new UnsupportedOperationException("no sources here");
            }
            if (!groups.add(group)) {
                throw new IllegalStateException(this + " is in this group already: " + group);
            }
            return new Membership() {
                @Override
                public boolean isValid() {
                    return groups.contains(group);
                }

                @Override
                public void close() {
                    groups.remove(group);
                }
            };
        }

        @Override
        public void addReader(Runnable callback) {
            reader.start(callback);
        }

        @Override
        public void removeReader() {
            reader.stop();
        }

        @Override
        public void addWriter(Runnable callback) {
            writer.start(callback);
        }

        @Override
        public void removeWriter() {
            writer.stop();
        }

        @Override
        public void close() {
            reader.stop();
            writer.stop();
            groups.clear();
            links.remove(this);
        }

        @Override
        public SocketAddress localAddress() {
            return local;
        }

        @Override
        public SocketAddress remoteAddress() {
            return remote;
        }

        @Override
        public NetworkChannel channel() {
            return null;
        }

        @Override
        public String toString() {
            return Addresses.text(local);
        }
    }
}

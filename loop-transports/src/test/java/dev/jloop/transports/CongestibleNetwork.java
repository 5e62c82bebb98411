package dev.jloop.transports;

import dev.jloop.core.Context;
import dev.jloop.core.EventLoop;

import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.NetworkChannel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/// A network whose datagrams get stuck, and fail, when a test says so: the loopback interface of a
/// kernel takes all of them.
final class CongestibleNetwork implements Network {
    private final Network network;
    private final List<CongestibleLink> links = new ArrayList<>();
    private int room = Integer.MAX_VALUE;

    /// What the next attempts to send throw.
    final ArrayDeque<Exception> sendFailures = new ArrayDeque<>();

    /// What the next attempts to receive throw.
    final ArrayDeque<Exception> receiveFailures = new ArrayDeque<>();

    CongestibleNetwork(Network network) {
        this.network = network;
    }

    static CongestibleNetwork on(EventLoop loop, Network network) {
        var congestible = new CongestibleNetwork(network);
        loop.provideService(Network.class, congestible);
        return congestible;
    }

    /// Takes this many datagrams more, and then none.
    void takeOnly(int datagrams) {
        room = datagrams;
        links.forEach(CongestibleLink::roomChanged);
    }

    boolean hasOpenLinks() {
        return links.stream().anyMatch(link -> !link.closed);
    }

    private static void throwNext(ArrayDeque<Exception> failures) throws IOException {
        switch (failures.poll()) {
            case null -> {}
            case IOException failure -> throw failure;
            case RuntimeException failure -> throw failure;
            case Exception other -> throw new AssertionError(other);
        }
    }

    @Override
    public List<InetAddress> resolve(String host) throws IOException {
        return network.resolve(host);
    }

    @Override
    public Link connect(SocketAddress remote, SocketAddress local) throws IOException {
        return network.connect(remote, local);
    }

    @Override
    public Listener listen(SocketAddress address, ListenOptions options) throws IOException {
        return network.listen(address, options);
    }

    @Override
    public DatagramLink bindDatagram(
            SocketAddress local, SocketAddress remote, DatagramOptions options) throws IOException {
        var link = new CongestibleLink(network.bindDatagram(local, remote, options));
        links.add(link);
        return link;
    }

    private final class CongestibleLink implements DatagramLink {
        private final DatagramLink link;
        private Runnable writer;
        private Context writerContext;
        private boolean closed;

        CongestibleLink(DatagramLink link) {
            this.link = link;
        }

        private void roomChanged() {
            if (writer == null) {
                return;
            }
            if (room == 0) {
                link.removeWriter();
            } else {
                writerContext.run(() -> link.addWriter(writer));
            }
        }

        @Override
        public SocketAddress receive(ByteBuffer into) throws IOException {
            throwNext(receiveFailures);
            return link.receive(into);
        }

        @Override
        public boolean send(ByteBuffer data, SocketAddress to) throws IOException {
            throwNext(sendFailures);
            if (room == 0) {
                return !data.hasRemaining(); // as sockets do, which do not tell
            }
            var sent = link.send(data, to);
            room--;
            if (room == 0) {
                takeOnly(0);
            }
            return sent;
        }

        @Override
        public Membership joinGroup(InetAddress group, NetworkInterface via, InetAddress source)
                throws IOException {
            return link.joinGroup(group, via, source);
        }

        @Override
        public void addReader(Runnable callback) {
            link.addReader(callback);
        }

        @Override
        public void removeReader() {
            link.removeReader();
        }

        @Override
        public void addWriter(Runnable callback) {
            writer = callback;
            writerContext = Context.copyCurrent();
            roomChanged();
        }

        @Override
        public void removeWriter() {
            writer = null;
            link.removeWriter();
        }

        @Override
        public void close() {
            closed = true;
            link.close();
        }

        @Override
        public SocketAddress localAddress() {
            return link.localAddress();
        }

        @Override
        public SocketAddress remoteAddress() {
            return link.remoteAddress();
        }

        @Override
        public NetworkChannel channel() {
            return link.channel();
        }

        @Override
        public String toString() {
            return link.toString();
        }
    }
}

package dev.jloop.transports;

import dev.jloop.core.ChannelClaim;
import dev.jloop.core.EventLoop;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.MembershipKey;
import java.nio.channels.NetworkChannel;
import java.nio.channels.UnsupportedAddressTypeException;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;

/// A socket for datagrams.
final class SocketDatagramLink implements Network.DatagramLink {
    private final EventLoop loop;
    private final DatagramChannel channel;
    private final ChannelClaim claim;
    private final SocketAddress localAddress;
    private final @Nullable SocketAddress remoteAddress;
    private final Set<MembershipKey> memberships = new HashSet<>();

    /// @param channel bound, in non-blocking mode; belongs to the link once this has returned
    SocketDatagramLink(EventLoop loop, DatagramChannel channel) throws IOException {
        this.loop = loop;
        this.channel = channel;
        localAddress = channel.getLocalAddress();
        remoteAddress = channel.getRemoteAddress();
        claim = loop.claimChannel(channel, "the endpoint " + this);
    }

    @Override
    public @Nullable SocketAddress receive(ByteBuffer into) throws IOException {
        return channel.receive(into);
    }

    @Override
    public boolean send(ByteBuffer data, @Nullable SocketAddress to) throws IOException {
        if (data.hasRemaining()) {
            return (to == null ? channel.write(data) : sendTo(data, to)) > 0;
        }
        if (to == null) {
            sendEmptyFromBeside(Objects.requireNonNull(remoteAddress, "recipient"));
        } else {
            sendTo(data, to); // gives 0 in any case
        }
        return true;
    }

    private int sendTo(ByteBuffer data, SocketAddress to) throws IOException {
        try {
            return channel.send(data, to);
        } catch (UnsupportedAddressTypeException onlyOneFamily) {
            throw new SocketException("this machine has no such addresses", onlyOneFamily);
        }
    }

    /// The JDK sends nothing where a connected socket is given an empty datagram. So it leaves from
    /// another socket that shares the port for that moment. The operating system goes on giving to
    /// the connected one what comes from its peer, errors included.
    private void sendEmptyFromBeside(SocketAddress remote) throws IOException {
        if (!channel.supportedOptions().contains(StandardSocketOptions.SO_REUSEPORT)) {
            throw new SocketException(
                    "the JDK sends no empty datagram from a connected socket; create the endpoint"
                            + " without a remote address, and use sendTo");
        }
        var shared = channel.getOption(StandardSocketOptions.SO_REUSEPORT);
        channel.setOption(StandardSocketOptions.SO_REUSEPORT, true);
        try (var beside = DatagramChannel.open()) {
            beside.configureBlocking(false);
            beside.setOption(StandardSocketOptions.SO_REUSEPORT, true);
            beside.bind(localAddress);
            beside.send(ByteBuffer.allocate(0), remote);
        } finally {
            channel.setOption(StandardSocketOptions.SO_REUSEPORT, shared);
        }
    }

    @Override
    public Membership joinGroup(
            InetAddress group, NetworkInterface via, @Nullable InetAddress source)
            throws IOException {
        var key = join(group, via, source);
        // The channel gives the same key again to who joins again, and closing one would end both.
        if (!memberships.add(key)) {
            throw new IllegalStateException(this + " is in this group already: " + key);
        }
        return new SocketMembership(key);
    }

    private MembershipKey join(
            InetAddress group, NetworkInterface via, @Nullable InetAddress source)
            throws IOException {
        try {
            return source == null ? channel.join(group, via) : channel.join(group, via, source);
        } catch (IllegalStateException conflict) {
            throw new IllegalStateException(
                    this
                            + " is in group "
                            + group.getHostAddress()
                            + " via "
                            + via.getName()
                            + " already, to hear "
                            + (source == null ? "single senders" : "all senders")
                            + "; close that membership first",
                    conflict);
        }
    }

    private final class SocketMembership implements Membership {
        private final MembershipKey key;

        SocketMembership(MembershipKey key) {
            this.key = key;
        }

        @Override
        public boolean isValid() {
            loop.checkThread("Membership.isValid");
            return key.isValid();
        }

        @Override
        public void close() {
            loop.checkThread("Membership.close");
            if (memberships.remove(key)) {
                key.drop();
            }
        }

        @Override
        public String toString() {
            return "Membership[" + key + "]";
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
    public void addWriter(Runnable callback) {
        claim.addWriter(callback);
    }

    @Override
    public void removeWriter() {
        claim.removeWriter();
    }

    @Override
    public void close() {
        ChannelClosing.close(claim, channel, this);
    }

    @Override
    public SocketAddress localAddress() {
        return localAddress;
    }

    @Override
    public @Nullable SocketAddress remoteAddress() {
        return remoteAddress;
    }

    @Override
    public NetworkChannel channel() {
        return new ChannelView(channel);
    }

    @Override
    public String toString() {
        var local = Addresses.text(localAddress);
        return remoteAddress == null ? local : local + "->" + Addresses.text(remoteAddress);
    }
}

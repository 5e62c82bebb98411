package dev.jloop.transports;

import org.jspecify.annotations.Nullable;

import java.net.NetworkInterface;
import java.util.Objects;

/// Settings for an endpoint that sends and receives datagrams. Immutable; start from [#DEFAULTS].
///
/// @since 0.1
public final class DatagramOptions {
    /// What no datagram over the internet protocols exceeds.
    private static final int MAX_BYTES = 65_535;

    private static final int MAX_HOPS = 255;

    /// No broadcast, ports not shared, buffers of the size the operating system likes, datagrams of
    /// any size received, at most 1 MiB queued; multicast through the interface the operating
    /// system likes, not beyond the local network, and heard on this machine too.
    public static final DatagramOptions DEFAULTS = new DatagramOptions();

    // Never written once an instance has left the method that made it.
    private boolean broadcast;
    private boolean reusePort;
    private @Nullable Integer receiveBufferBytes;
    private @Nullable Integer sendBufferBytes;
    private int largestReceived = MAX_BYTES;
    private int queueBound = 1024 * 1024;
    private @Nullable NetworkInterface multicastInterface;
    private int multicastHops = 1;
    private boolean multicastLoopback = true;

    private DatagramOptions() {}

    private DatagramOptions copy() {
        var copy = new DatagramOptions();
        copy.broadcast = broadcast;
        copy.reusePort = reusePort;
        copy.receiveBufferBytes = receiveBufferBytes;
        copy.sendBufferBytes = sendBufferBytes;
        copy.largestReceived = largestReceived;
        copy.queueBound = queueBound;
        copy.multicastInterface = multicastInterface;
        copy.multicastHops = multicastHops;
        copy.multicastLoopback = multicastLoopback;
        return copy;
    }

    /// {@return these settings with broadcast allowed or not} Without it the operating system
    /// refuses to send to a broadcast address.
    ///
    /// With it, a remote address is only where `send` sends to, and datagrams are received from
    /// everyone: those who answer a broadcast do so from their own addresses.
    ///
    /// @param broadcast true to allow it
    public DatagramOptions withBroadcast(boolean broadcast) {
        var copy = copy();
        copy.broadcast = broadcast;
        return copy;
    }

    /// {@return these settings with a port shared, or not, with other endpoints that want to share
    /// it} The operating system spreads the datagrams by their senders; those to a multicast group
    /// reach every endpoint in it.
    ///
    /// @param reuse true to share
    public DatagramOptions withReusePort(boolean reuse) {
        var copy = copy();
        copy.reusePort = reuse;
        return copy;
    }

    /// {@return these settings with another size of the buffer in which the operating system keeps
    /// datagrams until they are received} It drops what does not fit.
    ///
    /// @param bytes at least 1; the operating system takes it as a hint
    /// @throws IllegalArgumentException if it is less than 1
    public DatagramOptions withReceiveBufferSize(int bytes) {
        var copy = copy();
        copy.receiveBufferBytes = checkPositive("receiveBufferSize", bytes);
        return copy;
    }

    /// {@return these settings with another size of the buffer in which the operating system keeps
    /// datagrams until they have left}
    ///
    /// @param bytes at least 1; the operating system takes it as a hint
    /// @throws IllegalArgumentException if it is less than 1
    public DatagramOptions withSendBufferSize(int bytes) {
        var copy = copy();
        copy.sendBufferBytes = checkPositive("sendBufferSize", bytes);
        return copy;
    }

    /// {@return these settings with another size up to which datagrams are received} A larger one
    /// is never handed over in part: it is dropped, and
    /// [DatagramProtocol#errorReceived(java.io.IOException)] told.
    ///
    /// @param bytes 1 to 65,535, which is the default and takes every datagram there is
    /// @throws IllegalArgumentException if it is out of this range
    public DatagramOptions withLargestReceived(int bytes) {
        if (bytes < 1 || bytes > MAX_BYTES) {
            throw new IllegalArgumentException(
                    "largestReceived must be between 1 and " + MAX_BYTES + ", was " + bytes);
        }
        var copy = copy();
        copy.largestReceived = bytes;
        return copy;
    }

    /// {@return these settings with another bound of the queue of datagrams that the network does
    /// not take yet} What would exceed it is dropped, counted and warned of; an empty queue takes
    /// any datagram.
    ///
    /// @param bytes as [DatagramTransport#writeBufferSize()] counts them, at least 1; 1 MiB by
    ///   default
    /// @throws IllegalArgumentException if it is less than 1
    public DatagramOptions withQueueBound(int bytes) {
        var copy = copy();
        copy.queueBound = checkPositive("queueBound", bytes);
        return copy;
    }

    /// {@return these settings with the interface through which datagrams to multicast groups
    /// leave} Which groups are received is told by [DatagramTransport#joinGroup].
    ///
    /// @param via the interface
    public DatagramOptions withMulticastInterface(NetworkInterface via) {
        var copy = copy();
        copy.multicastInterface = Objects.requireNonNull(via, "via");
        return copy;
    }

    /// {@return these settings with another number of networks that datagrams to multicast groups
    /// cross (their time to live)}
    ///
    /// @param hops 0 stays on this machine, 1, the default, on the local network; at most 255
    /// @throws IllegalArgumentException if it is out of this range
    public DatagramOptions withMulticastTtl(int hops) {
        if (hops < 0 || hops > MAX_HOPS) {
            throw new IllegalArgumentException(
                    "multicastTtl must be between 0 and " + MAX_HOPS + ", was " + hops);
        }
        var copy = copy();
        copy.multicastHops = hops;
        return copy;
    }

    /// {@return these settings with datagrams to multicast groups that this machine hears itself,
    /// or not}
    ///
    /// @param loopback true, the default, to hear them
    public DatagramOptions withMulticastLoopback(boolean loopback) {
        var copy = copy();
        copy.multicastLoopback = loopback;
        return copy;
    }

    private static int checkPositive(String name, int bytes) {
        if (bytes < 1) {
            throw new IllegalArgumentException(name + " must be at least 1 byte, was " + bytes);
        }
        return bytes;
    }

    /// {@return whether broadcast is allowed}
    public boolean broadcast() {
        return broadcast;
    }

    /// {@return whether the port may be shared}
    public boolean reusePort() {
        return reusePort;
    }

    /// {@return the size asked for, or null for what the operating system likes}
    public @Nullable Integer receiveBufferSize() {
        return receiveBufferBytes;
    }

    /// {@return the size asked for, or null for what the operating system likes}
    public @Nullable Integer sendBufferSize() {
        return sendBufferBytes;
    }

    /// {@return up to how many bytes a datagram is received}
    public int largestReceived() {
        return largestReceived;
    }

    /// {@return how many bytes are queued at most}
    public int queueBound() {
        return queueBound;
    }

    /// {@return the interface for datagrams to groups, or null for the one the operating system
    /// likes}
    public @Nullable NetworkInterface multicastInterface() {
        return multicastInterface;
    }

    /// {@return how many networks datagrams to groups cross}
    public int multicastTtl() {
        return multicastHops;
    }

    /// {@return whether this machine hears its own datagrams to groups}
    public boolean multicastLoopback() {
        return multicastLoopback;
    }
}

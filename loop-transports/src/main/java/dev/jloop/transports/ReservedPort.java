package dev.jloop.transports;

import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;

/// A port chosen before anybody listens on it, for servers that share it: any free port would be
/// another one for each. It is kept for as long as this is open, and nobody can connect to it until
/// a server listens there with [ListenOptions#withReusePort(boolean)].
///
/// **Threading:** any thread.
///
/// @since 0.1
public final class ReservedPort implements AutoCloseable {
    /// Bound, and never listening, so that it gets no connections.
    private final SocketChannel channel;

    private final InetSocketAddress address;

    private ReservedPort(SocketChannel channel) throws IOException {
        this.channel = channel;
        address = (InetSocketAddress) channel.getLocalAddress();
    }

    /// Reserves a port.
    ///
    /// @param address of the interface; port 0 takes any free port
    /// @return the reserved port
    /// @throws BindException if the port is taken by somebody who does not share it, or the address
    ///   is none of this machine; the message names it
    /// @throws IOException if the system cannot share ports
    /// @throws IllegalArgumentException if the address is not resolved
    public static ReservedPort open(InetSocketAddress address) throws IOException {
        if (address.isUnresolved()) {
            throw new IllegalArgumentException(
                    "an address to reserve must be resolved, unlike " + Addresses.text(address));
        }
        var channel = SocketChannel.open();
        var reserved = false;
        try {
            SocketNetwork.sharePort(channel);
            channel.bind(address);
            var port = new ReservedPort(channel);
            reserved = true;
            return port;
        } catch (BindException failure) {
            var explained =
                    new BindException(
                            "cannot reserve "
                                    + Addresses.text(address)
                                    + ": "
                                    + failure.getMessage()
                                    + "; choose another port (0 takes any free one) and an address"
                                    + " of this machine");
            explained.initCause(failure);
            throw explained;
        } finally {
            if (!reserved) {
                channel.close();
            }
        }
    }

    /// {@return the address with the actual port}
    public InetSocketAddress address() {
        return address;
    }

    /// Gives the port up; servers that listen there keep it.
    ///
    /// @throws IOException if the system fails to
    @Override
    public void close() throws IOException {
        channel.close();
    }

    @Override
    public String toString() {
        return "ReservedPort[" + Addresses.text(address) + "]";
    }
}

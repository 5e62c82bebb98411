package dev.jloop.benchmarks.peers;

import java.net.InetAddress;
import java.net.InetSocketAddress;

/// A server on threads of its own, which ends with its process.
@FunctionalInterface
interface PeerServer {
    /// How many clients may be waiting to be accepted.
    int BACKLOG = 4096;

    /// Begins to serve on the loopback interface.
    ///
    /// @return the port
    int listen(Service service) throws Exception;

    /// {@return an address with a port that is free}
    static InetSocketAddress loopback() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    /// {@return for a peer that has no HTTP of its own}
    static IllegalArgumentException notOffered(Service service) {
        return new IllegalArgumentException("this peer does not offer " + service.word());
    }
}

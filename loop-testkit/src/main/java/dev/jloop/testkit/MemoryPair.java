package dev.jloop.testkit;

import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopFuture;
import dev.jloop.transports.BufferedProtocol;
import dev.jloop.transports.Net;
import dev.jloop.transports.Protocol;
import dev.jloop.transports.StreamingProtocol;
import dev.jloop.transports.Transport;

import io.netty.buffer.ByteBuf;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Objects;

/// Two transports that are connected with one another in memory, for tests of protocols without
/// servers, hosts and addresses. For readers and writers see [MemoryStreams].
///
/// ```java
/// @LoopTest
/// void answersAPing() throws IOException {
///     var client = new RecordingProtocol();
///     try (var pair = MemoryPair.connect(client, new PingServer())) {
///         pair.client().write("ping".getBytes(US_ASCII));
///         client.awaitText("pong");
///     }
/// }
/// ```
///
/// It is a connection of the [SimulatedNetwork] of the loop, within the host that the caller is on.
/// So it has everything that a connection over sockets has: windows and flow control, half-close, a
/// reset where an abort drops bytes, and pieces of any size on a loop with a seed.
///
/// @param client the end whose protocol was named first
/// @param server the other end; the two differ in nothing but their protocols
/// @since 0.1
public record MemoryPair(Transport client, Transport server) implements AutoCloseable {
    static final InetSocketAddress ANY_PORT = new InetSocketAddress(SimulatedAddresses.LOOPBACK, 0);

    /// Connects two protocols. Suspends until both have got `connectionMade`. Cancelled it leaves
    /// nothing open.
    ///
    /// **Threading:** coroutines of a [VirtualTimeLoop] only.
    ///
    /// @param client a [StreamingProtocol] or a [BufferedProtocol]
    /// @param server another one
    /// @return the transports, which the caller closes
    /// @throws IOException if it failed, for instance because a rule of the network lets nothing
    ///   through
    /// @throws IllegalArgumentException if a protocol is of neither kind
    /// @throws IllegalStateException if the current loop is no [VirtualTimeLoop], or has a network
    ///   other than the simulated one
    public static MemoryPair connect(Protocol client, Protocol server) throws IOException {
        useSimulatedNetwork("MemoryPair.connect");
        check(client);
        check(server);
        LoopFuture<Transport> accepted =
                EventLoop.current().createFuture("the other end of a memory pair");
        try (var listening = Net.createServer(() -> new Acceptance(server, accepted), ANY_PORT)) {
            var there = listening.addresses().getFirst();
            Transport connected = null;
            var complete = false;
            try {
                connected = Net.createConnection(() -> client, there).transport();
                var pair = new MemoryPair(connected, accepted.await());
                complete = true;
                return pair;
            } finally {
                if (!complete) {
                    listening.abortClients(); // which may keep open after an end by the client
                    if (connected != null) {
                        connected.abort();
                    }
                }
            }
        }
    }

    /// Sees to it that connections of the current loop are simulated.
    ///
    /// @return the loop
    static VirtualTimeLoop useSimulatedNetwork(String caller) {
        if (!(EventLoop.current() instanceof VirtualTimeLoop loop)) {
            throw new IllegalStateException(
                    caller
                            + " needs a VirtualTimeLoop, on which the network is simulated, and was"
                            + " called on "
                            + EventLoop.current());
        }
        SimulatedNetwork.on(loop);
        return loop;
    }

    private static void check(Protocol protocol) {
        Objects.requireNonNull(protocol, "protocol");
        if (!(protocol instanceof StreamingProtocol || protocol instanceof BufferedProtocol)) {
            throw new IllegalArgumentException(
                    "the protocol of a connection must implement StreamingProtocol or"
                            + " BufferedProtocol, and "
                            + protocol.getClass().getName()
                            + " does not");
        }
    }

    /// Notes the transport of a server, and hands it over to the protocol that it is for.
    private record Acceptance(Protocol protocol, LoopFuture<Transport> accepted)
            implements StreamingProtocol {
        @Override
        public void connectionMade(Transport transport) {
            transport.setProtocol(protocol);
            if (!accepted.isDone()) {
                accepted.setResult(transport);
            }
            switch (protocol) {
                case StreamingProtocol streaming -> streaming.connectionMade(transport);
                case BufferedProtocol buffered -> buffered.connectionMade(transport);
                default -> throw new AssertionError(protocol);
            }
        }

        @Override
        public void dataReceived(ByteBuf data) {
            throw new AssertionError("the protocol was handed over before: " + protocol);
        }
    }

    /// Aborts both ends: what was not sent is dropped. The protocols get `connectionLost` on a
    /// later turn.
    @Override
    public void close() {
        client.abort();
        server.abort();
    }
}

package dev.jloop.benchmarks;

import com.sun.management.ThreadMXBean;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// What an echo costs the thread of the server that answers: bytes allocated and time of the CPU
/// for each message, beside a plain selector and Netty. A program, because a JVM counts these for
/// each thread, and the client must not be in the figures. Run it with `java -cp`, see
/// `docs/benchmarks.md`.
public final class EchoPath {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private static final int ROUNDS = 5;

    private EchoPath() {}

    /// Messages of one size over some connections, each with one message under way.
    ///
    /// @param bytes the size of a message
    /// @param connections how many at once
    /// @param messages how many in a round, over all connections
    private record Load(int bytes, int connections, int messages) {}

    /// What one round has cost for each message.
    private record Cost(double bytes, double nanos) {}

    /// Prints the cost for each kind of server and each load.
    ///
    /// @param args parts of the names of the servers to measure; all if there are none
    public static void main(String[] args) throws Exception {
        var loads =
                List.of(
                        new Load(100, 1, 50_000),
                        new Load(100, 32, 100_000),
                        new Load(64 * 1024, 1, 10_000),
                        new Load(64 * 1024, 8, 10_000));
        for (var load : loads) {
            var plain = Double.NaN;
            for (var kind : EchoServer.Kind.values()) {
                var name = kind.toString();
                if (args.length > 0 && Arrays.stream(args).noneMatch(name::contains)) {
                    continue;
                }
                var cost = measure(kind, load);
                plain = Double.isNaN(plain) ? cost.nanos() : plain;
                System.out.printf(
                        Locale.ROOT,
                        "%,7d bytes x %2d  %-16s %8.1f bytes allocated %8.0f ns, %.2f of the"
                                + " first%n",
                        load.bytes(),
                        load.connections(),
                        name,
                        cost.bytes(),
                        cost.nanos(),
                        cost.nanos() / plain);
            }
        }
    }

    /// The last round counts: those before warm up.
    private static Cost measure(EchoServer.Kind kind, Load load) throws Exception {
        try (var server = EchoServer.start(kind, load.bytes());
                var clients = new Clients(server.address(), load)) {
            for (var round = 1; round < ROUNDS; round++) {
                clients.exchange(load.messages());
            }
            var thread = server.threadId();
            var bytes = THREADS.getThreadAllocatedBytes(thread);
            var nanos = THREADS.getThreadCpuTime(thread);
            clients.exchange(load.messages());
            return new Cost(
                    (THREADS.getThreadAllocatedBytes(thread) - bytes) / (double) load.messages(),
                    (THREADS.getThreadCpuTime(thread) - nanos) / (double) load.messages());
        }
    }

    /// Blocking sockets: one message goes out on each, then the answers are read.
    private static final class Clients implements AutoCloseable {
        private final List<SocketChannel> channels = new ArrayList<>();
        private final ByteBuffer message;
        private final ByteBuffer answer;

        Clients(SocketAddress server, Load load) throws IOException {
            message = ByteBuffer.allocateDirect(load.bytes());
            answer = ByteBuffer.allocateDirect(load.bytes());
            for (var i = 0; i < load.connections(); i++) {
                var channel = SocketChannel.open(server);
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                channels.add(channel);
            }
        }

        void exchange(int messages) throws IOException {
            for (var sent = 0; sent < messages; sent += channels.size()) {
                for (var channel : channels) {
                    message.clear();
                    while (message.hasRemaining()) {
                        channel.write(message);
                    }
                }
                for (var channel : channels) {
                    answer.clear();
                    while (answer.hasRemaining()) {
                        if (channel.read(answer) < 0) {
                            throw new IOException("the server has closed the connection");
                        }
                    }
                }
            }
        }

        @Override
        public void close() throws IOException {
            for (var channel : channels) {
                channel.close();
            }
        }
    }

    /// {@return an address for a server, with a port that is free}
    static InetSocketAddress loopback() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }
}

package dev.jloop.benchmarks;

import dev.jloop.core.Async;
import dev.jloop.core.SelectorEventLoop;
import dev.jloop.streams.Streams;
import dev.jloop.transports.Net;
import dev.jloop.transports.Server;
import dev.jloop.transports.StreamingProtocol;
import dev.jloop.transports.Transport;

import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// How much heap an accepted connection takes that has echoed one message and is idle, with the
/// bare channel at the other end: a program, because it is counted and not timed. Run it with `java
/// -cp`, see `docs/benchmarks.md`.
public final class IdleConnectionMemory {
    private static final int CONNECTIONS = 2_000;

    private static final byte[] LINE = "line\n".getBytes(StandardCharsets.US_ASCII);

    private IdleConnectionMemory() {}

    /// Starts one kind of server.
    @FunctionalInterface
    private interface Start {
        Server start() throws IOException;
    }

    /// Prints bytes of heap for each connection.
    ///
    /// @param args none
    public static void main(String[] args) {
        for (var round = 1; round <= 2; round++) { // the first loads classes
            measure("protocol", () -> Net.createServer(Echo::new, EchoPath.loopback()));
            measure(
                    "stream and task",
                    () ->
                            Streams.startServer(
                                    (reader, writer) -> {
                                        for (var line : reader.lines()) {
                                            writer.write(line);
                                        }
                                    },
                                    EchoPath.loopback()));
        }
    }

    private static final class Echo implements StreamingProtocol {
        private @Nullable Transport transport;

        @Override
        public void connectionMade(Transport made) {
            transport = made;
        }

        @Override
        public void dataReceived(ByteBuf data) {
            if (transport != null) {
                transport.write(data.retain());
            }
        }
    }

    private static void measure(String what, Start start) {
        try (var loop = SelectorEventLoop.builder().engine("mounted").build()) {
            loop.runUntilComplete(() -> {
                var server = start.start();
                closeAll(exchange(server.addresses().getFirst(), 10));
                var before = usedHeap();
                var open = exchange(server.addresses().getFirst(), CONNECTIONS);
                var bytes = (usedHeap() - before) / CONNECTIONS;
                System.out.printf(
                        Locale.ROOT,
                        "%-20s %5d bytes of heap each, with a bare channel at the other end%n",
                        what,
                        bytes);
                closeAll(open);
                server.close();
                server.waitClosed();
            });
        }
    }

    private static void closeAll(List<SocketChannel> channels) throws IOException {
        for (var channel : channels) {
            channel.close();
        }
    }

    /// Connects foreign clients, each of which sends a line and reads it again.
    private static List<SocketChannel> exchange(SocketAddress server, int count)
            throws IOException {
        var open = new ArrayList<SocketChannel>();
        var line = ByteBuffer.allocateDirect(LINE.length);
        for (var number = 0; number < count; number++) {
            var channel = SocketChannel.open(server);
            open.add(channel);
            channel.write(line.clear().put(LINE).flip());
            channel.configureBlocking(false);
            line.clear();
            while (line.hasRemaining()) {
                if (channel.read(line) == 0) {
                    Async.yieldNow();
                }
            }
        }
        return open;
    }

    private static long usedHeap() {
        var memory = ManagementFactory.getMemoryMXBean();
        for (var i = 0; i < 3; i++) {
            memory.gc();
        }
        return memory.getHeapMemoryUsage().getUsed();
    }
}

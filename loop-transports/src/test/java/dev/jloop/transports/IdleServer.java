package dev.jloop.transports;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.jloop.core.Async;
import dev.jloop.core.EventLoop;
import dev.jloop.core.LoopFuture;

import io.netty.buffer.ByteBuf;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.util.Scanner;

/// An echo server that tells how much heap its connections take when it is told `heap` on standard
/// input. Ends on `exit`.
public final class IdleServer {
    private final EventLoop loop = EventLoop.current();
    private final LoopFuture<Void> exit = loop.createFuture();
    private int connections;

    /// Runs until it is told `exit`.
    ///
    /// @param arguments none
    public static void main(String[] arguments) {
        Async.run(() -> new IdleServer().serve());
    }

    private void serve() throws IOException {
        var options = ListenOptions.DEFAULTS.withBacklog(1000);
        var server = Net.createServer(Echo::new, ServerFixture.ANY_PORT, options);
        IO.println("port " + ((InetSocketAddress) server.addresses().getFirst()).getPort());
        Thread.ofPlatform().daemon().start(this::readCommands);
        exit.await();
        ServerFixture.end(server);
    }

    private void readCommands() {
        try (var commands = new Scanner(System.in, UTF_8)) {
            while (commands.hasNextLine()) {
                switch (commands.nextLine()) {
                    case "heap" -> tellHeap();
                    default -> loop.execute(() -> exit.setResult(null));
                }
            }
        }
    }

    private void tellHeap() {
        var memory = ManagementFactory.getMemoryMXBean();
        for (var round = 0; round < 3; round++) {
            memory.gc();
        }
        var used = memory.getHeapMemoryUsage().getUsed();
        loop.execute(() -> {
            IO.println("connections " + connections);
            IO.println("heap " + used);
        });
    }

    private final class Echo implements StreamingProtocol {
        private Transport transport;

        @Override
        public void connectionMade(Transport made) {
            transport = made;
            connections++;
        }

        @Override
        public void dataReceived(ByteBuf data) {
            transport.write(data.retain());
        }

        @Override
        public void connectionLost(Throwable cause) {
            connections--;
        }
    }
}

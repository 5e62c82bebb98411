package dev.jloop.netty;

import dev.jloop.core.Async;
import dev.jloop.transports.Server;

import io.netty.channel.ChannelPipeline;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/// Servers on the loopback address, for one test each.
final class Servers {
    private Servers() {}

    static InetSocketAddress loopback() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    static Server start(Consumer<ChannelPipeline> initializer, NettyHandler handler)
            throws IOException {
        return NettyServer.start(initializer, handler, loopback());
    }

    static SocketAddress address(Server server) {
        return server.addresses().getFirst();
    }

    /// Suspends until something is so; a test that waits in vain is ended by its safety net.
    static void until(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            Async.yieldNow();
        }
    }

    /// Suspends for so many turns of the loop that what is on its way has arrived.
    static void settle() {
        for (var turn = 0; turn < 200; turn++) {
            Async.yieldNow();
        }
    }

    static void stop(Server server) {
        server.close();
        server.waitClosed();
    }
}

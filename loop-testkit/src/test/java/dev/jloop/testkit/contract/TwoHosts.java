package dev.jloop.testkit.contract;

import dev.jloop.core.EventLoop;
import dev.jloop.testkit.SimHost;
import dev.jloop.testkit.SimulatedNetwork;
import dev.jloop.testkit.VirtualTimeLoop;
import dev.jloop.transports.Server;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.stream.LongStream;

/// A simulated network of a host that serves and a host that connects.
final class TwoHosts {
    /// Where a server listens on its host.
    static final SocketAddress ANY_PORT = new InetSocketAddress("0.0.0.0", 0);

    private TwoHosts() {}

    /// {@return seeds for every build}
    static LongStream someSeeds() {
        return LongStream.rangeClosed(1, 5);
    }

    /// {@return seeds for what takes longer}
    static LongStream fewSeeds() {
        return LongStream.rangeClosed(1, 2);
    }

    /// {@return seeds for every night}
    static LongStream manySeeds() {
        return LongStream.rangeClosed(1, 100);
    }

    /// {@return a loop whose network has a latency, and gives what is written in one piece}
    static EventLoop calm() {
        var loop = VirtualTimeLoop.create();
        SimulatedNetwork.on(loop).setLatency(Duration.ofMillis(20));
        return loop;
    }

    /// {@return a loop whose network cuts streams into pieces that overtake one another, and whose
    /// windows are of a size by the seed, from 1 KiB on}
    static EventLoop rough(long seed) {
        var loop = VirtualTimeLoop.seeded(seed);
        var random = new Random(seed);
        var network = SimulatedNetwork.on(loop);
        network.setLatency(Duration.ofMillis(1 + random.nextInt(20)));
        network.setJitter(Duration.ofMillis(random.nextInt(10)));
        network.setWindow(1024 << random.nextInt(7));
        return loop;
    }

    static <T> T onServer(Callable<T> body) {
        return host("server").createTask(body).await();
    }

    static <T> T onClient(Callable<T> body) {
        return host("client").createTask(body).await();
    }

    private static SimHost host(String name) {
        return SimulatedNetwork.on((VirtualTimeLoop) EventLoop.current()).host(name);
    }

    /// {@return how the host that connects reaches a server}
    static SocketAddress reach(SocketAddress listening) {
        return new InetSocketAddress(
                host("server").addresses().getFirst(), ((InetSocketAddress) listening).getPort());
    }

    static SocketAddress reach(Server server) {
        return reach(server.addresses().getFirst());
    }
}

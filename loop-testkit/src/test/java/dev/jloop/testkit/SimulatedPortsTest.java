package dev.jloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jloop.core.Async;
import dev.jloop.streams.StreamOptions;
import dev.jloop.streams.Streams;
import dev.jloop.transports.Key;
import dev.jloop.transports.ListenOptions;
import dev.jloop.transports.Server;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/// Who may listen where on a simulated host.
@Timeout(60)
class SimulatedPortsTest {
    private static final StreamOptions SHARED =
            StreamOptions.DEFAULTS.withListen(ListenOptions.DEFAULTS.withReusePort(true));

    private final Map<String, Integer> accepted = new TreeMap<>();

    private Server serve(SimHost host, String name, String address, StreamOptions options) {
        return host.createTask(() ->
                        Streams.startServer(
                                (reader, _) -> {
                                    accepted.merge(name, 1, Integer::sum);
                                    reader.readAll();
                                },
                                address,
                                80,
                                options))
                .await();
    }

    private static void connect(SimulatedNetwork network, int count) {
        network.host("client")
                .createTask(() -> {
                    for (var each = 0; each < count; each++) {
                        Streams.openConnection("server", 80).close();
                    }
                    Async.sleep(Duration.ofSeconds(1));
                })
                .await();
    }

    private static void end(Server server) {
        server.close();
        server.waitClosed();
    }

    @LoopTest
    void serversThatShareAPortShareTheConnections(SimulatedNetwork network) {
        var host = network.host("server");
        var servers =
                List.of("a", "b", "c").stream()
                        .map(name -> serve(host, name, "0.0.0.0", SHARED))
                        .toList();
        connect(network, 30);
        assertThat(accepted.keySet()).containsExactly("a", "b", "c");
        assertThat(accepted.values()).allMatch(count -> count >= 5);
        assertThat(accepted.values().stream().mapToInt(Integer::intValue).sum()).isEqualTo(30);
        end(servers.getFirst());
        accepted.clear();
        connect(network, 10);
        assertThat(accepted.keySet()).containsExactly("b", "c");
        servers.forEach(SimulatedPortsTest::end);
    }

    @LoopTest
    void aPortIsSharedOnlyWhereBothWantTo(SimulatedNetwork network) {
        var host = network.host("server");
        var shared = serve(host, "a", "0.0.0.0", SHARED);
        assertInUse(host, "0.0.0.0", StreamOptions.DEFAULTS);
        end(shared);
        var alone = serve(host, "a", "0.0.0.0", StreamOptions.DEFAULTS);
        assertInUse(host, "0.0.0.0", SHARED);
        assertInUse(host, "10.0.0.2", SHARED);
        assertInUse(host, "::", StreamOptions.DEFAULTS);
        end(alone);
    }

    private void assertInUse(SimHost host, String address, StreamOptions options) {
        assertThatThrownBy(() -> serve(host, "b", address, options))
                .hasCauseInstanceOf(BindException.class)
                .hasMessageContaining("Address already in use");
    }

    /// {@return what happens to whoever connects to a wildcard address, and who answers then}
    private static List<String> throughWildcards() throws IOException {
        var seen = new ArrayList<String>();
        for (var bound : List.of("127.0.0.1", "0.0.0.0", "::")) {
            for (var target : List.of("0.0.0.0", "::", "::1", "127.0.0.1")) {
                var server = Streams.startServer((reader, _) -> reader.readAll(), bound, 0);
                var port = ((InetSocketAddress) server.addresses().getFirst()).getPort();
                var what = target + " where a server is on " + bound + ": ";
                try (var stream = Streams.openConnection(target, port)) {
                    var peer = (InetSocketAddress) stream.writer().extra(Key.PEER_ADDRESS);
                    seen.add(what + Objects.requireNonNull(peer).getAddress().getHostAddress());
                } catch (ConnectException refused) {
                    seen.add(what + "refused");
                }
                end(server);
            }
        }
        return seen;
    }

    @Test
    void whoeverConnectsToAWildcardReachesTheHostItselfAsOnRealSockets() throws IOException {
        assumeTrue(hasLoopbackOfBothFamilies());
        var real = Async.run(SimulatedPortsTest::throughWildcards);
        try (var loop = VirtualTimeLoop.create()) {
            var _ = SimulatedNetwork.on(loop);
            assertThat(loop.runUntilComplete(SimulatedPortsTest::throughWildcards))
                    .containsExactlyElementsOf(real);
        }
    }

    private static boolean hasLoopbackOfBothFamilies() throws IOException {
        var loopback = NetworkInterface.getByInetAddress(InetAddress.ofLiteral("127.0.0.1"));
        return loopback != null
                && loopback.inetAddresses().anyMatch(InetAddress.ofLiteral("::1")::equals);
    }

    @LoopTest
    void aServerOnAllInterfacesIsReachedByBothFamilies(SimulatedNetwork network)
            throws IOException {
        var host = network.host("server");
        host.addAddress(InetAddress.ofLiteral("fd00::2"));
        network.host("client").addAddress(InetAddress.ofLiteral("fd00::3"));
        var reached = new ArrayList<String>();
        for (var wildcard : List.of("", "0.0.0.0", "::")) {
            var server = serve(host, wildcard, wildcard, StreamOptions.DEFAULTS);
            for (var address : host.addresses()) {
                network.host("client")
                        .createTask(
                                () -> Streams.openConnection(address.getHostAddress(), 80).close())
                        .await();
                reached.add(address.getHostAddress());
            }
            Async.sleep(Duration.ofSeconds(1));
            end(server);
        }
        assertThat(reached).hasSize(6);
        assertThat(accepted.values()).containsExactly(2, 2, 2);
    }
}

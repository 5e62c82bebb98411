package dev.jloop.transports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.ServerSocketChannel;
import java.util.ArrayList;
import java.util.List;

/// A resolver of one's own, with the sockets of this machine.
@ExtendWith(LeakCheck.class)
class ResolverTest {
    private static final InetAddress V6 = InetAddress.ofLiteral("::1");
    private static final InetAddress V4 = InetAddress.ofLiteral("127.0.0.1");

    private static boolean hasVersion6() {
        try (var _ = ServerSocketChannel.open().bind(new InetSocketAddress(V6, 0))) {
            return true;
        } catch (IOException none) {
            return false;
        }
    }

    private static int portOf(Server server) {
        return ((InetSocketAddress) server.addresses().getFirst()).getPort();
    }

    /// Connects to `localhost` with both versions, while a server listens on one of them.
    private static void assertConnectsTo(InetAddress served) {
        assumeTrue(hasVersion6(), "needs an address of version 6");
        TestRun.onSockets(run -> {
            run.loop.provideService(Resolver.class, _ -> List.of(V6, V4));
            var server = Net.createServer(RecordingProtocol::new, new InetSocketAddress(served, 0));
            var client = Net.createConnection(RecordingProtocol::new, "localhost", portOf(server));
            assertThat(client.transport().extra(Key.PEER_ADDRESS))
                    .isEqualTo(new InetSocketAddress(served, portOf(server)));
            client.transport().close();
            server.close();
            server.waitClosed();
        });
    }

    @Test
    void localhostIsReachedByTheVersionThatIsServed() {
        assertConnectsTo(V6);
        assertConnectsTo(V4);
    }

    @Test
    void aRefusalByBothVersionsNamesBoth() {
        assumeTrue(hasVersion6(), "needs an address of version 6");
        TestRun.onSockets(run -> {
            run.loop.provideService(Resolver.class, _ -> List.of(V6, V4));
            int port;
            try (var unused = ServerSocketChannel.open().bind(new InetSocketAddress(V4, 0))) {
                port = ((InetSocketAddress) unused.getLocalAddress()).getPort();
            }
            assertThatThrownBy(
                            () -> Net.createConnection(RecordingProtocol::new, "localhost", port))
                    .isInstanceOf(ConnectException.class)
                    .hasMessage(
                            "cannot connect to localhost:%d ([0:0:0:0:0:0:0:1]:%d, 127.0.0.1:%d):"
                                            .formatted(port, port, port)
                                    + " Connection refused; is a server listening there?");
        });
    }

    @Test
    void onlyTheVersionOfTheLocalAddressIsTried() {
        assumeTrue(hasVersion6(), "needs an address of version 6");
        TestRun.onSockets(run -> {
            run.loop.provideService(Resolver.class, _ -> List.of(V6, V4));
            var server = Net.createServer(RecordingProtocol::new, new InetSocketAddress(V4, 0));
            for (var local : List.of(V4, InetAddress.ofLiteral("0.0.0.0"))) {
                var options =
                        ConnectOptions.DEFAULTS.withLocalAddress(new InetSocketAddress(local, 0));
                var client =
                        Net.createConnection(
                                RecordingProtocol::new, "localhost", portOf(server), options);
                assertThat(client.transport().extra(Key.PEER_ADDRESS))
                        .isEqualTo(new InetSocketAddress(V4, portOf(server)));
                client.transport().close();
            }
            var foreign = ConnectOptions.DEFAULTS.withLocalAddress(new InetSocketAddress(V6, 0));
            assertThatThrownBy(() ->
                            Net.createConnection(
                                    RecordingProtocol::new, "127.0.0.1", portOf(server), foreign))
                    .hasMessageContaining("of another family than 127.0.0.1:" + portOf(server));
            server.close();
            server.waitClosed();
        });
    }

    @Test
    void literalAddressesBypassIt() {
        TestRun.onSockets(run -> {
            var asked = new ArrayList<String>();
            run.loop.provideService(
                    Resolver.class,
                    host -> {
                        asked.add(host);
                        return List.of(V4);
                    });
            var server =
                    Net.createServer(
                            RecordingProtocol::new,
                            List.of("server.test"),
                            0,
                            ListenOptions.DEFAULTS);
            for (var host : List.of("127.0.0.1", "server.test")) {
                Net.createConnection(RecordingProtocol::new, host, portOf(server))
                        .transport()
                        .close();
            }
            assertThat(asked).containsExactly("server.test", "server.test");
            server.close();
            server.waitClosed();
        });
    }

    @Test
    void noAddressAtAllIsAnUnknownHost() {
        TestRun.onSockets(run -> {
            run.loop.provideService(Resolver.class, _ -> List.of());
            var message = "cannot resolve host 'empty.test': the resolver gave no address";
            assertThatThrownBy(() -> Net.createConnection(RecordingProtocol::new, "empty.test", 80))
                    .isInstanceOf(UnknownHostException.class)
                    .hasMessage(message);
            assertThatThrownBy(() ->
                            Net.createServer(
                                    RecordingProtocol::new,
                                    List.of("empty.test"),
                                    0,
                                    ListenOptions.DEFAULTS))
                    .hasMessageContaining(message);
            assertThatThrownBy(() ->
                            Net.createDatagramEndpoint(
                                    RecordingDatagrams::new,
                                    null,
                                    InetSocketAddress.createUnresolved("empty.test", 80)))
                    .isInstanceOf(UnknownHostException.class)
                    .hasMessage(message);
        });
    }

    @Test
    void oneThatFindsAddressesOnlySaysSo() {
        Resolver resolver = _ -> List.of(V4);
        assertThatThrownBy(() -> resolver.nameOf(V4))
                .isInstanceOf(UnknownHostException.class)
                .hasMessageContaining("cannot find the name of 127.0.0.1");
    }

    @Test
    void itIsClosedWithItsLoop() {
        var closed = new ArrayList<String>();
        final class Closable implements Resolver, AutoCloseable {
            @Override
            public List<InetAddress> resolve(String host) {
                return List.of(V4);
            }

            @Override
            public void close() {
                closed.add("closed");
            }
        }
        TestRun.onSockets(run -> run.loop.provideService(Resolver.class, new Closable()));
        assertThat(closed).containsExactly("closed");
    }
}

package dev.jloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.jloop.core.Async;
import dev.jloop.core.AsyncRunnable;
import dev.jloop.transports.DatagramEndpoint;
import dev.jloop.transports.DatagramOptions;
import dev.jloop.transports.DatagramProtocol;
import dev.jloop.transports.DatagramTransport;
import dev.jloop.transports.Net;

import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

@Timeout(60)
class SimulatedDatagramsTest {
    private final VirtualTimeLoop loop = VirtualTimeLoop.create();
    private final SimulatedNetwork network = SimulatedNetwork.on(loop);
    private final SimHost server = network.host("server");
    private final SimHost client = network.host("client");
    private final List<String> reports = new ArrayList<>();

    @AfterEach
    void close() {
        loop.close();
    }

    private final class Received implements DatagramProtocol {
        final List<String> events = new ArrayList<>();
        final List<@Nullable String> errors = new ArrayList<>();

        @Override
        public void connectionMade(DatagramTransport transport) {}

        @Override
        public void datagramReceived(ByteBuf data, SocketAddress sender) {
            events.add(data.toString(US_ASCII) + " at " + loop.time() / 1_000_000);
        }

        @Override
        public void errorReceived(IOException error) {
            events.add(error.getClass() + " at " + loop.time() / 1_000_000);
            errors.add(error.getMessage());
        }

        @Override
        public void connectionLost(@Nullable Throwable cause) {}
    }

    private final Received received = new Received();

    private void send(AsyncRunnable body, String... texts) {
        loop.setExceptionHandler((_, report) -> reports.add(report.toString()));
        network.setLatency(Duration.ofMillis(10));
        loop.runUntilComplete(
                client.createTask(() -> {
                    var there = bind(server, received, 53);
                    var here = bind(client, new Received(), 0);
                    body.run();
                    for (var text : texts) {
                        here.transport().sendTo(bytes(text), at(server, 53));
                    }
                    Async.sleep(Duration.ofSeconds(1));
                    there.transport().close();
                    here.transport().close();
                }));
        assertThat(reports).isEmpty();
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(US_ASCII));
    }

    private static InetSocketAddress at(SimHost host, int port) {
        return new InetSocketAddress(host.addresses().getFirst(), port);
    }

    private static DatagramEndpoint<Received> bind(SimHost host, Received protocol, int port) {
        return host.createTask(() ->
                        Net.createDatagramEndpoint(
                                () -> protocol,
                                new InetSocketAddress(InetAddress.ofLiteral("0.0.0.0"), port),
                                null,
                                DatagramOptions.DEFAULTS))
                .await();
    }

    @Test
    void datagramsArriveAfterTheLatency() {
        send(() -> {}, "a", "b");
        assertThat(received.events).containsExactly("a at 10", "b at 10");
    }

    @Test
    void allAreLostWithProbabilityOneAndSomeWithLess() {
        send(() -> network.setDatagramLoss(1), "a", "b");
        assertThat(received.events).isEmpty();
        var many = new String[1000];
        java.util.Arrays.fill(many, "x");
        send(() -> network.setDatagramLoss(0.25), many);
        assertThat(received.events).hasSizeBetween(650, 850);
    }

    @Test
    void allAreRepeatedWithProbabilityOne() {
        send(() -> network.setDatagramDuplication(1), "a", "b");
        assertThat(received.events).containsExactly("a at 10", "a at 10", "b at 10", "b at 10");
    }

    @Test
    void someAreOvertakenByLaterOnes() {
        send(
                () -> network.setDatagramReordering(0.5, Duration.ofMillis(5)),
                "a",
                "b",
                "c",
                "d",
                "e",
                "f",
                "g",
                "h");
        assertThat(received.events)
                .hasSize(8)
                .isNotEqualTo(received.events.stream().sorted().toList());
        assertThat(received.events).allMatch(event -> event.matches(". at 1[05]"));
    }

    @Test
    void aPartitionDropsThemAndAHoldKeepsThem() {
        send(() -> network.partition("client", "server"), "a");
        network.repair("client", "server");
        assertThat(received.events).isEmpty();
        send(
                () -> {
                    network.hold("client", "server");
                    var _ =
                            loop.callLater(
                                    Duration.ofMillis(500),
                                    () -> network.release("client", "server"));
                },
                "b",
                "c");
        assertThat(received.events).containsExactly("b at 1500", "c at 1500");
    }

    @Test
    void whoeverIsConnectedLearnsThatNobodyReceives() {
        var errors = new Received();
        network.setLatency(Duration.ofMillis(10));
        loop.runUntilComplete(
                client.createTask(() -> {
                    var here =
                            Net.createDatagramEndpoint(
                                    () -> errors, null, at(server, 53), DatagramOptions.DEFAULTS);
                    here.transport().send(bytes("a"));
                    Async.sleep(Duration.ofSeconds(1));
                    here.transport().close();
                }));
        assertThat(errors.events).containsExactly(PortUnreachableException.class + " at 20");
    }

    @Test
    void aPortOfAnotherEndpointIsInUse() {
        send(() ->
                assertThatThrownBy(() -> bind(server, new Received(), 53))
                        .hasRootCauseInstanceOf(BindException.class)
                        .hasRootCauseMessage("Address already in use"));
    }

    private static DatagramEndpoint<Received> bind(
            SimHost host, Received protocol, InetSocketAddress local, DatagramOptions options) {
        return host.createTask(
                        () -> Net.createDatagramEndpoint(() -> protocol, local, null, options))
                .await();
    }

    @Test
    void anAddressThatIsNobodysIsRefusedFromEveryEndpoint() {
        var nobody = new InetSocketAddress("10.9.9.9", 53);
        loop.runUntilComplete(() -> {
            for (var local : List.of(new InetSocketAddress("0.0.0.0", 0), at(client, 0))) {
                var protocol = new Received();
                var endpoint = bind(client, protocol, local, DatagramOptions.DEFAULTS);
                endpoint.transport().sendTo(bytes("x"), nobody);
                Async.sleep(Duration.ofMillis(1));
                assertThat(protocol.errors)
                        .singleElement()
                        .asString()
                        .contains("10.9.9.9:53: No route to host");
                endpoint.transport().close();
                assertThatThrownBy(() ->
                                client.createTask(() ->
                                                Net.createDatagramEndpoint(
                                                        Received::new,
                                                        local,
                                                        nobody,
                                                        DatagramOptions.DEFAULTS))
                                        .await())
                        .hasStackTraceContaining("No route to host");
            }
        });
    }

    /// Sends so many datagrams of a size to an endpoint that does not read until they are there.
    private int arriveOf(int count, int size, int bufferSize) {
        var protocol = new Received();
        loop.runUntilComplete(() -> {
            var there =
                    bind(
                            server,
                            protocol,
                            new InetSocketAddress("0.0.0.0", 53),
                            DatagramOptions.DEFAULTS.withReceiveBufferSize(bufferSize));
            var here = bind(client, new Received(), 0);
            for (var sent = 0; sent < count; sent++) {
                here.transport().sendTo(ByteBuffer.allocate(size), at(server, 53));
            }
            Async.sleep(Duration.ofSeconds(1));
            there.transport().close();
            here.transport().close();
        });
        return protocol.events.size();
    }

    @Test
    void aReceiveBufferIsFilledByEmptyDatagramsTooAndTakesOneOfAnySize() {
        assertThat(arriveOf(100, 0, 10_000)).isBetween(10, 50);
        assertThat(arriveOf(100, 1000, 10_000)).isEqualTo(10);
        assertThat(arriveOf(3, 1000, 10)).isEqualTo(1);
    }

    @Test
    void aDatagramThatIsTooLongIsRefusedWithBothSizes() {
        loop.runUntilComplete(() -> {
            var protocol = new Received();
            var here = bind(client, protocol, at(client, 0), DatagramOptions.DEFAULTS);
            here.transport().sendTo(ByteBuffer.allocate(65_507), at(client, 53));
            here.transport().sendTo(ByteBuffer.allocate(65_508), at(client, 53));
            Async.sleep(Duration.ofMillis(1));
            assertThat(protocol.errors)
                    .singleElement()
                    .asString()
                    .contains("65508 bytes", "Message too long", "65,507");
            here.transport().close();
        });
    }

    @Test
    void broadcastReachesEveryEndpointThatSharesThePort() {
        loop.runUntilComplete(() -> {
            var shared = DatagramOptions.DEFAULTS.withReusePort(true);
            var any = new InetSocketAddress("0.0.0.0", 53);
            var one = new Received();
            var other = new Received();
            var endpoints =
                    List.of(bind(server, one, any, shared), bind(server, other, any, shared));
            var here =
                    bind(
                            client,
                            new Received(),
                            new InetSocketAddress("0.0.0.0", 0),
                            DatagramOptions.DEFAULTS.withBroadcast(true));
            here.transport().sendTo(bytes("all"), new InetSocketAddress("255.255.255.255", 53));
            here.transport().sendTo(bytes("one"), at(server, 53));
            Async.sleep(Duration.ofSeconds(1));
            assertThat(one.events.size() + other.events.size()).isEqualTo(3);
            assertThat(one.events).contains("all at 1");
            assertThat(other.events).contains("all at 1");
            endpoints.forEach(each -> each.transport().close());
            here.transport().close();
        });
    }

    @Test
    void broadcastReachesEveryHost() {
        loop.runUntilComplete(
                client.createTask(() -> {
                    var there = bind(server, received, 53);
                    var here =
                            Net.createDatagramEndpoint(
                                    () -> new Received(),
                                    new InetSocketAddress(InetAddress.ofLiteral("0.0.0.0"), 0),
                                    null,
                                    DatagramOptions.DEFAULTS.withBroadcast(true));
                    here.transport()
                            .sendTo(
                                    bytes("all"),
                                    new InetSocketAddress(
                                            InetAddress.ofLiteral("255.255.255.255"), 53));
                    Async.sleep(Duration.ofSeconds(1));
                    there.transport().close();
                    here.transport().close();
                }));
        assertThat(received.events).containsExactly("all at 1");
    }
}

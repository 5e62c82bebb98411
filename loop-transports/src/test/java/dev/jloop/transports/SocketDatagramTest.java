package dev.jloop.transports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jloop.core.EventLoop;
import dev.jloop.core.SelectorEventLoop;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.BindException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.NetworkChannel;
import java.util.Objects;

/// Datagrams over the loopback interface.
class SocketDatagramTest extends DatagramContract {
    @Override
    EventLoop newLoop() {
        return SelectorEventLoop.builder().build();
    }

    @Override
    Network newNetwork(EventLoop loop) {
        return new SocketNetwork(loop);
    }

    @Override
    InetSocketAddress unused() throws IOException {
        return unusedAddress();
    }

    static InetSocketAddress unusedAddress() throws IOException {
        try (var closed = new DatagramSocket(ANY_PORT)) {
            return (InetSocketAddress) closed.getLocalSocketAddress();
        }
    }

    private static NetworkChannel channel(RecordingDatagrams protocol) {
        return Objects.requireNonNull(protocol.transport.extra(Key.CHANNEL));
    }

    @Test
    void theOptionsReachTheSocket() {
        onNetwork((_, _) -> {
            var options =
                    DatagramOptions.DEFAULTS
                            .withBroadcast(true)
                            .withReusePort(true)
                            .withReceiveBufferSize(20_000)
                            .withSendBufferSize(30_000)
                            .withMulticastInterface(loopback())
                            .withMulticastTtl(3)
                            .withMulticastLoopback(false);
            var first = open(ANY_PORT, null, options);
            var second = open(first.address(), null, options);
            var channel = channel(second);
            assertThat(channel.getOption(StandardSocketOptions.SO_BROADCAST)).isTrue();
            assertThat(channel.getOption(StandardSocketOptions.SO_REUSEPORT)).isTrue();
            assertThat(channel.getOption(StandardSocketOptions.SO_RCVBUF))
                    .isBetween(20_000, 40_000);
            assertThat(channel.getOption(StandardSocketOptions.SO_SNDBUF))
                    .isBetween(30_000, 60_000);
            assertThat(channel.getOption(StandardSocketOptions.IP_MULTICAST_IF))
                    .isEqualTo(loopback());
            assertThat(channel.getOption(StandardSocketOptions.IP_MULTICAST_TTL)).isEqualTo(3);
            assertThat(channel.getOption(StandardSocketOptions.IP_MULTICAST_LOOP)).isFalse();
            endAll(first, second);
        });
    }

    @Test
    void anEmptyDatagramOfAConnectedSocketDoesNotLeaveThePortShared() {
        withPair((_, _, pair) -> {
            for (var round = 1; round <= 20; round++) {
                pair.send("");
                pair.server().transport.sendTo(buffer("meanwhile"), pair.client().address());
                pair.server().awaitCount(round);
                pair.client().awaitCount(round);
            }
            assertThat(pair.server().senders).containsOnly(pair.client().address());
            assertThat(channel(pair.client()).getOption(StandardSocketOptions.SO_REUSEPORT))
                    .isFalse();
            assertThatThrownBy(() ->
                            open(
                                    pair.client().address(),
                                    null,
                                    DatagramOptions.DEFAULTS.withReusePort(true)))
                    .isInstanceOf(BindException.class);
        });
    }

    @Test
    void aSocketThatWasMadeElsewhereIsTakenOver() {
        onNetwork((_, _) -> {
            var peer = open(ANY_PORT, null);
            var channel = DatagramChannel.open().bind(ANY_PORT).connect(peer.address());
            var taken = Net.createDatagramEndpoint(RecordingDatagrams::new, channel).protocol();
            taken.transport.send(buffer("hello"));
            peer.awaitCount(1);
            peer.transport.sendTo(buffer("and back"), taken.address());
            taken.awaitCount(1);
            assertThat(taken.received).containsExactly("and back");
            assertThatThrownBy(() -> Net.createDatagramEndpoint(RecordingDatagrams::new, channel))
                    .isInstanceOf(IllegalStateException.class);
            endAll(peer, taken);
            assertThat(channel.isOpen()).isFalse();
        });
    }

    @Test
    void aSocketThatIsNotBoundOrClosedIsRefusedAndLeftAlone() throws IOException {
        var unbound = DatagramChannel.open();
        try (unbound) {
            onNetwork((_, _) ->
                    assertThatThrownBy(() ->
                                    Net.createDatagramEndpoint(RecordingDatagrams::new, unbound))
                            .isInstanceOf(IllegalArgumentException.class)
                            .hasMessageContaining("bind it first"));
            assertThat(unbound.isOpen()).isTrue();
        }
        onNetwork((_, _) ->
                assertThatThrownBy(
                                () -> Net.createDatagramEndpoint(RecordingDatagrams::new, unbound))
                        .isInstanceOf(IllegalArgumentException.class));
    }

    @Test
    void anEmptyDatagramToNobodyIsToldToo() {
        onNetwork((_, _) -> {
            var client = open(null, unused());
            client.transport.send(buffer(""));
            client.awaitErrors(1);
            assertThat(client.errors.getFirst()).isInstanceOf(PortUnreachableException.class);
            endAll(client);
        });
    }

    @Test
    void wrongOptionsAreRefusedWithTheirValues() {
        var defaults = DatagramOptions.DEFAULTS;
        assertThatThrownBy(() -> defaults.withLargestReceived(65_536))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("largestReceived must be between 1 and 65535, was 65536");
        assertThatThrownBy(() -> defaults.withQueueBound(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("queueBound must be at least 1 byte, was 0");
        assertThatThrownBy(() -> defaults.withReceiveBufferSize(-1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> defaults.withSendBufferSize(0))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> defaults.withMulticastTtl(256))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("multicastTtl must be between 0 and 255, was 256");
    }

    @Test
    void theChannelIsShownForItsOptionsOnly() {
        withPair((_, _, pair) ->
                assertThatThrownBy(() -> channel(pair.server()).close())
                        .isInstanceOf(UnsupportedOperationException.class)
                        .hasMessageContaining("close the transport"));
    }

    @Test
    void addressesOfVersion6Work() throws IOException {
        var six = new InetSocketAddress(InetAddress.ofLiteral("::1"), 0);
        try (var probe = DatagramChannel.open()) {
            probe.bind(six);
        } catch (IOException | UnsupportedOperationException none) {
            Assumptions.abort("skipped: this machine has no IPv6 (" + none.getMessage() + ")");
        }
        onNetwork((_, _) -> {
            var server = open(six, null);
            server.onData = (data, sender) -> server.transport.sendTo(data.retain(), sender);
            var client = open(null, server.address());
            client.transport.send(buffer("six"));
            client.awaitCount(1);
            assertThat(client.senders).containsExactly(server.address());
            assertThatThrownBy(() ->
                            server.transport.sendTo(
                                    buffer("x"), new InetSocketAddress(LOCALHOST, 9)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("this endpoint is on [0:0:0:0:0:0:0:1]:");
            endAll(server, client);
        });
    }

    @Test
    void theWildcardAddressServesBothVersions() {
        onNetwork((_, _) -> {
            var server = open(new InetSocketAddress(0), null);
            server.onData = (data, sender) -> server.transport.sendTo(data.retain(), sender);
            var port = server.address().getPort();
            var four = open(null, new InetSocketAddress(LOCALHOST, port));
            four.transport.send(buffer("four"));
            four.awaitCount(1);
            assertThat(four.received).containsExactly("four");
            assertThat(server.senders).containsExactly(four.address());
            endAll(server, four);
        });
    }

    @Test
    void aGroupIsHeardFromOneSourceOnly() {
        onNetwork((_, _) -> {
            var group = InetAddress.ofLiteral("232.1.2.3");
            var member = open(new InetSocketAddress(0), null);
            var to = new InetSocketAddress(group, member.address().getPort());
            var options = DatagramOptions.DEFAULTS.withMulticastInterface(loopback());
            var sender = open(ANY_PORT, null, options);
            var other = open(new InetSocketAddress("127.0.0.2", 0), null, options);
            var membership = member.transport.joinGroup(group, loopback(), LOCALHOST);
            assertThatThrownBy(() -> member.transport.joinGroup(group, loopback()))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining(
                            "is in group 232.1.2.3 via lo already, to hear single senders; close"
                                    + " that membership first");
            other.transport.sendTo(buffer("other"), to);
            sender.transport.sendTo(buffer("sender"), to);
            member.awaitCount(1);
            assertThat(member.received).containsExactly("sender");
            membership.close();
            var all = member.transport.joinGroup(group, loopback());
            assertThatThrownBy(() -> member.transport.joinGroup(group, loopback(), LOCALHOST))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("already, to hear all senders; close");
            all.close();
            endAll(member, sender, other);
        });
    }

    @Test
    void theChannelOfAnEndpointIsRefusedElsewhere() throws IOException {
        try (var channel = DatagramChannel.open().bind(ANY_PORT)) {
            channel.configureBlocking(false);
            TestRun.onSockets(run -> {
                var link = new SocketDatagramLink(run.loop, channel);
                link.addReader(() -> {});
                assertThatThrownBy(() -> run.loop.addReader(channel, () -> {}))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("belongs to the endpoint 127.0.0.1:");
                assertThatThrownBy(() -> Sockets.receiveFrom(channel, buffer("space")))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("belongs to the endpoint 127.0.0.1:");
                link.close();
            });
        }
    }

    @Test
    void aBroadcastAddressToConnectToNeedsTheOption() {
        onNetwork((_, _) ->
                assertThatThrownBy(() -> open(null, new InetSocketAddress("127.255.255.255", 9)))
                        .isInstanceOf(BindException.class)
                        .hasMessage(
                                "cannot open a datagram endpoint to 127.255.255.255:9: Permission"
                                        + " denied; if that is a broadcast address, allow it with"
                                        + " DatagramOptions.withBroadcast(true)"));
    }

    @Test
    void anAddressThatIsNotOfThisMachineIsNamed() {
        onNetwork((_, network) -> {
            var foreign = new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), 0);
            assertThatThrownBy(() -> open(foreign, null))
                    .isInstanceOf(BindException.class)
                    .hasMessageContaining("on 192.0.2.1:0")
                    .hasMessageContaining("use a local address of this machine");
            assertThatThrownBy(() ->
                            open(
                                    null,
                                    InetSocketAddress.createUnresolved("no-such-host.invalid", 9)))
                    .isInstanceOf(UnknownHostException.class)
                    .hasMessageContaining("cannot resolve host 'no-such-host.invalid'");
            assertThat(network.hasOpenLinks()).isFalse();
        });
    }
}

package dev.jloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.jloop.core.Async;
import dev.jloop.transports.DatagramOptions;
import dev.jloop.transports.DatagramProtocol;
import dev.jloop.transports.DatagramTransport;
import dev.jloop.transports.Net;

import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Three hosts, of which two are in a group.
@Timeout(60)
class SimulatedMulticastTest {
    private static final InetAddress GROUP = InetAddress.ofLiteral("239.1.2.3");
    private static final int PORT = 5353;
    private static final DatagramOptions SHARED = DatagramOptions.DEFAULTS.withReusePort(true);

    private final List<String> received = new ArrayList<>();
    private final List<DatagramTransport> endpoints = new ArrayList<>();
    private NetworkInterface via;

    SimulatedMulticastTest() throws SocketException {
        via = NetworkInterface.networkInterfaces().findFirst().orElseThrow();
    }

    private final class Member implements DatagramProtocol {
        private final String name;

        Member(String name) {
            this.name = name;
        }

        @Override
        public void connectionMade(DatagramTransport transport) {
            endpoints.add(transport);
        }

        @Override
        public void datagramReceived(ByteBuf data, SocketAddress sender) {
            var from = ((InetSocketAddress) sender).getAddress().getHostAddress();
            received.add(name + " got " + data.toString(US_ASCII) + " from " + from);
        }

        @Override
        public void errorReceived(IOException error) {
            received.add(name + " got " + error);
        }

        @Override
        public void connectionLost(@Nullable Throwable cause) {}
    }

    @BeforeEach
    void inThisOrder(SimulatedNetwork network) {
        for (var name : List.of("one", "two", "three")) {
            var _ = network.host(name);
        }
    }

    @AfterEach
    void closeEndpoints() {
        endpoints.forEach(DatagramTransport::close);
    }

    private DatagramTransport bind(
            SimulatedNetwork network, String host, String address, DatagramOptions options) {
        return network.host(host)
                .createTask(() ->
                        Net.createDatagramEndpoint(
                                        () -> new Member(host),
                                        new InetSocketAddress(InetAddress.ofLiteral(address), PORT),
                                        null,
                                        options)
                                .transport())
                .await();
    }

    private DatagramTransport bind(SimulatedNetwork network, String host) {
        return bind(network, host, "0.0.0.0", SHARED);
    }

    private static void send(DatagramTransport from, String text) {
        from.sendTo(ByteBuffer.wrap(text.getBytes(US_ASCII)), new InetSocketAddress(GROUP, PORT));
        Async.sleep(Duration.ofSeconds(1));
    }

    @LoopTest
    void onlyMembersHearWhatIsSentToTheirGroupAndTheSenderIfItIsOne(SimulatedNetwork network)
            throws IOException {
        var one = bind(network, "one");
        var two = bind(network, "two");
        var three = bind(network, "three");
        one.joinGroup(GROUP, via);
        two.joinGroup(GROUP, via);
        send(three, "a");
        assertThat(received).containsExactly("one got a from 10.0.0.4", "two got a from 10.0.0.4");
        received.clear();
        send(one, "b");
        assertThat(received)
                .containsExactlyInAnyOrder("one got b from 10.0.0.2", "two got b from 10.0.0.2");
    }

    @LoopTest
    void whoeverHasLeftHearsNothing(SimulatedNetwork network) throws IOException {
        var one = bind(network, "one");
        var two = bind(network, "two");
        var membership = one.joinGroup(GROUP, via);
        two.joinGroup(GROUP, via);
        assertThat(membership.isValid()).isTrue();
        membership.close();
        membership.close();
        assertThat(membership.isValid()).isFalse();
        send(one, "a");
        assertThat(received).containsExactly("two got a from 10.0.0.2");
        one.joinGroup(GROUP, via);
        two.close();
        received.clear();
        send(one, "b");
        assertThat(received).containsExactly("one got b from 10.0.0.2");
    }

    @LoopTest
    void aMembershipEndsWithItsEndpoint(SimulatedNetwork network) throws IOException {
        var one = bind(network, "one");
        var membership = one.joinGroup(GROUP, via);
        one.close();
        Async.yieldNow();
        assertThat(membership.isValid()).isFalse();
        membership.close();
    }

    @LoopTest
    void withoutLoopbackTheOwnHostHearsNothingAndWithoutHopsNobodyElse(SimulatedNetwork network)
            throws IOException {
        bind(network, "one").joinGroup(GROUP, via);
        bind(network, "two").joinGroup(GROUP, via);
        send(bind(network, "one", "0.0.0.0", SHARED.withMulticastLoopback(false)), "a");
        assertThat(received).containsExactly("two got a from 10.0.0.2");
        received.clear();
        send(bind(network, "one", "0.0.0.0", SHARED.withMulticastTtl(0)), "b");
        assertThat(received).containsExactly("one got b from 10.0.0.2");
    }

    @LoopTest
    void everyMemberOnAHostHearsAndAMemberMayBindTheGroup(SimulatedNetwork network)
            throws IOException {
        bind(network, "one").joinGroup(GROUP, via);
        bind(network, "one", GROUP.getHostAddress(), SHARED).joinGroup(GROUP, via);
        send(bind(network, "two"), "a");
        assertThat(received).containsExactly("one got a from 10.0.0.3", "one got a from 10.0.0.3");
        received.clear();
        send(endpoints.get(1), "b");
        assertThat(received).hasSize(2).containsOnly("one got b from 10.0.0.2");
    }

    @LoopTest
    void aMemberMayHearSingleSendersOnly(SimulatedNetwork network) throws IOException {
        var one = bind(network, "one");
        one.joinGroup(GROUP, via, InetAddress.ofLiteral("10.0.0.3"));
        send(bind(network, "two"), "a");
        send(bind(network, "three"), "b");
        assertThat(received).containsExactly("one got a from 10.0.0.3");
        assertThatThrownBy(() -> one.joinGroup(GROUP, via, InetAddress.ofLiteral("10.0.0.3")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("already");
        assertThatThrownBy(() -> one.joinGroup(GROUP, via))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("Membership[239.1.2.3 from 10.0.0.3]");
        one.joinGroup(GROUP, via, InetAddress.ofLiteral("10.0.0.4"));
        send(endpoints.getLast(), "c");
        assertThat(received).last().isEqualTo("one got c from 10.0.0.4");
    }

    @LoopTest
    void aHostNeedsAnAddressOfTheFamilyOfTheGroup(SimulatedNetwork network) throws IOException {
        var six = InetAddress.ofLiteral("ff05::1");
        var one = bind(network, "one", "::", SHARED);
        assertThatThrownBy(() -> one.joinGroup(six, via))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("No such device")
                .hasMessageContaining("addAddress");
        network.host("one").addAddress(InetAddress.ofLiteral("fd00::1"));
        one.joinGroup(six, via);
        one.sendTo(ByteBuffer.wrap(new byte[] {'x'}), new InetSocketAddress(six, PORT));
        Async.sleep(Duration.ofSeconds(1));
        assertThat(received).containsExactly("one got x from fd00:0:0:0:0:0:0:1");
    }

    @LoopTest
    void partitionsAndRulesStopItOnEachWayByItself(SimulatedNetwork network) throws IOException {
        bind(network, "one").joinGroup(GROUP, via);
        bind(network, "two").joinGroup(GROUP, via);
        var three = bind(network, "three");
        network.partition("three", "one");
        send(three, "a");
        assertThat(received).containsExactly("two got a from 10.0.0.4");
        network.repair("three", "one");
        received.clear();
        var _ =
                network.addRule(packet ->
                        packet.toHost().equals("two") ? Verdict.drop() : Verdict.undecided());
        send(three, "b");
        assertThat(received).containsExactly("one got b from 10.0.0.4");
    }
}

package dev.jloop.transports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jloop.core.Async;
import dev.jloop.core.EventLoop;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/// Datagrams over a network in memory, on virtual time.
class MemoryDatagramTest extends DatagramContract {
    @Override
    EventLoop newLoop() {
        return VirtualTime.newLoop();
    }

    @Override
    Network newNetwork(EventLoop loop) {
        return new MemoryNetwork(loop);
    }

    @Override
    InetSocketAddress unused() {
        return new InetSocketAddress(LOCALHOST, 7);
    }

    /// Has streams only.
    private static class StreamsOnly implements Network {
        @Override
        public List<InetAddress> resolve(String host) {
            throw new AssertionError("not needed");
        }

        @Override
        public Link connect(SocketAddress remote, SocketAddress local) {
            throw new AssertionError("not needed");
        }

        @Override
        public Listener listen(SocketAddress address, ListenOptions options) {
            throw new AssertionError("not needed");
        }
    }

    private static void failToReceive(CongestibleNetwork network, int times) {
        Stream.generate(() -> new IOException("boom"))
                .limit(times)
                .forEach(network.receiveFailures::add);
    }

    @Test
    void whereReceivingFailsAgainAndAgainItIsTriedEveryTenthOfASecond() {
        withPair((run, network, pair) -> {
            var start = run.loop.time();
            failToReceive(network, 11);
            pair.send("received");
            pair.server().awaitCount(1);
            assertThat(pair.server().errors).hasSize(11);
            assertThat(run.loop.time() - start).isEqualTo(Duration.ofSeconds(1).toNanos());
            failToReceive(network, 1);
            pair.send("at once");
            pair.server().awaitCount(2);
            assertThat(run.loop.time() - start)
                    .as("one failure costs no time")
                    .isEqualTo(Duration.ofSeconds(1).toNanos());
        });
    }

    @Test
    void anEndpointThatRestsAfterFailuresPausesResumesAndCloses() {
        withPair((_, network, pair) -> {
            var transport = pair.server().transport;
            failToReceive(network, 4);
            pair.send("received");
            pair.server().awaitErrors(2);
            assertThat(transport.isReading()).isTrue();
            transport.pauseReading();
            assertThat(transport.isReading()).isFalse();
            Async.sleep(Duration.ofSeconds(1));
            assertThat(pair.server().errors).hasSize(2);
            transport.resumeReading();
            pair.server().awaitErrors(3);
            transport.close();
            Async.sleep(Duration.ofSeconds(1));
            assertThat(pair.server().events)
                    .containsExactly("made", "error", "error", "error", "lost");
        });
    }

    @Test
    void anEndpointThatTheSystemDoesNotAllowNamesTheRemedy() {
        TestRun.run(
                newLoop(),
                run -> {
                    run.loop.provideService(
                            Network.class,
                            new StreamsOnly() {
                                @Override
                                public DatagramLink bindDatagram(
                                        SocketAddress local,
                                        SocketAddress remote,
                                        DatagramOptions options)
                                        throws IOException {
                                    throw new BindException("Permission denied");
                                }
                            });
                    var low = new InetSocketAddress(LOCALHOST, 53);
                    assertThatThrownBy(() -> open(low, null))
                            .isInstanceOf(BindException.class)
                            .hasMessage(
                                    "cannot open a datagram endpoint on 127.0.0.1:53: Permission"
                                            + " denied; the system may keep low ports to itself:"
                                            + " choose another local port");
                });
    }

    @Test
    void aNetworkWithoutDatagramsSaysSo() {
        TestRun.run(
                newLoop(),
                run -> {
                    run.loop.provideService(Network.class, new StreamsOnly());
                    assertThatThrownBy(() -> open(ANY_PORT, null))
                            .isInstanceOf(UnsupportedOperationException.class)
                            .hasMessageContaining("StreamsOnly has no datagrams");
                });
    }
}
